package dev.sheaf.compaction;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import org.jspecify.annotations.Nullable;

/**
 * When something is done that needs the catalog: together with whoever has woken it, and else once
 * in a while, so that it may pause. A process that has just begun waits as well: functions begin
 * often.
 */
final class CatalogTurn {
  private final Duration first;
  private final InstantSource clock;
  private volatile @Nullable Instant due;

  /**
   * @param first after which a process that has just begun does it
   */
  CatalogTurn(Duration first, InstantSource clock) {
    this.first = first;
    this.clock = clock;
  }

  /**
   * Whether it is to be done now. Whoever has done it says when it comes again: what failed is
   * tried with the next run.
   *
   * @param isCatalogAwake whether somebody has just asked it something else
   */
  boolean hasCome(boolean isCatalogAwake) {
    Instant now = clock.instant();
    Instant planned = due;
    if (planned == null) {
      planned = now.plus(first);
      due = planned;
    }
    return isCatalogAwake || !now.isBefore(planned);
  }

  /** Has it done again after a time. */
  void comesAgainIn(Duration time) {
    due = clock.instant().plus(time);
  }
}
