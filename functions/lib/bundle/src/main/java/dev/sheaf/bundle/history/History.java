package dev.sheaf.bundle.history;

import dev.sheaf.bundle.msgpack.PackedMap;
import java.util.List;
import java.util.Map;

/**
 * Everything in a bundle but its objects.
 *
 * @param commits each id once, in wire order (which promises nothing; see {@link CommitOrder})
 * @param snapshots each id once, in wire order
 * @param branchHeads branch to commit id; may be empty
 * @param tags the {@code tags} of the muse client, untouched
 * @param meta advisory data, which nothing depends on
 */
public record History(
    List<Commit> commits,
    List<Snapshot> snapshots,
    Map<String, String> branchHeads,
    List<PackedMap> tags,
    PackedMap meta) {
  /** A history without tags and meta. */
  public static History of(
      List<Commit> commits, List<Snapshot> snapshots, Map<String, String> branchHeads) {
    return new History(commits, snapshots, branchHeads, List.of(), PackedMap.EMPTY);
  }
}
