package dev.sheaf.compaction;

import dev.sheaf.bundle.SheafException;
import dev.sheaf.journal.CompactionPlan;
import dev.sheaf.journal.Namespace;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/** A dry run's answer. */
final class PlanReport {
  private PlanReport() {}

  /** The plans of all namespaces; one that cannot be planned has an error instead. */
  static Map<String, Object> of(
      List<Namespace> namespaces, Function<Namespace, CompactionPlan> planner) {
    return Map.of(
        "dry_run",
        true,
        "namespaces",
        namespaces.stream().map(namespace -> one(namespace, planner)).toList());
  }

  private static Map<String, Object> one(
      Namespace namespace, Function<Namespace, CompactionPlan> planner) {
    try {
      return toMap(planner.apply(namespace));
    } catch (SheafException e) {
      return Map.of("ns", namespace.name(), "error", String.valueOf(e.getMessage()));
    }
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
