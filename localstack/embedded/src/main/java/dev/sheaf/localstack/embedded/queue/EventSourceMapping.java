package dev.sheaf.localstack.embedded.queue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sheaf.localstack.embedded.lambda.LocalFunction;
import dev.sheaf.localstack.embedded.lambda.Outcome;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.sqs.SqsClient;
import software.amazon.awssdk.services.sqs.model.DeleteMessageBatchRequestEntry;
import software.amazon.awssdk.services.sqs.model.Message;
import software.amazon.awssdk.services.sqs.model.MessageSystemAttributeName;

/**
 * Takes messages from a queue to a function: batches of up to ten, partial batch responses, at most
 * so many batches at a time. A message that the function took is deleted; one that it did not take
 * becomes visible again, and the queue gives it up after three receives.
 */
public final class EventSourceMapping implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(EventSourceMapping.class);
  private static final ObjectMapper JSON = JsonMapper.builder().build();
  private static final int LONG_POLL_SECONDS = 20;
  private static final int PAUSE_SECONDS = 1;

  private final SqsClient sqs;
  private final Source source;
  private final LocalFunction function;
  private final CountDownLatch closed = new CountDownLatch(1);
  private final ExecutorService pollers = Executors.newVirtualThreadPerTaskExecutor();

  /**
   * Where messages come from.
   *
   * @param batchSize at most 10
   * @param concurrency batches at a time
   * @param retryAfter when a message that failed is offered again. AWS waits for the rest of its
   *     visibility timeout, here 90 minutes: too long for somebody who looks at the screen.
   */
  public record Source(
      String queueUrl,
      String queueArn,
      String region,
      int batchSize,
      int concurrency,
      Duration retryAfter) {}

  private EventSourceMapping(SqsClient sqs, Source source, LocalFunction function) {
    this.sqs = sqs;
    this.source = source;
    this.function = function;
  }

  /** Begins to poll. The client stays the caller's. */
  public static EventSourceMapping start(SqsClient sqs, Source source, LocalFunction function) {
    EventSourceMapping mapping = new EventSourceMapping(sqs, source, function);
    for (int i = 0; i < source.concurrency(); i++) {
      mapping.pollers.execute(mapping::poll);
    }
    return mapping;
  }

  private void poll() {
    while (!Thread.currentThread().isInterrupted()) {
      try {
        List<Message> batch = receive();
        if (!batch.isEmpty()) {
          settle(batch, function.invoke(event(batch)));
        }
      } catch (SdkException e) {
        pauseAfter(e);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private void pauseAfter(SdkException e) {
    try {
      if (!closed.await(PAUSE_SECONDS, TimeUnit.SECONDS)) {
        log.error("the queue cannot be polled: {}", e.getMessage());
      }
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private List<Message> receive() {
    return sqs.receiveMessage(r ->
            r.queueUrl(source.queueUrl())
                .maxNumberOfMessages(source.batchSize())
                .waitTimeSeconds(LONG_POLL_SECONDS)
                .messageSystemAttributeNames(MessageSystemAttributeName.ALL))
        .messages();
  }

  private String event(List<Message> batch) {
    ObjectNode event = JSON.createObjectNode();
    var records = event.putArray("Records");
    for (Message message : batch) {
      ObjectNode record = records.addObject();
      record.put("messageId", message.messageId());
      record.put("receiptHandle", message.receiptHandle());
      record.put("body", message.body());
      ObjectNode attributes = record.putObject("attributes");
      message.attributesAsStrings().forEach(attributes::put);
      record.putObject("messageAttributes");
      record.put("md5OfBody", message.md5OfBody());
      record.put("eventSource", "aws:sqs");
      record.put("eventSourceARN", source.queueArn());
      record.put("awsRegion", source.region());
    }
    return event.toString();
  }

  private void settle(List<Message> batch, Outcome outcome) {
    Set<String> failed = failed(batch, outcome);
    List<Message> taken = new ArrayList<>();
    for (Message message : batch) {
      if (failed.contains(message.messageId())) {
        sqs.changeMessageVisibility(c ->
            c.queueUrl(source.queueUrl())
                .receiptHandle(message.receiptHandle())
                .visibilityTimeout((int) source.retryAfter().toSeconds()));
      } else {
        taken.add(message);
      }
    }
    if (!taken.isEmpty()) {
      sqs.deleteMessageBatch(d ->
          d.queueUrl(source.queueUrl())
              .entries(
                  taken.stream()
                      .map(message ->
                          DeleteMessageBatchRequestEntry.builder()
                              .id(message.messageId())
                              .receiptHandle(message.receiptHandle())
                              .build())
                      .toList()));
    }
  }

  /**
   * As Lambda reads a partial batch response: one that it cannot read, or that names a message that
   * was not in the batch, fails the whole batch.
   */
  private static Set<String> failed(List<Message> batch, Outcome outcome) {
    Set<String> all = batch.stream().map(Message::messageId).collect(Collectors.toSet());
    if (!(outcome instanceof Outcome.Answer answer)) {
      return all;
    }
    try {
      Set<String> failed = new HashSet<>();
      for (JsonNode failure : JSON.readTree(answer.json()).path("batchItemFailures")) {
        failed.add(failure.path("itemIdentifier").asText(""));
      }
      return all.containsAll(failed) ? failed : all;
    } catch (IOException e) {
      log.error("the function's batch response is not JSON: {}", e.getMessage());
      return all;
    }
  }

  /** Stops polling; a batch under way is interrupted, and its messages come back one day. */
  @Override
  public void close() {
    closed.countDown();
    pollers.shutdownNow();
    pollers.close();
  }
}
