package dev.sheaf.ops;

import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** What dormant cleanup and retention would delete, as it is shown to people. */
public record CleanupPlan(DormantPlan dormant, RetentionPlan retention) {
  /**
   * The fields of a document, named after the original's: {@code dormant_tables}, {@code
   * dormant_bytes}, {@code dormant_cutoff_ulid}, {@code retention_rows}, {@code retention_bytes},
   * {@code retention_cutoff_ulid}, {@code retention_skip_reason}, {@code pinned_by}, {@code peers}
   * with {@code host}, {@code position}, {@code seen_at} and {@code state}. Cutoffs and reasons are
   * null where there are none. Besides, {@code pinned_since}, up to when the peer has read that
   * retention waits for, and {@code held_rows} and {@code held_bytes}, what is kept for its sake.
   * Rows are counted up to {@link OpsAmount#MOST_ROWS}, bytes are estimated.
   */
  public Map<String, @Nullable Object> fields() {
    Map<String, @Nullable Object> fields = new LinkedHashMap<>();
    fields.put("dormant_tables", new TreeMap<>(dormant.rows()));
    fields.put("dormant_bytes", dormant.bytes());
    fields.put("dormant_cutoff_ulid", dormant.cutoff().map(Ulid::text).orElse(null));
    fields.put("retention_rows", retention.deletable().rows());
    fields.put("retention_bytes", retention.deletable().bytes());
    fields.put("retention_cutoff_ulid", retention.cutoff().map(Ulid::text).orElse(null));
    fields.put("retention_skip_reason", retention.skipReason().orElse(null));
    fields.putAll(pin(retention.floor(), retention.held()));
    fields.put("peers", peers(retention.peers()));
    return fields;
  }

  static Map<String, @Nullable Object> pin(RetentionFloor floor, OpsAmount held) {
    Map<String, @Nullable Object> fields = new LinkedHashMap<>();
    fields.put("pinned_by", floor.pinnedBy().orElse(null));
    fields.put("pinned_since", floor.pinnedSince().map(Instant::toString).orElse(null));
    fields.put("held_rows", held.rows());
    fields.put("held_bytes", held.bytes());
    return fields;
  }

  private static List<Map<String, @Nullable Object>> peers(List<PeerStanding> standings) {
    return standings.stream().map(CleanupPlan::peer).toList();
  }

  private static Map<String, @Nullable Object> peer(PeerStanding standing) {
    Map<String, @Nullable Object> fields = new LinkedHashMap<>();
    fields.put("host", standing.host());
    fields.put("position", standing.position().map(Ulid::text).orElse(null));
    fields.put("seen_at", standing.seenAt().map(Instant::toString).orElse(null));
    fields.put("state", standing.state().name().toLowerCase(Locale.ROOT));
    return fields;
  }
}
