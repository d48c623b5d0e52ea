package dev.sheaf.localstack.servers.sqs;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reads and writes a queue's settings in the words of SQS: a map of texts. */
final class QueueAttributes {
  private static final ObjectMapper JSON = JsonMapper.builder().build();
  private static final String VISIBILITY = "VisibilityTimeout";
  private static final String DELAY = "DelaySeconds";
  private static final String WAIT = "ReceiveMessageWaitTimeSeconds";
  private static final String REDRIVE = "RedrivePolicy";

  private final Queues queues;

  QueueAttributes(Queues queues) {
    this.queues = queues;
  }

  /** The settings with what the attributes name in the place of what was; others are refused. */
  QueueSettings over(QueueSettings before, JsonNode attributes) throws SqsException {
    QueueSettings settings = before;
    for (Map.Entry<String, JsonNode> entry : attributes.properties()) {
      settings = over(settings, entry.getKey(), entry.getValue().asText());
    }
    return settings;
  }

  private QueueSettings over(QueueSettings s, String name, String value) throws SqsException {
    return switch (name) {
      case VISIBILITY ->
          new QueueSettings(
              seconds(name, value, 43_200),
              s.delay(),
              s.longPoll(),
              s.deadLetters(),
              s.maxReceives());
      case DELAY ->
          new QueueSettings(
              s.visibility(),
              seconds(name, value, 900),
              s.longPoll(),
              s.deadLetters(),
              s.maxReceives());
      case WAIT ->
          new QueueSettings(
              s.visibility(),
              s.delay(),
              seconds(name, value, 20),
              s.deadLetters(),
              s.maxReceives());
      case REDRIVE -> redrive(s, value);
      default ->
          throw SqsException.invalid("InvalidAttributeName", "not offered here: attribute " + name);
    };
  }

  private QueueSettings redrive(QueueSettings s, String policy) throws SqsException {
    try {
      JsonNode json = JSON.readTree(policy);
      int maxReceives = json.path("maxReceiveCount").asInt();
      if (maxReceives < 1) {
        throw SqsException.invalidParameter("maxReceiveCount in " + policy + " is not above 0");
      }
      MessageQueue deadLetters = queues.byLastPart(json.path("deadLetterTargetArn").asText());
      return new QueueSettings(s.visibility(), s.delay(), s.longPoll(), deadLetters, maxReceives);
    } catch (JsonProcessingException e) {
      throw SqsException.invalidParameter("RedrivePolicy is not JSON: " + policy);
    }
  }

  private static Duration seconds(String name, String value, long most) throws SqsException {
    try {
      long seconds = Long.parseLong(value);
      if (seconds >= 0 && seconds <= most) {
        return Duration.ofSeconds(seconds);
      }
    } catch (NumberFormatException e) {
      // as for one that is out of range
    }
    throw SqsException.invalid(
        "InvalidAttributeValue", name + " is '" + value + "'; expected 0 to " + most);
  }

  /** All attributes of a queue. */
  ObjectNode of(MessageQueue queue) {
    QueueSettings settings = queue.settings();
    MessageQueue.Counts counts = queue.counts();
    ObjectNode all =
        JSON.createObjectNode()
            .put("QueueArn", queues.arn(queue))
            .put("ApproximateNumberOfMessages", Integer.toString(counts.visible()))
            .put("ApproximateNumberOfMessagesNotVisible", Integer.toString(counts.inFlight()))
            .put("ApproximateNumberOfMessagesDelayed", Integer.toString(counts.delayed()))
            .put("MaximumMessageSize", Integer.toString(SqsActions.MESSAGE_BYTES))
            .put(VISIBILITY, Long.toString(settings.visibility().toSeconds()))
            .put(DELAY, Long.toString(settings.delay().toSeconds()))
            .put(WAIT, Long.toString(settings.longPoll().toSeconds()));
    @Nullable MessageQueue deadLetters = settings.deadLetters();
    if (deadLetters != null) {
      all.put(
          REDRIVE,
          JSON.createObjectNode()
              .put("deadLetterTargetArn", queues.arn(deadLetters))
              .put("maxReceiveCount", settings.maxReceives())
              .toString());
    }
    return all;
  }
}
