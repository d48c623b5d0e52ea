package dev.sheaf.localstack.servers.sqs;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.net.URI;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The actions of SQS, from a request's JSON to an answer's. Message attributes are not offered. */
final class SqsActions {
  /** Of a message, and of all in a batch together. */
  static final int MESSAGE_BYTES = 1 << 20;

  private static final int BATCH = 10;
  private static final long MOST_DELAY = 900;
  private static final long MOST_VISIBILITY = 43_200;
  private static final long MOST_WAIT = 20;

  private final Queues queues;
  private final Supplier<URI> endpoint;
  private final String account;

  SqsActions(Queues queues, Supplier<URI> endpoint, String account) {
    this.queues = queues;
    this.endpoint = endpoint;
    this.account = account;
  }

  /**
   * Runs one request.
   *
   * @param action such as {@code SendMessage}
   */
  JsonNode run(String action, JsonNode request) throws SqsException, InterruptedException {
    return switch (action) {
      case "CreateQueue" -> url(create(request));
      case "GetQueueUrl" -> url(queues.get(text(request, "QueueName")));
      case "ListQueues" -> list(request);
      case "DeleteQueue" -> done(() -> queues.delete(queue(request)));
      case "PurgeQueue" -> done(() -> queue(request).purge());
      case "GetQueueAttributes" -> attributes(queue(request), request);
      case "SetQueueAttributes" -> set(queue(request), request.path("Attributes"));
      case "SendMessage" -> send(queue(request), request);
      case "ReceiveMessage" -> receive(queue(request), request);
      case "DeleteMessage" -> done(() -> queue(request).delete(text(request, "ReceiptHandle")));
      case "ChangeMessageVisibility" -> changeVisibility(queue(request), request);
      case "SendMessageBatch" -> sendBatch(queue(request), request);
      case "DeleteMessageBatch" ->
          batch(request, entry -> done(() -> queue(request).delete(text(entry, "ReceiptHandle"))));
      case "ChangeMessageVisibilityBatch" ->
          batch(request, entry -> changeVisibility(queue(request), entry));
      default -> throw SqsException.invalid("UnsupportedOperation", "not offered here: " + action);
    };
  }

  // ---- queues

  private MessageQueue queue(JsonNode request) throws SqsException {
    return queues.byLastPart(text(request, "QueueUrl"));
  }

  private MessageQueue create(JsonNode request) throws SqsException {
    QueueAttributes attributes = new QueueAttributes(queues);
    return queues.create(
        text(request, "QueueName"),
        attributes.over(QueueSettings.DEFAULTS, request.path("Attributes")));
  }

  URI url(String queue) {
    return endpoint.get().resolve("/" + account + "/" + queue);
  }

  private JsonNode url(MessageQueue queue) {
    return object().put("QueueUrl", url(queue.name()).toString());
  }

  private JsonNode list(JsonNode request) {
    String prefix = request.path("QueueNamePrefix").asText("");
    ObjectNode answer = object();
    ArrayNode urls = answer.putArray("QueueUrls");
    queues.all().stream()
        .map(MessageQueue::name)
        .filter(name -> name.startsWith(prefix))
        .sorted()
        .forEach(name -> urls.add(url(name).toString()));
    return answer;
  }

  private JsonNode attributes(MessageQueue queue, JsonNode request) {
    Set<String> wanted = new HashSet<>();
    request.path("AttributeNames").forEach(name -> wanted.add(name.asText()));
    ObjectNode all = new QueueAttributes(queues).of(queue);
    if (!wanted.contains("All")) {
      all.retain(wanted);
    }
    ObjectNode answer = object();
    answer.set("Attributes", all);
    return answer;
  }

  private JsonNode set(MessageQueue queue, JsonNode attributes) throws SqsException {
    queue.set(new QueueAttributes(queues).over(queue.settings(), attributes));
    return object();
  }

  // ---- messages

  private static ObjectNode send(MessageQueue queue, JsonNode message) throws SqsException {
    String body = text(message, "MessageBody");
    if (body.getBytes(UTF_8).length > MESSAGE_BYTES) {
      throw SqsException.tooLarge("Message", MESSAGE_BYTES);
    }
    if (!body.codePoints().allMatch(SqsActions::isAllowed)) {
      throw SqsException.invalid(
          "InvalidMessageContents", "the message holds characters that XML 1.0 does not have");
    }
    if (!message.path("MessageAttributes").isEmpty()) {
      throw SqsException.invalid("UnsupportedOperation", "message attributes are not offered here");
    }
    Duration delay = seconds(message, "DelaySeconds", MOST_DELAY);
    return object().put("MD5OfMessageBody", md5(body)).put("MessageId", queue.send(body, delay));
  }

  private static boolean isAllowed(int c) {
    return c == 9
        || c == 10
        || c == 13
        || (c >= 32 && c <= 0xD7FF)
        || (c >= 0xE000 && c <= 0xFFFD)
        || c >= 0x10000;
  }

  private static JsonNode sendBatch(MessageQueue queue, JsonNode request) throws SqsException {
    long bytes = 0;
    for (JsonNode entry : request.path("Entries")) {
      bytes += entry.path("MessageBody").asText().getBytes(UTF_8).length;
    }
    if (bytes > MESSAGE_BYTES) {
      throw SqsException.invalid(
          "BatchRequestTooLong", "the batch is longer than " + MESSAGE_BYTES + " bytes");
    }
    return batch(request, entry -> send(queue, entry));
  }

