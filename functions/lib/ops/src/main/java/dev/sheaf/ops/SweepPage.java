package dev.sheaf.ops;

import java.util.Optional;

/**
 * What a sweep is answered with.
 *
 * @param body ops in their order
 * @param lastScanned position of the last op that was looked at, given out or not; empty when there
 *     was none behind where the sweep began
 * @param isLimited whether there may be more: the page was cut by rows or by bytes
 * @param gap the least position there is, when the sweep began below it: what lay between is gone
 */
public record SweepPage(
    PageBody body, Optional<Ulid> lastScanned, boolean isLimited, Optional<Ulid> gap) {
  /** Names the last position that was looked at. */
  public static final String LAST_SCANNED = "X-Crud-Sweep-Last-Scanned-Ulid";

  /** {@code true} on a page that was cut. */
  public static final String LIMITED = "X-Crud-Sweep-Limited";

  /** {@code true} where the sweep began below what is still there. */
  public static final String GAP = "X-Mediorum-Retention-Gap";

  /** The least position there is. */
  public static final String AVAILABLE_MIN = "X-Mediorum-Available-Min-Ulid";
}
