package dev.sheaf.compaction;

import dev.sheaf.journal.json.Json;
import dev.sheaf.journal.json.JsonObject;
import dev.sheaf.ops.Dormant;
import dev.sheaf.ops.OpsAmount;
import dev.sheaf.ops.RetentionFloor;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What a run did to the operation log.
 *
 * @param hasRun whether anything was due
 * @param dormant what dormant tables gave up
 * @param skipped runs of retention that had nothing to delete
 * @param skipReason why
 * @param pin what keeps ops from being deleted
 * @param failures why something that was due was not done, or not to its end
 */
record OpsCleanupRun(
    boolean hasRun,
    Dormant.Cleaned dormant,
    long retentionDeleted,
    long skipped,
    Optional<String> skipReason,
    Optional<Pin> pin,
    List<String> failures) {
  /** Nothing was due. */
  static final OpsCleanupRun NONE =
      new OpsCleanupRun(
          false, Dormant.Cleaned.NONE, 0, 0, Optional.empty(), Optional.empty(), List.of());

  OpsCleanupRun {
    failures = List.copyOf(failures);
  }

  /**
   * A peer that retention waits for.
   *
   * @param since up to when it has read; empty for a peer that has read nothing
   * @param held what is old enough to go, and stays for its sake
   */
  record Pin(String peer, Optional<Instant> since, OpsAmount held) {}

  static OpsCleanupRun of(Dormant.Cleaned dormant) {
    return new OpsCleanupRun(true, dormant, 0, 0, Optional.empty(), Optional.empty(), List.of());
  }

  static OpsCleanupRun of(RetentionFloor floor, long deleted, OpsAmount held) {
    return new OpsCleanupRun(
        true,
        Dormant.Cleaned.NONE,
        deleted,
        deleted == 0 ? 1 : 0,
        floor.skipReason(),
        floor.pinnedBy().map(peer -> new Pin(peer, floor.pinnedSince(), held)),
        List.of());
  }

  static OpsCleanupRun failed(String reason) {
    return new OpsCleanupRun(
        true, Dormant.Cleaned.NONE, 0, 0, Optional.empty(), Optional.empty(), List.of(reason));
  }

  /** What two parts of a run did, the first of which knows nothing of retention. */
  OpsCleanupRun and(OpsCleanupRun other) {
    return new OpsCleanupRun(
        hasRun || other.hasRun,
        dormant.ops() > 0 ? dormant : other.dormant,
        retentionDeleted + other.retentionDeleted,
        skipped + other.skipped,
        skipReason.or(other::skipReason),
        pin.or(other::pin),
        Stream.concat(failures.stream(), other.failures.stream()).toList());
  }

  Map<String, Object> toMap() {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("dormant_tables", dormant.tables());
    map.put("dormant_deleted", dormant.ops());
    map.put("retention_deleted", retentionDeleted);
    skipReason.ifPresent(reason -> map.put("retention_skip_reason", reason));
    pin.ifPresent(by -> {
      map.put("pinned_by", by.peer());
      map.put("held_rows", by.held().rows());
      map.put("held_bytes", by.held().bytes());
    });
    if (!failures.isEmpty()) {
      map.put("error", String.join("; ", failures));
    }
    return map;
  }

  /** One line of JSON; the counters have the names that the catalog keeps them under. */
  String logLine() {
    JsonObject.Builder line = Json.object();
    line.put("event", "ops-cleanup");
    line.put("DormantTablesCleaned", dormant.tables());
    line.put("DormantOpsDeleted", dormant.ops());
    line.put("RetentionOpsDeleted", retentionDeleted);
    line.put("RetentionSweepsSkipped", skipped);
    line.put("SkipReason", skipReason.orElse(""));
    line.put("PinnedBy", pin.map(Pin::peer).orElse(""));
    line.put("PinnedSince", pin.flatMap(Pin::since).map(Instant::toString).orElse(""));
    line.put("HeldRows", pin.map(by -> by.held().rows()).orElse(0L));
    line.put("HeldBytes", pin.map(by -> by.held().bytes()).orElse(0L));
    line.put("Failed", failures.size());
    line.put("Reason", String.join("; ", failures));
    return line.build().toString();
  }

  /** The line of a run that failed as a whole; an alarm watches it. */
  static String failedLine(String reason) {
    return failed(reason).logLine();
  }
}
