package dev.sheaf.api.fetch;

import dev.sheaf.api.http.HttpFailure;
import dev.sheaf.bundle.history.Commit;
import dev.sheaf.bundle.history.Manifest;
import dev.sheaf.bundle.history.Snapshot;
import java.util.Map;

/**
 * Counts how large an answer becomes while it is gathered, so that one that is too large is given
 * up early. Sizes are estimates of the msgpack form, slightly low: what is written is measured
 * again.
 */
final class HistoryBudget {
  private static final int COMMIT_OVERHEAD = 200;
  private static final int ENTRY_OVERHEAD = 76;

  private final long inlineBytes;
  private final long packBytes;
  private final boolean packWanted;
  private long commits;
  private long manifests;
  private long deltas;
  private long contents;

  /**
   * @param inlineBytes limit of an answer whose manifests are whole
   * @param packBytes limit of the history of an answer whose manifests are deltas
   * @param packWanted whether the client takes a pack where inline is too small
   */
  HistoryBudget(long inlineBytes, long packBytes, boolean packWanted) {
    this.inlineBytes = inlineBytes;
    this.packBytes = packBytes;
    this.packWanted = packWanted;
  }

  void add(Commit commit) {
    commits += commit.meta().size() + commit.message().length() + COMMIT_OVERHEAD;
    check();
  }

  /**
   * @param snapshot as it goes into a pack
   * @param whole its manifest, as it goes inline
   */
  void add(Snapshot snapshot, Manifest whole) {
    deltas += size(snapshot.entries()) + snapshot.extra().size();
    // Adding up every path of every manifest would cost more than the answer is worth.
    manifests += (long) whole.objects().size() * ENTRY_OVERHEAD + snapshot.extra().size();
    check();
  }

  void addContents(long bytes) {
    contents += bytes;
    check();
  }

  /** Whether everything so far may go into one answer of a function. */
  boolean fitsInline() {
    return commits + manifests + contents <= inlineBytes;
  }

  private void check() {
    if (!packWanted && !fitsInline()) {
      throw tooLargeInline(inlineBytes);
    }
    if (commits + deltas > packBytes) {
      throw HttpFailure.tooLarge(
          "the history asked for is larger than a pack takes ("
              + packBytes
              + " bytes); POST the same to /clone-plan and read the bundles from the store");
    }
  }

  /** Says what to do instead. */
  static HttpFailure tooLargeInline(long inlineBytes) {
    return HttpFailure.tooLarge(
        "the answer is larger than "
            + inlineBytes
            + " bytes; send 'Sheaf-Pack: url' to get the URL of a pack, or POST the same to"
            + " /clone-plan and read the bundles from the store");
  }

  private static long size(Map<String, ?> entries) {
    long size = 0;
    for (String path : entries.keySet()) {
      size += path.length() + ENTRY_OVERHEAD;
    }
    return size;
  }
}
