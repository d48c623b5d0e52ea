package dev.sheaf.localstack.servers.sqs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sheaf.localstack.servers.Clients;
import dev.sheaf.localstack.servers.LocalServers;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.services.sqs.SqsClient;
import software.amazon.awssdk.services.sqs.model.Message;

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

  private static List<Message> receive(SqsClient sqs, URI queue, int waitSeconds) {
    return sqs.receiveMessage(
            r -> r.queueUrl(queue.toString()).maxNumberOfMessages(10).waitTimeSeconds(waitSeconds))
        .messages();
  }
}
