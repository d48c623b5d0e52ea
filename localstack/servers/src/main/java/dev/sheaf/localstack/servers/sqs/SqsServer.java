package dev.sheaf.localstack.servers.sqs;

import dev.sheaf.localstack.servers.access.Endpoint;
import dev.sheaf.localstack.servers.access.Signatures;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.time.InstantSource;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicReference;
import java.util.random.RandomGenerator;

/**
 * An SQS endpoint on the loopback interface, for requests that are signed with the stack's
 * credentials. Standard queues only; they and their messages are in memory: whoever needs them
 * after a restart makes them anew.
 */
public final class SqsServer implements AutoCloseable {
  /** Longer than a receive may wait. */
  private static final Duration IDLE_CONNECTION = Duration.ofSeconds(60);

  private final Endpoint endpoint;
  private final Queues queues;
  private final SqsActions actions;

  private SqsServer(Endpoint endpoint, Queues queues, SqsActions actions) {
    this.endpoint = endpoint;
    this.queues = queues;
    this.actions = actions;
  }

  /**
   * Starts an endpoint without queues.
   *
   * @param port 0 picks a free one
   * @param signatures every request must bear one
   * @param clock stamps messages
   * @param random names messages and receipts
   */
  public static SqsServer start(
      int port,
      String region,
      String account,
      Signatures signatures,
      InstantSource clock,
      RandomGenerator random)
      throws IOException {
    Queues queues =
        new Queues(
            "arn:aws:sqs:" + region + ":" + account + ":",
            new MessageQueue.Clocks(
                clock,
                System::nanoTime,
                () -> new UUID(random.nextLong(), random.nextLong()).toString()));
    AtomicReference<URI> own = new AtomicReference<>(URI.create("http://127.0.0.1"));
    SqsActions actions = new SqsActions(queues, own::get, account);
    Endpoint endpoint =
        Endpoint.start(
            "SQS",
            Endpoint.Listen.loopback(port),
            IDLE_CONNECTION,
            new SqsHandler(actions, signatures));
    own.set(endpoint.uri());
    return new SqsServer(endpoint, queues, actions);
  }

  public URI endpoint() {
    return endpoint.uri();
  }

  /** A queue with its dead letters. */
  public record Queue(URI url, String arn, URI deadLetterUrl) {}

  /**
   * Creates a queue, and beside it {@code <name>-dlq} for what was received too often.
   *
   * @param visibility how long a received message stays hidden from others
   * @param maxReceives after so many receives without a delete, a message goes to the dead letters
   */
  public Queue createQueue(String name, Duration visibility, int maxReceives) throws IOException {
    QueueSettings plain = QueueSettings.DEFAULTS;
    try {
      MessageQueue deadLetters = queues.create(name + "-dlq", plain);
      MessageQueue queue =
          queues.create(
              name,
              new QueueSettings(
                  visibility, plain.delay(), plain.longPoll(), deadLetters, maxReceives));
      return new Queue(
          actions.url(queue.name()), queues.arn(queue), actions.url(deadLetters.name()));
    } catch (SqsException e) {
      throw new IOException("cannot create queue " + name + ": " + e.getMessage(), e);
    }
  }

  /** Stops at once, also receives that wait: there is nothing to save. */
  @Override
  public void close() throws IOException {
    queues.all().forEach(MessageQueue::close);
    endpoint.close();
  }
}
