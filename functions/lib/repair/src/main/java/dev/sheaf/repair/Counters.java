package dev.sheaf.repair;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Map;
import java.util.TreeMap;

/** Counts of a cycle by name; what was never counted is 0 and absent. Any thread may count. */
public final class Counters {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Map<String, Long> counts = new TreeMap<>();

  /** Nothing counted. */
  public Counters() {}

  static Counters parse(String json) {
    Counters counters = new Counters();
    try {
      JSON.readTree(json).properties().forEach(field -> counters.read(field));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("counters of a cycle are no JSON: " + json, e);
    }
    return counters;
  }

  private void read(Map.Entry<String, JsonNode> field) {
    counts.put(field.getKey(), field.getValue().asLong());
  }

  synchronized void add(Counter counter, long amount) {
    if (amount != 0) {
      counts.merge(counter.label(), amount, Long::sum);
    }
  }

  void add(Counter counter) {
    add(counter, 1);
  }

  /** Adds what others have counted, and no longer do. */
  synchronized void addAll(Counters others) {
    others.asMap().forEach((name, count) -> counts.merge(name, count, Long::sum));
  }

  synchronized void set(Counter counter, long value) {
    counts.put(counter.label(), value);
  }

  /** How often; 0 where it never was. */
  public synchronized long get(Counter counter) {
    return counts.getOrDefault(counter.label(), 0L);
  }

  /** All that was counted, by name, in the order of names. */
  public synchronized Map<String, Long> asMap() {
    return new TreeMap<>(counts);
  }

  synchronized ObjectNode toJson() {
    ObjectNode json = JSON.createObjectNode();
    counts.forEach(json::put);
    return json;
  }

  @Override
  public synchronized String toString() {
    return counts.toString();
  }
}
