package dev.sheaf.localstack.servers.s3.awssdk;

import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;

/** Counts requests that reached the store, by what they ask for; also those that were refused. */
final class RequestCounter {
  static final String PUT = "PUT";
  static final String GET = "GET";
  static final String HEAD = "HEAD";
  static final String LIST = "LIST";
  static final String COPY = "COPY";
  static final String DELETE = "DELETE";
  static final String DELETE_MANY = "DELETE_MANY";
  static final String MULTIPART = "MULTIPART";

  private final Map<String, LongAdder> counts = new ConcurrentHashMap<>();

  void count(String kind) {
    counts.computeIfAbsent(kind, k -> new LongAdder()).increment();
  }

  Map<String, Long> snapshot() {
    Map<String, Long> snapshot = new TreeMap<>();
    counts.forEach((kind, count) -> snapshot.put(kind, count.sum()));
    return snapshot;
  }

  void reset() {
    counts.clear();
  }
}
