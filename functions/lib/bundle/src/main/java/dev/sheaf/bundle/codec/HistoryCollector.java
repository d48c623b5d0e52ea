package dev.sheaf.bundle.codec;

import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.bundle.history.Commit;
import dev.sheaf.bundle.history.History;
import dev.sheaf.bundle.history.Snapshot;
import dev.sheaf.bundle.msgpack.PackedMap;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A sink that keeps everything but the objects. Subclasses override {@link #object} to take those.
 *
 * <p>Its methods throw a {@link SheafException} of kind INVALID when an id comes twice with
 * different contents; an exact repetition is dropped.
 */
public class HistoryCollector implements BundleSink {
  private final Map<String, Commit> commits = new LinkedHashMap<>();
  private final Map<String, Snapshot> snapshots = new LinkedHashMap<>();
  private final Map<String, String> branchHeads = new LinkedHashMap<>();
  private final List<PackedMap> tags = new ArrayList<>();
  private PackedMap meta = PackedMap.EMPTY;

  /** What came in so far, each commit and snapshot once. */
  public final History history() {
    return new History(
        List.copyOf(commits.values()), List.copyOf(snapshots.values()), branchHeads, tags, meta);
  }

  @Override
  public final void commit(Commit commit) {
    String id = commit.commitId();
    refuseContradiction("commit", id, commits.putIfAbsent(id, commit), commit);
  }

  @Override
  public final void snapshot(Snapshot snapshot) {
    String id = snapshot.snapshotId();
    refuseContradiction("snapshot", id, snapshots.putIfAbsent(id, snapshot), snapshot);
  }

  @Override
  public final void branchHead(String branch, String commitId) {
    branchHeads.put(branch, commitId);
  }

  @Override
  public final void tag(PackedMap tag) {
    tags.add(tag);
  }

  @Override
  public final void meta(PackedMap newMeta) {
    meta = newMeta;
  }

  private static void refuseContradiction(
      String what, String id, @Nullable Record earlier, Record now) {
    if (earlier != null && !earlier.equals(now)) {
      throw new SheafException(
          ErrorKind.INVALID,
          "%s %s is in the bundle twice with different contents; make the bundle again"
              .formatted(what, id));
    }
  }
}
