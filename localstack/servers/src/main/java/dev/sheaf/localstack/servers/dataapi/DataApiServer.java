package dev.sheaf.localstack.servers.dataapi;

import java.io.IOException;
import java.net.URI;
import java.util.concurrent.Executors;
import java.util.function.UnaryOperator;
import java.util.random.RandomGenerator;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.thread.QueuedThreadPool;

/**
 * An endpoint that answers the RDS Data API out of a Postgres. It checks ARNs but no signatures,
 * and listens on the loopback interface only, unless told otherwise.
 */
public final class DataApiServer implements AutoCloseable {
  /** Longer than any statement may take. */
  private static final long IDLE_CONNECTION_MILLIS = 120_000;

  private final Server server;
  private final ServerConnector connector;
  private final Operations operations;
  private final DataApiHandler handler;

  private DataApiServer(
      Server server, ServerConnector connector, Operations operations, DataApiHandler handler) {
    this.server = server;
    this.connector = connector;
    this.operations = operations;
    this.handler = handler;
  }

  /**
   * The cluster that the endpoint stands for.
   *
   * @param arn requests for another are refused
   * @param secretArn requests with another are refused
   * @param database used by requests that name none
   * @param jdbcUrls makes a JDBC URL of a database's name
   */
  public record Cluster(
      String arn, String secretArn, String database, UnaryOperator<String> jdbcUrls) {}

  /**
   * Starts an endpoint.
   *
   * @param port 0 picks a free one
   * @param random makes transaction ids
   * @throws IOException when the port is taken
   */
  public static DataApiServer start(
      int port, Cluster cluster, DataApiLimits limits, RandomGenerator random) throws IOException {
    return start("127.0.0.1", port, cluster, limits, random);
  }

  /**
   * Starts an endpoint on an interface of one's choice: in a container, loopback is out of reach.
   *
   * @param host the address to listen on
   */
  public static DataApiServer start(
      String host, int port, Cluster cluster, DataApiLimits limits, RandomGenerator random)
      throws IOException {
    Operations operations = new Operations(cluster, limits, random);
    DataApiHandler handler = new DataApiHandler(operations, limits);
    QueuedThreadPool threads = new QueuedThreadPool();
    threads.setName("data-api");
    threads.setDaemon(true);
    // A statement may wait for a lock: that must cost no thread of the server.
    threads.setVirtualThreadsExecutor(Executors.newVirtualThreadPerTaskExecutor());
    Server server = new Server(threads);
    ServerConnector connector = new ServerConnector(server);
    connector.setHost(host);
    connector.setPort(port);
    connector.setIdleTimeout(IDLE_CONNECTION_MILLIS);
    server.addConnector(connector);
    server.setHandler(handler);
    server.setStopTimeout(0);
    try {
      server.start();
    } catch (IOException e) {
      operations.close();
      throw e;
    } catch (Exception e) {
      operations.close();
      throw new IOException("the Data API does not start: " + e.getMessage(), e);
    }
    return new DataApiServer(server, connector, operations, handler);
  }

  /** Such as {@code http://127.0.0.1:41235}. */
  public URI endpoint() {
    return URI.create("http://127.0.0.1:" + connector.getLocalPort());
  }

  /** How many requests came in, whatever became of them. */
  public long requests() {
    return handler.requests().sum();
  }

  /** Behaves for the next requests as a database that wakes from its pause. */
  public void pretendResuming(int requests) {
    handler.resuming().set(requests);
  }

  @Override
  public void close() throws IOException {
    try {
      server.stop();
    } catch (Exception e) {
      throw new IOException("the Data API does not stop: " + e.getMessage(), e);
    } finally {
      operations.close();
    }
  }
}
