package dev.sheaf.compaction;

import dev.sheaf.journal.json.Json;
import dev.sheaf.journal.json.JsonObject;
import dev.sheaf.ops.DormantPlan;
import dev.sheaf.ops.RetentionPlan;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * What a run did to the operation log.
 *
 * @param hasRun whether anything was due
 * @param dormantTables dormant tables that gave up ops
 * @param skipped runs of retention that had nothing to delete
 * @param skipReason why
 * @param pinnedBy the peer that keeps ops from being deleted
 */
record OpsCleanupRun(
    boolean hasRun,
    long dormantTables,
    long dormantDeleted,
    long retentionDeleted,
    long skipped,
    Optional<String> skipReason,
    Optional<String> pinnedBy) {
  /** Nothing was due. */
  static final OpsCleanupRun NONE =
      new OpsCleanupRun(false, 0, 0, 0, 0, Optional.empty(), Optional.empty());

  static OpsCleanupRun of(DormantPlan plan, long deleted) {
    return new OpsCleanupRun(
        true, plan.rows().size(), deleted, 0, 0, Optional.empty(), Optional.empty());
  }

  static OpsCleanupRun of(RetentionPlan plan, long deleted) {
    return new OpsCleanupRun(
        true, 0, 0, deleted, deleted == 0 ? 1 : 0, plan.skipReason(), plan.pinnedBy());
  }

  OpsCleanupRun and(OpsCleanupRun other) {
    return new OpsCleanupRun(
        hasRun || other.hasRun,
        dormantTables + other.dormantTables,
        dormantDeleted + other.dormantDeleted,
        retentionDeleted + other.retentionDeleted,
        skipped + other.skipped,
        skipReason.or(other::skipReason),
        pinnedBy.or(other::pinnedBy));
  }

  Map<String, Object> toMap() {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("dormant_tables", dormantTables);
    map.put("dormant_deleted", dormantDeleted);
    map.put("retention_deleted", retentionDeleted);
    skipReason.ifPresent(reason -> map.put("retention_skip_reason", reason));
    pinnedBy.ifPresent(peer -> map.put("pinned_by", peer));
    return map;
  }

  /** One line of JSON; the counters have the names that the catalog keeps them under. */
  String logLine() {
    JsonObject.Builder line = Json.object();
    line.put("event", "ops-cleanup");
    line.put("DormantTablesCleaned", dormantTables);
    line.put("DormantOpsDeleted", dormantDeleted);
    line.put("RetentionOpsDeleted", retentionDeleted);
    line.put("RetentionSweepsSkipped", skipped);
    line.put("SkipReason", skipReason.orElse(""));
    line.put("PinnedBy", pinnedBy.orElse(""));
    line.put("Failed", 0);
    return line.build().toString();
  }

  /** The line of a run that failed; an alarm watches it. */
  static String failedLine(String reason) {
    JsonObject.Builder line = Json.object();
    line.put("event", "ops-cleanup");
    line.put("Failed", 1);
    line.put("Reason", reason);
    return line.build().toString();
  }
}
