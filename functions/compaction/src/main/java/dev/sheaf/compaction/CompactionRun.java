package dev.sheaf.compaction;

import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.journal.CompactionReport;
import dev.sheaf.journal.Namespace;
import dev.sheaf.journal.json.Json;
import dev.sheaf.journal.json.JsonObject;
import dev.sheaf.journal.site.KnownPresent;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.ToLongFunction;

/**
 * What one run did.
 *
 * @param listings LISTs of all namespaces together
 * @param skipped namespaces for which no time was left
 */
record CompactionRun(
    int listings, List<CompactionReport> reports, List<Namespace> skipped, Sorting sorting) {
  /** What became of the keys that functions have noted as present. */
  record Sorting(KnownPresent.Sorted done, Optional<SheafException> failure) {
    static final Sorting NONE = new Sorting(KnownPresent.Sorted.NOTHING, Optional.empty());

    private Map<String, Object> toMap() {
      Map<String, Object> map = new LinkedHashMap<>();
      map.put("moved", done.moved());
      map.put("dropped", done.dropped());
      failure.ifPresent(e -> map.put("error", String.valueOf(e.getMessage())));
      return map;
    }
  }

  CompactionRun {
    reports = List.copyOf(reports);
    skipped = List.copyOf(skipped);
  }

  /** Reports of namespaces that could not be finished. */
  List<CompactionReport> failures() {
    return reports.stream().filter(report -> report.failure().isPresent()).toList();
  }

  /** Namespaces that hold an object which no replica can read: an operator has to look. */
  long poisoned() {
    return failures().stream()
        .filter(report -> report.failure().orElseThrow().kind() == ErrorKind.CORRUPT)
        .count();
  }

  private long sum(ToLongFunction<CompactionReport> number) {
    return reports.stream().mapToLong(number).sum();
  }

  /** The run as the function's answer. */
  Map<String, Object> toMap() {
    Map<String, Object> answer = new LinkedHashMap<>();
    answer.put("namespaces", reports.stream().map(CompactionRun::toMap).toList());
    answer.put("skipped", skipped.stream().map(Namespace::name).toList());
    answer.put("known_present", sorting.toMap());
    return answer;
  }

  private static Map<String, Object> toMap(CompactionReport report) {
    Map<String, Object> one = new LinkedHashMap<>();
    one.put("ns", report.namespace().name());
    one.put("segments", report.segments());
    one.put("folded", report.folded());
    one.put("deleted", report.deleted());
    one.put("state_bytes", report.stateBytes());
    one.put("requests", report.requests());
    one.put("lost_elections", report.lostElections());
    one.put("probed", report.probed());
    report.failure().ifPresent(e -> one.put("error", String.valueOf(e.getMessage())));
    return one;
  }

  /** One line of JSON; metrics count Failed and Poisoned, and alarms watch them. */
  String logLine() {
    JsonObject.Builder line = Json.object();
    line.put("event", "compaction");
    line.put("Namespaces", reports.size());
    line.put("Segments", sum(CompactionReport::segments));
    line.put("Folded", sum(CompactionReport::folded));
    line.put("StateBytes", sum(CompactionReport::stateBytes));
    line.put("Requests", listings + sum(CompactionReport::requests));
    line.put("LostElections", sum(CompactionReport::lostElections));
    line.put("Failed", failures().size() + (sorting.failure().isPresent() ? 1 : 0));
    line.put("Poisoned", poisoned());
    line.put("Skipped", skipped.size());
    line.put("KnownPresentMoved", sorting.done().moved());
    return line.build().toString();
  }
}
