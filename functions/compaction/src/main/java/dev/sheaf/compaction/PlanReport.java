package dev.sheaf.compaction;

import dev.sheaf.bundle.SheafException;
import dev.sheaf.journal.CompactionPlan;
import dev.sheaf.journal.ListedNamespace;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/** A dry run's answer. */
final class PlanReport {
  private PlanReport() {}

  /** The plans of all namespaces; one that cannot be planned has an error instead. */
  static Map<String, Object> of(
      List<ListedNamespace> namespaces, Function<ListedNamespace, CompactionPlan> planner) {
    return Map.of(
        "dry_run",
        true,
        "namespaces",
        namespaces.stream().map(listed -> one(listed, planner)).toList());
  }

  private static Map<String, Object> one(
      ListedNamespace listed, Function<ListedNamespace, CompactionPlan> planner) {
    try {
      return toMap(planner.apply(listed));
    } catch (SheafException e) {
      return Map.of("ns", listed.namespace().name(), "error", String.valueOf(e.getMessage()));
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
