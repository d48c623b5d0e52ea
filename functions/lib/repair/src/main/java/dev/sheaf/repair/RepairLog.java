package dev.sheaf.repair;

import dev.sheaf.repair.presence.Kind;
import dev.sheaf.storage.catalog.Catalog;
import dev.sheaf.storage.catalog.Rows;
import dev.sheaf.storage.catalog.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The table {@code repair_trackers}: every cycle, the newest first. */
public final class RepairLog {
  /** The most records of one answer, and as many as nobody asks for less. */
  public static final int MOST = 1_000;

  /** Rows of counters; a page of the Data API holds more. */
  private static final int ROWS_A_PAGE = 200;

  private static final String FAR_AHEAD = "9999-01-01T00:00:00Z";

  private final Catalog catalog;

  public RepairLog(Catalog catalog) {
    this.catalog = catalog;
  }

  /** The newest cycles, at most so many. */
  public List<RepairTracker> newest(int limit) {
    List<RepairTracker> trackers = new ArrayList<>();
    String before = FAR_AHEAD;
    while (trackers.size() < limit) {
      int rows = Math.min(ROWS_A_PAGE, limit - trackers.size());
      List<RepairTracker> page = page(before, rows);
      trackers.addAll(page);
      if (page.size() < rows) {
        return trackers;
      }
      before = page.getLast().startedAt().toString();
    }
    return trackers;
  }

  private List<RepairTracker> page(String before, int rows) {
    List<RepairTracker> page = new ArrayList<>();
    catalog
        .execute(
            Statement.of(
                    """
                    select %s, %s, %s, %s, listed_by, listed_keys, cursor_i, cursor_bundle, cursor_pack, cursor_git,
                      cursor_object, counters::text as counters, content_size, duration_nanos, listing_refused,
                      aborted_reason
                    from repair_trackers where started_at < :before::timestamptz
                    order by started_at desc limit :rows
                    """
                        .formatted(
                            micros("started_at"),
                            micros("updated_at"),
                            micros("finished_at"),
                            micros("listed_at")))
                .text("before", before)
                .number("rows", rows))
        .forEach(row -> page.add(tracker(row)));
    return page;
  }

  private static String micros(String column) {
    return "(extract(epoch from %1$s) * 1000000)::bigint as %1$s".formatted(column);
  }

  private static RepairTracker tracker(Rows.Row row) {
    RepairTracker tracker =
        new RepairTracker(
            instant(row.number("started_at")),
            (int) row.number("cursor_i"),
            Counters.parse(row.text("counters")));
    tracker.cursor(Kind.BUNDLE, row.text("cursor_bundle"));
    tracker.cursor(Kind.PACK, row.text("cursor_pack"));
    tracker.cursor(Kind.GIT, row.text("cursor_git"));
    tracker.cursor(Kind.OBJECT, row.text("cursor_object"));
    Long finished = row.numberOrNull("finished_at");
    Long listed = row.numberOrNull("listed_at");
    return tracker.restored(
        instant(row.number("updated_at")),
        finished == null ? null : instant(finished),
        row.number("content_size"),
        Duration.ofNanos(row.number("duration_nanos")),
        row.text("aborted_reason"),
        row.textOrNull("listing_refused"),
        new RepairTracker.Listing(
            listed == null ? null : instant(listed),
            RepairTracker.Listing.By.of(row.text("listed_by")),
            row.number("listed_keys")));
  }

  private static Instant instant(long micros) {
    return Instant.EPOCH.plusNanos(Math.multiplyExact(micros, 1_000L));
  }

  /** The newest cycle. */
  Optional<RepairTracker> newest() {
    return newest(1).stream().findFirst();
  }

  /** Writes a record down if its runner still holds the lease, and holds on to that. */
  boolean save(RepairTracker tracker, Lease lease) {
    return catalog
            .execute(
                lease.bind(
                    Statement.of(
                            """
                            with held as (%s)
                            insert into repair_trackers (started_at, updated_at, finished_at,
                              cleanup_mode, cursor_i, cursor_bundle, cursor_pack, cursor_git,
                              cursor_object, counters, content_size, duration_nanos, listing_refused,
                              aborted_reason, listed_at, listed_by, listed_keys)
                            select :started::timestamptz, :updated::timestamptz,
                              :finished::timestamptz, :cleanup, :i, :bundle, :pack, :git, :object,
                              :counters::jsonb, :content, :nanos, :refused, :aborted,
                              :listed::timestamptz, :by, :keys
                            from held
                            on conflict (started_at) do update set
                              updated_at = excluded.updated_at, finished_at = excluded.finished_at,
                              cursor_bundle = excluded.cursor_bundle,
                              cursor_pack = excluded.cursor_pack,
                              cursor_git = excluded.cursor_git,
                              cursor_object = excluded.cursor_object,
                              counters = excluded.counters, content_size = excluded.content_size,
                              duration_nanos = excluded.duration_nanos,
                              listing_refused = excluded.listing_refused,
                              aborted_reason = excluded.aborted_reason,
                              listed_at = excluded.listed_at, listed_by = excluded.listed_by,
                              listed_keys = excluded.listed_keys
                            """
                                .formatted(Lease.RENEW))
                        .text("started", tracker.startedAt().toString())
                        .text("updated", tracker.updatedAt().toString())
                        .text("finished", text(tracker.finishedAt().orElse(null)))
                        .flag("cleanup", tracker.isCleanup())
                        .number("i", tracker.cursorI())
                        .text("bundle", tracker.cursor(Kind.BUNDLE))
                        .text("pack", tracker.cursor(Kind.PACK))
                        .text("git", tracker.cursor(Kind.GIT))
                        .text("object", tracker.cursor(Kind.OBJECT))
                        .text("counters", tracker.counters().toJson().toString())
                        .number("content", tracker.contentSize())
                        .number("nanos", tracker.duration().toNanos())
                        .text("refused", tracker.listingRefused().orElse(null))
                        .text("listed", text(tracker.listing().at()))
                        .text("by", tracker.listing().by().label())
                        .number("keys", tracker.listing().keys())
                        .text("aborted", tracker.abortedReason())))
            .updated()
        > 0;
  }

  private static @Nullable String text(@Nullable Instant instant) {
    return instant == null ? null : instant.toString();
  }
}
