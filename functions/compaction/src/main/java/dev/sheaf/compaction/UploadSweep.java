package dev.sheaf.compaction;

import dev.sheaf.repository.SpentUploads;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/**
 * Deletes uploads of git repositories that packs stand for. Costs one statement where there are
 * none, and is done when the catalog is awake anyway, or a day after this process did it last.
 */
final class UploadSweep {
  private static final Duration EVERY = Duration.ofDays(1);

  private final Supplier<SpentUploads> uploads;
  private final InstantSource clock;
  private final CatalogTurn turn;

  UploadSweep(Supplier<SpentUploads> uploads, InstantSource clock) {
    this.uploads = uploads;
    this.clock = clock;
    this.turn = new CatalogTurn(EVERY, clock);
  }

  /** What a run came to: how many are gone, and which the store kept, with its reasons. */
  record Run(int deleted, Map<String, String> kept) {
    static final Run NOTHING = new Run(0, Map.of());

    Map<String, Object> toMap() {
      Map<String, Object> map = new LinkedHashMap<>();
      map.put("deleted", deleted);
      map.put("kept", kept);
      return map;
    }
  }

  /** The keys that would be deleted now, some at most. Deletes nothing. */
  List<String> plan() {
    return uploads.get().plan(clock.instant()).stream().map(SpentUploads.Spent::key).toList();
  }

  /**
   * Deletes what is to be deleted, some at most; the rest with the next run.
   *
   * @param isCatalogAwake whether somebody has just asked it something else
   */
  Run run(boolean isCatalogAwake) {
    if (!turn.hasCome(isCatalogAwake)) {
      return Run.NOTHING;
    }
    Instant now = clock.instant();
    List<SpentUploads.Spent> spent = uploads.get().plan(now);
    Map<String, String> kept = uploads.get().delete(spent, now);
    boolean mayBeMore = spent.size() >= SpentUploads.MOST_AT_A_TIME && kept.isEmpty();
    turn.comesAgainIn(mayBeMore ? Duration.ZERO : EVERY);
    return new Run(spent.size() - kept.size(), kept);
  }
}
