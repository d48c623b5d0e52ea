package dev.sheaf.localstack.servers.sqs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.sheaf.localstack.servers.Clients;
import dev.sheaf.localstack.servers.LocalServers;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.services.sqs.SqsClient;
import software.amazon.awssdk.services.sqs.model.DeleteMessageBatchRequestEntry;
import software.amazon.awssdk.services.sqs.model.Message;
import software.amazon.awssdk.services.sqs.model.MessageNotInflightException;
import software.amazon.awssdk.services.sqs.model.MessageSystemAttributeName;
import software.amazon.awssdk.services.sqs.model.QueueAttributeName;
import software.amazon.awssdk.services.sqs.model.QueueDoesNotExistException;
import software.amazon.awssdk.services.sqs.model.SendMessageBatchRequestEntry;

class SqsServerTest {
  @Test
  void aMessageReceivedThriceGoesToTheDeadLetters() throws Exception {
    try (LocalServers servers = LocalServers.builder().sqs().start();
        SqsClient sqs = Clients.sqs(servers)) {
      SqsServer.Queue queue = servers.sqs().createQueue("jobs", Duration.ofSeconds(1), 3);
      assertThat(queue.url().getPort()).isEqualTo(servers.sqs().endpoint().getPort());
      assertThat(queue.url().getHost()).isEqualTo("127.0.0.1");
      sqs.sendMessage(m -> m.queueUrl(queue.url().toString()).messageBody("poison"));
      for (int receive = 1; receive <= 3; receive++) {
        assertThat(receive(sqs, queue.url(), 5))
            .extracting(Message::body)
            .containsExactly("poison");
        assertThat(receive(sqs, queue.url(), 0)).as("hidden while visibility lasts").isEmpty();
      }
      // The move happens when somebody asks the queue once more.
      assertThat(receive(sqs, queue.url(), 2)).isEmpty();
      assertThat(receive(sqs, queue.deadLetterUrl(), 5))
          .extracting(Message::body)
          .containsExactly("poison");
    }
  }

  private static LocalServers start() throws java.io.IOException {
    return LocalServers.builder().sqs().start();
  }

  @Test
  void aDelayedMessageIsNotThereUntilItsTimeHasCome() throws Exception {
    try (LocalServers servers = start();
        SqsClient sqs = Clients.sqs(servers)) {
      URI url = servers.sqs().createQueue("jobs", Duration.ofSeconds(30), 3).url();
      sqs.sendMessage(m -> m.queueUrl(url.toString()).messageBody("later").delaySeconds(2));
      sqs.sendMessage(m -> m.queueUrl(url.toString()).messageBody("now"));
      assertThat(counts(sqs, url)).containsExactly("1", "0", "1");
      assertThat(receive(sqs, url, 0)).extracting(Message::body).containsExactly("now");
      assertThat(receive(sqs, url, 0)).isEmpty();
      assertThat(receive(sqs, url, 20)).extracting(Message::body).containsExactly("later");
      assertThat(counts(sqs, url)).containsExactly("0", "2", "0");
    }
  }

  /** Visible, in flight, delayed. */
  private static List<String> counts(SqsClient sqs, URI queue) {
    var attributes =
        sqs.getQueueAttributes(
                g -> g.queueUrl(queue.toString()).attributeNames(QueueAttributeName.ALL))
            .attributesAsStrings();
    return List.of(
        attributes.get("ApproximateNumberOfMessages"),
        attributes.get("ApproximateNumberOfMessagesNotVisible"),
        attributes.get("ApproximateNumberOfMessagesDelayed"));
  }

  @Test
  void aReceiveWaitsForWhatIsSentMeanwhile() throws Exception {
    try (LocalServers servers = start();
        SqsClient sqs = Clients.sqs(servers);
        var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      URI url = servers.sqs().createQueue("jobs", Duration.ofSeconds(30), 3).url();
      var waiting = threads.submit(() -> receive(sqs, url, 20));
      sqs.sendMessage(m -> m.queueUrl(url.toString()).messageBody("x"));
      assertThat(waiting.get()).extracting(Message::body).containsExactly("x");
    }
  }

