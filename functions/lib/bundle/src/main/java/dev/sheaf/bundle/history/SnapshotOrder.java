package dev.sheaf.bundle.history;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Order of snapshots on the wire. */
public final class SnapshotOrder {
  private SnapshotOrder() {}

  /**
   * Each snapshot after the one that it builds on, otherwise in input order. Parents outside the
   * collection do not count; a cycle is written as it comes.
   */
  public static List<Snapshot> parentsFirst(Collection<Snapshot> snapshots) {
    Map<String, Snapshot> waiting = new LinkedHashMap<>();
    snapshots.forEach(snapshot -> waiting.put(snapshot.snapshotId(), snapshot));
    List<Snapshot> ordered = new ArrayList<>(snapshots.size());
    for (Snapshot snapshot : snapshots) {
      Deque<Snapshot> ancestors = new ArrayDeque<>();
      for (Snapshot at = snapshot; at != null; at = parentAmong(waiting, at)) {
        if (waiting.remove(at.snapshotId()) != null) {
          ancestors.push(at);
        }
      }
      ordered.addAll(ancestors);
    }
    return ordered;
  }

  private static @Nullable Snapshot parentAmong(Map<String, Snapshot> waiting, Snapshot snapshot) {
    return snapshot.parentId() == null ? null : waiting.get(snapshot.parentId());
  }
}
