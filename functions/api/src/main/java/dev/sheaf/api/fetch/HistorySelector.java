package dev.sheaf.api.fetch;

import dev.sheaf.bundle.ContentId;
import dev.sheaf.bundle.history.Commit;
import dev.sheaf.bundle.history.Manifest;
import dev.sheaf.bundle.history.Snapshot;
import dev.sheaf.repository.history.Ancestry;
import dev.sheaf.repository.history.CommitSet;
import dev.sheaf.repository.history.Commits;
import dev.sheaf.repository.history.Snapshots;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.SequencedSet;
import java.util.Set;

/** Finds out what a client lacks. Reads the catalog only. */
final class HistorySelector {
  /** How many manifests that a client has are looked into; of the rest it may get files again. */
  private static final int MAX_BOUNDARY = 64;

  private final Ancestry ancestry;
  private final Commits commits;
  private final Snapshots snapshots;

  HistorySelector(Ancestry ancestry, Commits commits, Snapshots snapshots) {
    this.ancestry = ancestry;
    this.commits = commits;
    this.snapshots = snapshots;
  }

  /**
   * The commits reachable from what is wanted and not from what is had, with their snapshots and
   * objects.
   *
   * @throws dev.sheaf.api.http.HttpFailure 413 as soon as the budget is spent
   */
  Selection select(String repoId, WantHave wantHave, HistoryBudget budget) throws IOException {
    CommitSet missing = ancestry.missing(repoId, wantHave.want(), wantHave.have());
    List<Commit> records = new ArrayList<>(missing.size());
    commits.read(
        repoId,
        missing,
        commit -> {
          budget.add(commit);
          records.add(commit);
        });
    Set<ContentId> had = hadObjects(repoId, records);
    Collector collector = new Collector(commits.snapshots(repoId, missing), had, budget);
    snapshots.walk(repoId, collector.wanted, collector::visit);
    return new Selection(records, collector.written, collector.objects);
  }

  /**
   * Objects of the snapshots that the selection builds on. The client has them, as it has those
   * commits.
   */
  private Set<ContentId> hadObjects(String repoId, List<Commit> selected) throws IOException {
    Set<String> parents = new LinkedHashSet<>();
    selected.forEach(commit -> parents.addAll(commit.parentIds()));
    selected.forEach(commit -> parents.remove(commit.commitId()));
    Set<ContentId> had = new HashSet<>();
    if (!parents.isEmpty()) {
      int count = Math.min(MAX_BOUNDARY, parents.size());
      CommitSet boundary = ancestry.newest(repoId, parents, count);
      snapshots.walk(
          repoId,
          commits.snapshots(repoId, boundary),
          (snapshot, requested, manifest) -> {
            if (requested) {
              had.addAll(manifest.objects().values());
            }
          });
    }
    return had;
  }

  /** Takes in the snapshots of a walk: those asked for in the form in which they go into a pack. */
  private static final class Collector {
    private final Set<String> wanted;
    private final Set<ContentId> had;
    private final HistoryBudget budget;
    private final List<Snapshot> written = new ArrayList<>();
    private final Set<String> writtenIds = new HashSet<>();
    private final SequencedSet<ContentId> objects = new LinkedHashSet<>();

    Collector(List<String> wanted, Set<ContentId> had, HistoryBudget budget) {
      this.wanted = new LinkedHashSet<>(wanted);
      this.had = had;
      this.budget = budget;
    }

    void visit(Snapshot stored, boolean requested, Manifest manifest) {
      if (!requested) {
        return;
      }
      boolean stands = stored.full() || writtenIds.contains(String.valueOf(stored.parentId()));
      // A delta whose base stays behind is written out.
      Snapshot snapshot = stands ? stored : Histories.whole(stored, manifest);
      budget.add(snapshot, manifest);
      written.add(snapshot);
      writtenIds.add(snapshot.snapshotId());
      snapshot.entries().values().stream().filter(id -> !had.contains(id)).forEach(objects::add);
    }
  }
}