  @Test
  void visibilityIsChangedByTheLastReceiptOnly() throws Exception {
    try (LocalServers servers = start();
        SqsClient sqs = Clients.sqs(servers)) {
      URI url = servers.sqs().createQueue("jobs", Duration.ofHours(1), 9).url();
      String queue = url.toString();
      sqs.sendMessage(m -> m.queueUrl(queue).messageBody("x"));
      Message first = receive(sqs, url, 5).getFirst();
      sqs.changeMessageVisibility(
          c -> c.queueUrl(queue).receiptHandle(first.receiptHandle()).visibilityTimeout(0));
      Message second = receive(sqs, url, 5).getFirst();
      assertThat(second.messageId()).isEqualTo(first.messageId());
      assertThat(second.attributesAsStrings()).containsEntry("ApproximateReceiveCount", "2");
      assertThatThrownBy(() ->
              sqs.changeMessageVisibility(
                  c -> c.queueUrl(queue).receiptHandle(first.receiptHandle()).visibilityTimeout(0)))
          .isInstanceOf(MessageNotInflightException.class);
      sqs.deleteMessage(d -> d.queueUrl(queue).receiptHandle(first.receiptHandle()));
      assertThat(counts(sqs, url))
          .as("an old receipt deletes nothing")
          .containsExactly("0", "1", "0");
      sqs.deleteMessage(d -> d.queueUrl(queue).receiptHandle(second.receiptHandle()));
      assertThat(counts(sqs, url)).containsExactly("0", "0", "0");
      sqs.deleteMessage(d -> d.queueUrl(queue).receiptHandle(second.receiptHandle()));
    }
  }

  private static SendMessageBatchRequestEntry entry(String id, String body) {
    return SendMessageBatchRequestEntry.builder().id(id).messageBody(body).build();
  }

  private static DeleteMessageBatchRequestEntry receipt(String id, String handle) {
    return DeleteMessageBatchRequestEntry.builder().id(id).receiptHandle(handle).build();
  }

  @Test
  void aBatchTellsOfEachEntry() throws Exception {
    try (LocalServers servers = start();
        SqsClient sqs = Clients.sqs(servers)) {
      URI url = servers.sqs().createQueue("jobs", Duration.ofSeconds(30), 3).url();
      var sent =
          sqs.sendMessageBatch(b ->
              b.queueUrl(url.toString()).entries(entry("good", "ä"), entry("bad", "a\u0001b")));
      assertThat(sent.successful()).extracting(s -> s.id()).containsExactly("good");
      assertThat(sent.failed())
          .extracting(f -> f.id() + " " + f.code())
          .containsExactly("bad InvalidMessageContents");
      List<Message> got = receive(sqs, url, 5);
      var deleted =
          sqs.deleteMessageBatch(b ->
              b.queueUrl(url.toString())
                  .entries(receipt("1", got.getFirst().receiptHandle()), receipt("2", "nonsense")));
      assertThat(deleted.successful()).extracting(d -> d.id()).containsExactly("1");
      assertThat(deleted.failed())
          .extracting(f -> f.id() + " " + f.code())
          .containsExactly("2 ReceiptHandleIsInvalid");
    }
  }

  @Test
  void whatIsWrongIsNamedAsTheServiceNamesIt() throws Exception {
    try (LocalServers servers = start();
        SqsClient sqs = Clients.sqs(servers)) {
      String queue = servers.sqs().createQueue("jobs", Duration.ofSeconds(30), 3).url().toString();
      String absent = queue.replace("jobs", "absent");
      assertThatThrownBy(() -> sqs.sendMessage(m -> m.queueUrl(absent).messageBody("x")))
          .isInstanceOf(QueueDoesNotExistException.class);
      for (Runnable call :
          List.<Runnable>of(
              () -> sqs.sendMessage(m -> m.queueUrl(queue).messageBody("x").delaySeconds(901)),
              () -> sqs.sendMessage(m -> m.queueUrl(queue).messageBody("x".repeat((1 << 20) + 1))),
              () -> sqs.receiveMessage(r -> r.queueUrl(queue).maxNumberOfMessages(11)),
              () -> sqs.receiveMessage(r -> r.queueUrl(queue).waitTimeSeconds(21)))) {
        assertThatThrownBy(call::run)
            .isInstanceOfSatisfying(
                software.amazon.awssdk.services.sqs.model.SqsException.class,
                e ->
                    assertThat(e.awsErrorDetails().errorCode()).isEqualTo("InvalidParameterValue"));
      }
      sqs.sendMessage(m -> m.queueUrl(queue).messageBody("x".repeat(1 << 20)));
    }
  }

  @Test
  void closingEndsReceivesThatWait() throws Exception {
    LocalServers servers = start();
    try (SqsClient sqs = Clients.sqs(servers);
        var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      URI url = servers.sqs().createQueue("jobs", Duration.ofSeconds(30), 3).url();
      CountDownLatch asked = new CountDownLatch(1);
      var waiting =
          threads.submit(() -> {
            asked.countDown();
            return catchThrowable(() -> receive(sqs, url, 20));
          });
      asked.await();
      long begin = System.nanoTime();
      servers.close();
      assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(15));
      waiting.cancel(true);
    }
  }

  private static List<Message> receive(SqsClient sqs, URI queue, int waitSeconds) {
    return sqs.receiveMessage(r ->
            r.queueUrl(queue.toString())
                .maxNumberOfMessages(10)
                .waitTimeSeconds(waitSeconds)
                .messageSystemAttributeNames(MessageSystemAttributeName.ALL))
        .messages();
  }
}
