package dev.sheaf.localstack.servers.dataapi;

import java.time.Duration;

/**
 * What the Data API refuses to exceed.
 *
 * @param requestBytes the whole body of a request, base64 included
 * @param resultBytes the whole body of an answer
 * @param rowBytes one row of an answer, in its encoded form; the service's documentation does not
 *     say how it measures, and this is the strictest reading
 * @param statement how long a statement may run
 * @param idleTransaction how long a transaction may go without a request before it is rolled back
 */
public record DataApiLimits(
    int requestBytes, int resultBytes, int rowBytes, Duration statement, Duration idleTransaction) {
  /** Those of AWS. */
  public static final DataApiLimits AWS =
      new DataApiLimits(4 << 20, 1 << 20, 64 << 10, Duration.ofSeconds(45), Duration.ofMinutes(3));
}
