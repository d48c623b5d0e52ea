package dev.sheaf.bundle.history;

import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.SheafException;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Turns deltas into manifests (bundle.md section 3) while holding one manifest: it walks the tree
 * of deltas, applies each on the way down and takes it back on the way up. Time grows with the
 * changes, not with the manifests; depth is bounded by memory only.
 */
public final class SnapshotResolver {
  private final Map<String, Snapshot> byId = new LinkedHashMap<>();
  private final Map<String, List<Snapshot>> children = new HashMap<>();
  private final Known known;
  private final Visitor visitor;

  /** Manifests of snapshots outside the collection, such as those of the repository. */
  @FunctionalInterface
  public interface Known {
    /** Knows nothing. */
    Known NOTHING = _ -> null;

    /** The manifest, or null when there is no such snapshot. */
    @Nullable Manifest manifest(String snapshotId) throws IOException;
  }

  /** Receives each snapshot once, a parent before its children. */
  @FunctionalInterface
  public interface Visitor {
    /**
     * @param snapshot as it came in
     * @param manifest its whole manifest: a live view, valid until this call returns
     */
    void resolved(Snapshot snapshot, Manifest manifest) throws IOException;

    /**
     * Called for a snapshot whose chain of parents leads out of what is known; refuses it unless
     * overridden.
     *
     * @param missingId the parent that was found nowhere
     */
    default void unresolved(Snapshot snapshot, String missingId) throws IOException {
      throw new SheafException(
          ErrorKind.INVALID,
          ("snapshot %s builds on %s, which is neither in the bundle nor in the repository:"
                  + " send that snapshot first, or a bundle that holds it")
              .formatted(snapshot.snapshotId(), missingId));
    }
  }

  private SnapshotResolver(Collection<Snapshot> snapshots, Known known, Visitor visitor) {
    snapshots.forEach(snapshot -> byId.put(snapshot.snapshotId(), snapshot));
    for (Snapshot snapshot : byId.values()) {
      if (!snapshot.full() && snapshot.parentId() != null) {
        children.computeIfAbsent(snapshot.parentId(), _ -> new ArrayList<>(1)).add(snapshot);
      }
    }
    this.known = known;
    this.visitor = visitor;
  }

  /**
   * Visits every snapshot with its manifest.
   *
   * @throws SheafException of kind INVALID when snapshots form a cycle, before any is visited; or
   *     when a parent is neither in the collection nor known, after those that do not depend on it
   *     may have been. Both ids are named
   */
  public static void resolve(Collection<Snapshot> snapshots, Known known, Visitor visitor)
      throws IOException {
    SnapshotResolver resolver = new SnapshotResolver(snapshots, known, visitor);
    resolver.refuseCycles();
    resolver.walkAll();
  }

  private void walkAll() throws IOException {
    Set<String> outside = new HashSet<>();
    for (Snapshot snapshot : byId.values()) {
      String parent = snapshot.parentId();
      if (snapshot.full()) {
        walkFull(snapshot);
      } else if (parent == null) {
        walk(Manifest.EMPTY, List.of(snapshot));
      } else if (!byId.containsKey(parent) && outside.add(parent)) {
        walkOutside(parent);
      }
    }
  }

  /** A full snapshot that nothing builds on is shown as it is, without a copy. */
  private void walkFull(Snapshot snapshot) throws IOException {
    Manifest manifest = new Manifest(snapshot.entries());
    visitor.resolved(snapshot, manifest);
    List<Snapshot> builtOnIt = childrenOf(snapshot);
    if (!builtOnIt.isEmpty()) {
      walk(manifest, builtOnIt);
    }
  }

  private void walkOutside(String parent) throws IOException {
    List<Snapshot> builtOnIt = children.getOrDefault(parent, List.of());
    Manifest manifest = known.manifest(parent);
    if (manifest != null) {
      walk(manifest, builtOnIt);
      return;
    }
    Deque<Snapshot> lost = new ArrayDeque<>(builtOnIt);
    while (!lost.isEmpty()) {
      Snapshot snapshot = lost.pop();
      visitor.unresolved(snapshot, parent);
      lost.addAll(childrenOf(snapshot));
    }
  }

  /** One delta on the way from the root to the present one, and its children still to visit. */
  private record Step(LiveManifest.Applied applied, Iterator<Snapshot> rest) {}

  /** Depth first, with a stack of our own: chains are thousands of deltas deep. */
  private void walk(Manifest start, List<Snapshot> first) throws IOException {
    LiveManifest live = new LiveManifest(start);
    Deque<Step> path = new ArrayDeque<>();
    Iterator<Snapshot> siblings = first.iterator();
    while (true) {
      if (siblings.hasNext()) {
        Snapshot snapshot = siblings.next();
        path.push(new Step(live.apply(snapshot), siblings));
        visitor.resolved(snapshot, live.view());
        siblings = childrenOf(snapshot).iterator();
      } else if (path.isEmpty()) {
        return;
      } else {
        Step done = path.pop();
        done.applied().undo();
        siblings = done.rest();
      }
    }
  }

  private List<Snapshot> childrenOf(Snapshot snapshot) {
    return children.getOrDefault(snapshot.snapshotId(), List.of());
  }

  /** Follows parents from each snapshot until one is known to end, or comes round again. */
  private void refuseCycles() {
    Set<String> ends = new HashSet<>();
    for (Snapshot start : byId.values()) {
      Set<String> trail = new HashSet<>();
      Snapshot at = start;
      while (at != null && !ends.contains(at.snapshotId())) {
        trail.add(at.snapshotId());
        Snapshot parent = at.full() || at.parentId() == null ? null : byId.get(at.parentId());
        if (parent != null && trail.contains(parent.snapshotId())) {
          throw new SheafException(
              ErrorKind.INVALID,
              "snapshots form a cycle: %s builds on %s, which builds on it; make the bundle again"
                  .formatted(at.snapshotId(), parent.snapshotId()));
        }
        at = parent;
      }
      ends.addAll(trail);
    }
  }
}
