package dev.sheaf.compaction;

import dev.sheaf.journal.CompactionPlan;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A dry run's answer. */
final class PlanReport {
  private PlanReport() {}

  static Map<String, Object> of(List<CompactionPlan> plans) {
    return Map.of("dry_run", true, "namespaces", plans.stream().map(PlanReport::toMap).toList());
  }

  private static Map<String, Object> toMap(CompactionPlan plan) {
    Map<String, Object> one = new LinkedHashMap<>();
    one.put("ns", plan.namespace().name());
    one.put("segments", plan.listed());
    one.put("action", plan.action().name());
    one.put("fold", plan.candidates());
    one.put("delete", plan.leftovers());
    one.put("mark", Map.of("lm", plan.mark().stampText(), "key", plan.mark().segment()));
    return one;
  }
}