  private static JsonNode receive(MessageQueue queue, JsonNode request)
      throws SqsException, InterruptedException {
    int most = (int) number(request, "MaxNumberOfMessages", 1, 1, BATCH);
    Duration visibility = seconds(request, "VisibilityTimeout", MOST_VISIBILITY);
    Duration wait = seconds(request, "WaitTimeSeconds", MOST_WAIT);
    List<MessageQueue.Delivery> deliveries =
        queue.receive(most, visibility, wait == null ? queue.settings().longPoll() : wait);
    ObjectNode answer = object();
    if (!deliveries.isEmpty()) {
      ArrayNode messages = answer.putArray("Messages");
      Set<String> wanted = systemAttributes(request);
      deliveries.forEach(delivery -> messages.add(message(delivery, wanted)));
    }
    return answer;
  }

  private static Set<String> systemAttributes(JsonNode request) {
    Set<String> wanted = new HashSet<>();
    request.path("MessageSystemAttributeNames").forEach(name -> wanted.add(name.asText()));
    request.path("AttributeNames").forEach(name -> wanted.add(name.asText()));
    return wanted;
  }

  private static ObjectNode message(MessageQueue.Delivery delivery, Set<String> wanted) {
    ObjectNode message =
        object()
            .put("MessageId", delivery.id())
            .put("ReceiptHandle", delivery.handle())
            .put("MD5OfBody", md5(delivery.body()))
            .put("Body", delivery.body());
    ObjectNode attributes =
        object()
            .put("SenderId", "AIDALOCAL")
            .put("SentTimestamp", Long.toString(delivery.sentMillis()))
            .put("ApproximateReceiveCount", Integer.toString(delivery.receives()))
            .put("ApproximateFirstReceiveTimestamp", Long.toString(delivery.firstReceivedMillis()));
    if (!wanted.contains("All")) {
      attributes.retain(wanted);
    }
    if (!attributes.isEmpty()) {
      message.set("Attributes", attributes);
    }
    return message;
  }

  private static ObjectNode changeVisibility(MessageQueue queue, JsonNode entry)
      throws SqsException {
    long seconds = number(entry, "VisibilityTimeout", -1, 0, MOST_VISIBILITY);
    queue.changeVisibility(text(entry, "ReceiptHandle"), Duration.ofSeconds(seconds));
    return object();
  }

  // ---- what they share

  private static ObjectNode batch(JsonNode request, Each each) throws SqsException {
    JsonNode entries = request.path("Entries");
    if (entries.isEmpty()) {
      throw SqsException.invalid("EmptyBatchRequest", "There should be at least one entry.");
    }
    Set<String> ids = new HashSet<>();
    for (JsonNode entry : entries) {
      if (!ids.add(text(entry, "Id"))) {
        throw SqsException.invalid("BatchEntryIdsNotDistinct", "Two entries have one Id.");
      }
    }
    if (ids.size() > BATCH) {
      throw SqsException.invalid(
          "TooManyEntriesInBatchRequest", "At most " + BATCH + " entries are allowed.");
    }
    ObjectNode answer = object();
    ArrayNode successful = answer.putArray("Successful");
    ArrayNode failed = answer.putArray("Failed");
    for (JsonNode entry : entries) {
      try {
        successful.add(each.run(entry).put("Id", text(entry, "Id")));
      } catch (SqsException e) {
        failed
            .addObject()
            .put("Id", text(entry, "Id"))
            .put("SenderFault", true)
            .put("Code", e.type())
            .put("Message", e.getMessage());
      }
    }
    return answer;
  }

  private interface Each {
    ObjectNode run(JsonNode entry) throws SqsException;
  }

  private interface Effect {
    void run() throws SqsException;
  }

  private static ObjectNode done(Effect effect) throws SqsException {
    effect.run();
    return object();
  }

  private static String text(JsonNode request, String name) throws SqsException {
    String value = request.path(name).asText("");
    if (value.isEmpty()) {
      throw SqsException.invalid(
          "MissingParameter", "The request must contain the parameter " + name + ".");
    }
    return value;
  }

  private static @Nullable Duration seconds(JsonNode request, String name, long most)
      throws SqsException {
    return request.hasNonNull(name)
        ? MessageQueue.seconds(number(request, name, 0, 0, most))
        : null;
  }

  private static long number(JsonNode request, String name, long absent, long least, long most)
      throws SqsException {
    JsonNode given = request.path(name);
    long value = given.isMissingNode() || given.isNull() ? absent : given.asLong(Long.MIN_VALUE);
    if (value < least || value > most) {
      throw SqsException.invalidParameter(
          "Value %s for parameter %s is invalid. Reason: must be between %d and %d."
              .formatted(given, name, least, most));
    }
    return value;
  }

  private static String md5(String body) {
    try {
      return HexFormat.of()
          .formatHex(MessageDigest.getInstance("MD5").digest(body.getBytes(UTF_8)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e); // every JDK has it
    }
  }

  private static ObjectNode object() {
    return JsonNodeFactory.instance.objectNode();
  }
}
