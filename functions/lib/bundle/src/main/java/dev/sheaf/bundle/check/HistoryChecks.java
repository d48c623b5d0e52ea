package dev.sheaf.bundle.check;

import dev.sheaf.bundle.ContentId;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.bundle.history.Commit;
import dev.sheaf.bundle.history.CommitOrder;
import dev.sheaf.bundle.history.History;
import dev.sheaf.bundle.history.IdDialect;
import dev.sheaf.bundle.history.Ids;
import dev.sheaf.bundle.history.Manifest;
import dev.sheaf.bundle.history.Snapshot;
import dev.sheaf.bundle.history.SnapshotResolver;
import java.io.IOException;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/** Re-derives ids and references of everything but the objects. */
final class HistoryChecks {
  private static final int SHOWN = 10;

  private final History history;
  private final Set<ContentId> objects;
  private final List<String> findings;
  private final List<String> unchecked;
  private final Set<String> commitIds;
  private final Set<String> snapshotIds;
  private final Set<ContentId> missingObjects = new LinkedHashSet<>();
  private boolean buildsOnOthers;

  HistoryChecks(
      History history, Set<ContentId> objects, List<String> findings, List<String> unchecked) {
    this.history = history;
    this.objects = objects;
    this.findings = findings;
    this.unchecked = unchecked;
    this.commitIds = history.commits().stream().map(Commit::commitId).collect(Collectors.toSet());
    this.snapshotIds =
        history.snapshots().stream().map(Snapshot::snapshotId).collect(Collectors.toSet());
  }

  void run(SnapshotResolver.Known known) throws IOException {
    snapshots(known);
    commits();
    branchHeads();
    objectsOfManifests();
  }

  private void snapshots(SnapshotResolver.Known known) throws IOException {
    try {
      SnapshotResolver.resolve(history.snapshots(), known, new SnapshotCheck());
    } catch (SheafException e) {
      findings.add(String.valueOf(e.getMessage()));
    }
  }

  /** Compares each snapshot's id with its manifest. */
  private final class SnapshotCheck implements SnapshotResolver.Visitor {
    @Override
    public void resolved(Snapshot snapshot, Manifest manifest) {
      String id = snapshot.snapshotId();
      String derived = Ids.snapshot(manifest, IdDialect.of(id));
      if (!derived.equals(id)) {
        findings.add("snapshot " + id + " has a manifest whose id is " + derived);
      }
      snapshot.entries().values().stream()
          .filter(object -> !objects.contains(object))
          .forEach(missingObjects::add);
    }

    @Override
    public void unresolved(Snapshot snapshot, String missingId) {
      buildsOnOthers = true;
      unchecked.add(
          "snapshot %s: builds on %s, which is not in the bundle"
              .formatted(snapshot.snapshotId(), missingId));
    }
  }

  private void commits() {
    try {
      CommitOrder.parentsFirst(history.commits());
    } catch (SheafException e) {
      findings.add(String.valueOf(e.getMessage()));
    }
    Set<String> outside = new HashSet<>();
    for (Commit commit : history.commits()) {
      commitId(commit);
      outside.addAll(commit.parentIds());
      String snapshot = commit.snapshotId();
      if (snapshot != null && !snapshotIds.contains(snapshot)) {
        buildsOnOthers = true;
        unchecked.add(
            "commit %s: its snapshot %s is not in the bundle"
                .formatted(commit.commitId(), snapshot));
      }
    }
    outside.removeAll(commitIds);
    if (!outside.isEmpty()) {
      buildsOnOthers = true;
      unchecked.add(
          "%d parent commits are not in the bundle: %s".formatted(outside.size(), some(outside)));
    }
  }

  private void commitId(Commit commit) {
    String id = commit.commitId();
    String derived =
        Ids.commit(
            commit.parentIds(),
            commit.snapshotId(),
            commit.message(),
            commit.committedAt(),
            IdDialect.of(id));
    if (!derived.equals(id)) {
      findings.add("commit " + id + " has contents whose id is " + derived);
    }
  }

  private void branchHeads() {
    history
        .branchHeads()
        .forEach((branch, head) -> {
          if (!commitIds.contains(head)) {
            unchecked.add("branch %s: its head %s is not in the bundle".formatted(branch, head));
          }
        });
  }

  /** A bundle that builds on nothing must bring every object that it names. */
  private void objectsOfManifests() {
    if (missingObjects.isEmpty()) {
      return;
    }
    String text =
        "%d objects of manifests are not in the bundle: %s"
            .formatted(missingObjects.size(), some(missingObjects));
    (buildsOnOthers ? unchecked : findings).add(text);
  }

  private static List<String> some(Set<?> ids) {
    return ids.stream().limit(SHOWN).map(Object::toString).toList();
  }
}
