package dev.sheaf.ops;

import java.util.Optional;

/**
 * A page of the records that a site has at present, in the form of ops: each record alone, under
 * the ulid of the op that last wrote it; records that are gone as deletions.
 *
 * @param body ops in the order of their keys
 * @param position where this site's log goes on behind what the page shows; empty when nothing was
 *     ever written to it
 * @param next where the page after this one begins; empty on the last
 */
public record SnapshotPage(PageBody body, Optional<Ulid> position, Optional<String> next) {
  /** Names the position in the log that the page is not older than. */
  public static final String POSITION = "X-Crud-Snapshot-Position";

  /** Says what to send as {@code after} for the next page; absent on the last. */
  public static final String NEXT = "X-Crud-Snapshot-Next";
}
