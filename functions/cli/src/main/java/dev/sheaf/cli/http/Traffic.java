package dev.sheaf.cli.http;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;

/**
 * Counts requests and body bytes by what they were for. Repeated requests count each time.
 * Thread-safe.
 */
public final class Traffic {
  private final Map<String, long[]> byPurpose = new TreeMap<>();

  /**
   * What one purpose took.
   *
   * @param requests number of requests
   * @param sentBytes bytes of request bodies
   * @param receivedBytes bytes of response bodies
   */
  public record Count(long requests, long sentBytes, long receivedBytes) {}

  synchronized void request(String purpose, long sentBytes) {
    long[] counts = counts(purpose);
    counts[0]++;
    counts[1] += sentBytes;
  }

  synchronized void received(String purpose, long bytes) {
    counts(purpose)[2] += bytes;
  }

  private long[] counts(String purpose) {
    return byPurpose.computeIfAbsent(purpose, key -> new long[3]);
  }

  /** All counts by purpose, in order of the names. */
  public synchronized Map<String, Count> counts() {
    Map<String, Count> all = new LinkedHashMap<>();
    byPurpose.forEach(
        (purpose, counts) -> all.put(purpose, new Count(counts[0], counts[1], counts[2])));
    return all;
  }

  /** The sum over all purposes. */
  public synchronized Count total() {
    long[] sum = new long[3];
    byPurpose
        .values()
        .forEach(counts -> {
          for (int i = 0; i < sum.length; i++) {
            sum[i] += counts[i];
          }
        });
    return new Count(sum[0], sum[1], sum[2]);
  }

  /** The counts as JSON-able values. */
  public Map<String, Object> toMap() {
    Map<String, Object> all = new LinkedHashMap<>();
    counts().forEach((purpose, count) -> all.put(purpose, fields(count)));
    all.put("total", fields(total()));
    return all;
  }

  private static Map<String, Object> fields(Count count) {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("requests", count.requests());
    fields.put("sent_bytes", count.sentBytes());
    fields.put("received_bytes", count.receivedBytes());
    return fields;
  }
}
