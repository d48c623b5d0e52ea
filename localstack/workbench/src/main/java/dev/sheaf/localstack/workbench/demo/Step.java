package dev.sheaf.localstack.workbench.demo;

import dev.sheaf.cli.http.Traffic;
import dev.sheaf.cli.receive.CloneReport;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What a push or a clone took.
 *
 * @param millis wall time by phase
 */
record Step(Map<String, Long> millis, Traffic.Count traffic) {
  static Step of(CloneReport report) {
    return new Step(report.millis(), report.traffic().total());
  }

  /** As JSON-able values. */
  Map<String, Object> toMap() {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("millis", millis);
    map.put("requests", traffic.requests());
    map.put("sent_bytes", traffic.sentBytes());
    map.put("received_bytes", traffic.receivedBytes());
    return map;
  }
}
