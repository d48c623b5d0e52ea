package dev.sheaf.localstack.servers.dataapi;

import dev.sheaf.localstack.servers.access.Endpoint;
import dev.sheaf.localstack.servers.access.Signatures;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.function.UnaryOperator;
import java.util.random.RandomGenerator;

/**
 * An endpoint that answers the RDS Data API out of a Postgres, to programs that sign with the
 * stack's credentials and name its ARNs. It listens on the loopback interface only, unless told
 * otherwise.
 */
public final class DataApiServer implements AutoCloseable {
  /** Longer than any statement may take. */
  private static final Duration IDLE_CONNECTION = Duration.ofMinutes(2);

  private final Endpoint endpoint;
  private final Operations operations;
  private final DataApiHandler handler;

  private DataApiServer(Endpoint endpoint, Operations operations, DataApiHandler handler) {
    this.endpoint = endpoint;
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
   * @param signatures every request must bear one
   * @param random makes transaction ids
   * @throws IOException when the port is taken
   */
  public static DataApiServer start(
      Endpoint.Listen listen,
      Cluster cluster,
      Signatures signatures,
      DataApiLimits limits,
      RandomGenerator random)
      throws IOException {
    Operations operations = new Operations(cluster, limits, random);
    DataApiHandler handler = new DataApiHandler(operations, signatures, limits);
    try {
      Endpoint endpoint = Endpoint.start("the Data API", listen, IDLE_CONNECTION, handler);
      return new DataApiServer(endpoint, operations, handler);
    } catch (IOException e) {
      operations.close();
      throw e;
    }
  }

  /** Such as {@code http://127.0.0.1:41235}. */
  public URI endpoint() {
    return endpoint.uri();
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
      endpoint.close();
    } finally {
      operations.close();
    }
  }
}
