package dev.sheaf.localstack.servers.sqs;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.typesafe.config.ConfigFactory;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.HttpURLConnection;
import java.net.URI;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.pekko.actor.ActorSystem;
import org.elasticmq.rest.sqs.SQSRestServer;
import org.elasticmq.rest.sqs.SQSRestServerBuilder;

/**
 * An SQS endpoint on the loopback interface. Queues and messages are in memory: whoever needs them
 * after a restart makes them anew.
 */
public final class SqsServer implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(5);
  private static final ObjectMapper JSON = JsonMapper.builder().build();

  private final ActorSystem actors;
  private final URI endpoint;
  private final String region;
  private final String account;

  private SqsServer(ActorSystem actors, URI endpoint, String region, String account) {
    this.actors = actors;
    this.endpoint = endpoint;
    this.region = region;
    this.account = account;
  }

  /**
   * Starts an endpoint without queues.
   *
   * @param port 0 picks a free one
   */
  public static SqsServer start(int port, String region, String account) throws IOException {
    ActorSystem actors =
        ActorSystem.create(
            "sqs",
            ConfigFactory.parseString(
                    """
                    pekko.loglevel = WARNING
                    pekko.stdout-loglevel = WARNING
                    pekko.daemonic = on
                    pekko.jvm-shutdown-hooks = off
                    pekko.coordinated-shutdown.run-by-jvm-shutdown-hook = off
                    """)
                .withFallback(ConfigFactory.load()));
    try {
      SQSRestServer server =
          SQSRestServerBuilder.withActorSystem(actors)
              .withInterface("127.0.0.1")
              .withPort(port)
              .withAWSRegion(region)
              .withAWSAccountId(account)
              .start();
      int bound = server.waitUntilStarted().localAddress().getPort();
      return new SqsServer(actors, URI.create("http://127.0.0.1:" + bound), region, account);
    } catch (RuntimeException e) {
      actors.terminate();
      throw new IOException("SQS does not start on port " + port + ": " + e.getMessage(), e);
    }
  }

  public URI endpoint() {
    return endpoint;
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
    String deadLetters = name + "-dlq";
    URI deadLetterUrl = create(deadLetters, JSON.createObjectNode());
    ObjectNode redrive = JSON.createObjectNode();
    redrive.put("deadLetterTargetArn", arn(deadLetters));
    redrive.put("maxReceiveCount", Integer.toString(maxReceives));
    ObjectNode attributes = JSON.createObjectNode();
    attributes.put("VisibilityTimeout", Long.toString(visibility.toSeconds()));
    attributes.put("RedrivePolicy", redrive.toString());
    return new Queue(create(name, attributes), arn(name), deadLetterUrl);
  }

  private String arn(String queue) {
    return "arn:aws:sqs:" + region + ":" + account + ":" + queue;
  }

  private URI create(String name, ObjectNode attributes) throws IOException {
    ObjectNode request = JSON.createObjectNode();
    request.put("QueueName", name);
    request.set("Attributes", attributes);
    HttpURLConnection http = (HttpURLConnection) endpoint.toURL().openConnection();
    http.setRequestMethod("POST");
    http.setRequestProperty("Content-Type", "application/x-amz-json-1.0");
    http.setRequestProperty("X-Amz-Target", "AmazonSQS.CreateQueue");
    http.setDoOutput(true);
    try (OutputStream out = http.getOutputStream()) {
      out.write(request.toString().getBytes(UTF_8));
    }
    int status = http.getResponseCode();
    try (InputStream in = status == 200 ? http.getInputStream() : http.getErrorStream()) {
      String answer = in == null ? "" : new String(in.readAllBytes(), UTF_8);
      if (status != 200) {
        throw new IOException("cannot create queue " + name + ": " + status + " " + answer);
      }
      return URI.create(JSON.readTree(answer).path("QueueUrl").asText());
    }
  }

  /**
   * Stops at once. ElasticMQ's own way of stopping waits for every long poll to end, whether or not
   * somebody still listens, and there is nothing to save.
   */
  @Override
  public void close() throws IOException {
    actors.terminate();
    try {
      actors
          .getWhenTerminated()
          .toCompletableFuture()
          .get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException | TimeoutException e) {
      throw new IOException("SQS does not stop: " + e.getMessage(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
