package dev.sheaf.ops;

import dev.sheaf.storage.catalog.Catalog;
import dev.sheaf.storage.catalog.Statement;

/** What is counted about the log, under the names of the original; kept in {@code ops_counters}. */
public enum OpsCounter {
  /** Tables whose ops dormant cleanup deleted. */
  DORMANT_TABLES_CLEANED("DormantTablesCleaned"),
  /** Ops that dormant cleanup deleted. */
  DORMANT_OPS_DELETED("DormantOpsDeleted"),
  /** Ops that retention deleted. */
  RETENTION_OPS_DELETED("RetentionOpsDeleted"),
  /** Runs of retention that deleted nothing. */
  RETENTION_SWEEPS_SKIPPED("RetentionSweepsSkipped"),
  /** Gaps of peers that cursors were moved over, once that was written. */
  SWEEP_GAP_ADVANCES("SweepGapAdvances");

  private final String label;

  OpsCounter(String label) {
    this.label = label;
  }

  /** The name of the metric and of the row. */
  public String label() {
    return label;
  }

  /** Counts, in the statement's own transaction or the caller's. */
  void add(Catalog catalog, long count) {
    catalog.execute(
        Statement.of(
                """
                insert into ops_counters as present (name, value) values (:name, :count)
                on conflict (name) do update set value = present.value + excluded.value
                """)
            .text("name", label)
            .number("count", count));
  }

  /** What was counted so far. */
  public long value(Catalog catalog) {
    return catalog
        .execute(
            Statement.of("select value from ops_counters where name = :name").text("name", label))
        .first()
        .map(row -> row.number("value"))
        .orElse(0L);
  }
}
