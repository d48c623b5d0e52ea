package dev.sheaf.repository.history;

import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.bundle.history.Commit;
import dev.sheaf.bundle.history.History;
import dev.sheaf.bundle.history.Manifest;
import dev.sheaf.bundle.history.Snapshot;
import dev.sheaf.bundle.history.SnapshotResolver;
import dev.sheaf.storage.catalog.Catalog;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Decides how the snapshots of a bundle are stored: as the delta that came, or as a checkpoint. */
public final class SnapshotPlan implements SnapshotResolver.Visitor {
  /** Of no snapshots. */
  public static final SnapshotPlan EMPTY = new SnapshotPlan(Map.of());

  private final Map<String, SnapshotRows.Form> stored;
  private final Map<String, SnapshotRows.Form> planned = new HashMap<>();
  private final List<SnapshotRows.Row> rows = new ArrayList<>();
  private int count;
  private long manifestEntries;

  private SnapshotPlan(Map<String, SnapshotRows.Form> stored) {
    this.stored = stored;
  }

  /** The snapshots whose standing in the repository has to be known to plan a bundle's. */
  public static Set<String> named(History history) {
    Set<String> named = new HashSet<>();
    for (Snapshot snapshot : history.snapshots()) {
      named.add(snapshot.snapshotId());
      String base = base(snapshot);
      if (base != null) {
        named.add(base);
      }
    }
    for (Commit commit : history.commits()) {
      if (commit.snapshotId() != null) {
        named.add(commit.snapshotId());
      }
    }
    return named;
  }

  /**
   * Resolves a bundle's snapshots against each other and the repository. Those that the repository
   * has are what it has; nothing has to be read for them.
   *
   * @param stored how those of {@link #named} are stored that the repository has
   * @throws MissingBaseException when one is unknown
   * @throws SheafException of kind INVALID when snapshots form a cycle
   */
  public static SnapshotPlan of(
      Catalog catalog, String repoId, History history, Map<String, SnapshotRows.Form> stored)
      throws IOException {
    Map<String, Snapshot> fresh = new LinkedHashMap<>();
    Map<String, Snapshot> known = new LinkedHashMap<>();
    for (Snapshot snapshot : history.snapshots()) {
      (stored.containsKey(snapshot.snapshotId()) ? known : fresh)
          .put(snapshot.snapshotId(), snapshot);
    }
    Set<String> outside = new HashSet<>();
    for (Snapshot snapshot : fresh.values()) {
      String base = base(snapshot);
      if (base != null && stored.containsKey(base)) {
        outside.add(base);
      }
    }
    Map<String, Manifest> bases = new Snapshots(catalog).manifests(repoId, outside);

    SnapshotPlan plan = new SnapshotPlan(stored);
    known.values().forEach(plan::known);
    SnapshotResolver.resolve(fresh.values(), bases::get, plan);
    plan.requireSnapshots(history.commits());
    return plan;
  }

  private static @Nullable String base(Snapshot snapshot) {
    return snapshot.full() ? null : snapshot.parentId();
  }

  private void known(Snapshot snapshot) {
    SnapshotRows.Form form = Objects.requireNonNull(stored.get(snapshot.snapshotId()));
    count++;
    manifestEntries += form.entryCount();
    int entries = snapshot.entries().size();
    if (snapshot.full() && entries != form.entryCount()) {
      throw new SheafException(
          ErrorKind.INVALID,
          "snapshot %s has %d entries in the bundle and %d in the repository; its id must change"
              .formatted(snapshot.snapshotId(), entries, form.entryCount()));
    }
  }

  @Override
  public void unresolved(Snapshot snapshot, String missingId) {
    throw new MissingBaseException(
        missingId,
        ("snapshot %s builds on %s, which is neither in the bundle nor in the repository:"
                + " send that snapshot first, or a bundle that holds it")
            .formatted(snapshot.snapshotId(), missingId));
  }

  @Override
  public void resolved(Snapshot snapshot, Manifest manifest) {
    int entries = manifest.objects().size();
    count++;
    manifestEntries += entries;
    planned.put(snapshot.snapshotId(), plan(snapshot, manifest));
  }

  private SnapshotRows.Form plan(Snapshot snapshot, Manifest manifest) {
    int entries = manifest.objects().size();
    String parent = base(snapshot);
    SnapshotRows.Form base = parent == null ? null : form(parent);
    if (base != null) {
      byte[] delta = SnapshotColumn.encode(snapshot);
      if (base.takes(delta.length)) {
        SnapshotRows.Form form = base.plus(entries, delta.length);
        rows.add(new SnapshotRows.Row(snapshot.snapshotId(), parent, form, delta));
        return form;
      }
    }
    byte[] whole = SnapshotColumn.encodeWhole(manifest, snapshot.extra());
    SnapshotRows.Form form = SnapshotRows.Form.whole(entries, whole.length);
    rows.add(new SnapshotRows.Row(snapshot.snapshotId(), null, form, whole));
    return form;
  }

  private SnapshotRows.@Nullable Form form(String snapshotId) {
    SnapshotRows.Form known = stored.get(snapshotId);
    return known != null ? known : planned.get(snapshotId);
  }

  private void requireSnapshots(List<Commit> commits) {
    for (Commit commit : commits) {
      String id = commit.snapshotId();
      if (id != null && !stored.containsKey(id) && !planned.containsKey(id)) {
        throw new MissingBaseException(
            id,
            "commit %s names snapshot %s, which is neither in the bundle nor in the repository"
                .formatted(commit.commitId(), id));
      }
    }
  }

  /** Number of snapshots in the bundle. */
  public int count() {
    return count;
  }

  /** Sum of the entries of their manifests. */
  public long manifestEntries() {
    return manifestEntries;
  }

  /** The rows of those that the repository does not have, bases first. */
  public List<SnapshotRows.Row> rows() {
    return rows;
  }
}
