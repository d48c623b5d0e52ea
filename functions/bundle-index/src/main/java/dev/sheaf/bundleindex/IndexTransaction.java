package dev.sheaf.bundleindex;

import dev.sheaf.bundle.ContentId;
import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.bundle.history.GitRefs;
import dev.sheaf.bundle.history.History;
import dev.sheaf.repository.BranchMoves;
import dev.sheaf.repository.Ingest;
import dev.sheaf.repository.JobPayload;
import dev.sheaf.repository.Jobs;
import dev.sheaf.repository.ObjectRows;
import dev.sheaf.storage.catalog.Catalog;
import dev.sheaf.storage.counting.RequestCounts;
import java.io.IOException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * Makes a bundle visible: every row that it brings, its branches and the end of its job at once.
 */
final class IndexTransaction {
  private static final int ATTEMPTS = 3;

  private final Catalog catalog;
  private final Jobs jobs;
  private final InstantSource time;
  private final PhaseClock clock;
  private final RequestCounts requests;

  IndexTransaction(
      Catalog catalog, Jobs jobs, InstantSource time, PhaseClock clock, RequestCounts requests) {
    this.catalog = catalog;
    this.jobs = jobs;
    this.time = time;
    this.clock = clock;
    this.requests = requests;
  }

  /**
   * Checks a history against the repository and encodes its rows: all that can be done before the
   * objects are stored.
   *
   * @param objects the objects of the bundle
   * @throws SheafException of kind INVALID when the history is at fault
   */
  Ingest prepare(String repoId, History history, Set<ContentId> objects) throws IOException {
    Ingest ingest = clock.in(Phase.COMMIT_INSERT, () -> Ingest.of(repoId, history));
    clock.during(Phase.SNAPSHOT_INSERT, () -> ingest.resolveSnapshots(catalog));
    clock.during(
        Phase.OBJECT_REFS, () -> ingest.checkObjects(catalog, objects, Ingest.GhostRule.STORE));
    return ingest;
  }

  /**
   * Writes a bundle.
   *
   * @param bucket the store's bucket
   * @throws SheafException of kind INVALID when the history is at fault
   * @throws LostClaimException when another worker has taken the job over; nothing is written then
   */
  IndexReport write(Jobs.Claim claim, Unpacked bundle, String bucket) throws IOException {
    Ingest ingest = bundle.ingest();
    for (int attempt = 1; ; attempt++) {
      try {
        return writeOnce(claim, bundle, ingest, bucket);
      } catch (SheafException e) {
        // The announcement of this very bundle usually comes while the job reads it, and writes the
        // same rows first. What is there now is all that has to be looked at again.
        if (e.kind() != ErrorKind.CONFLICT || attempt == ATTEMPTS) {
          throw e;
        }
        ingest = prepare(bundle.repoId(), bundle.history(), bundle.objects());
      }
    }
  }

  private IndexReport writeOnce(Jobs.Claim claim, Unpacked bundle, Ingest ingest, String bucket) {
    return catalog.transaction(transaction -> {
      Instant now = time.instant();
      BranchMoves moves = BranchMoves.lock(transaction, bundle.repoId());
      writeRows(transaction, bundle, ingest, moves, bucket, now);
      List<BranchMoves.Rejection> rejected =
          moveBranches(transaction, claim, bundle.history(), moves, now);
      IndexReport report =
          new IndexReport(
              bundle.sizeBytes(),
              ingest.counts(),
              bundle.objects().size(),
              bundle.stored().size(),
              bundle.known(),
              rejected);
      if (!jobs.in(transaction).finish(claim, report.result(clock, requests))) {
        throw new LostClaimException(claim.job().jobId());
      }
      return report;
    });
  }

  private void writeRows(
      Catalog transaction,
      Unpacked bundle,
      Ingest ingest,
      BranchMoves moves,
      String bucket,
      Instant now) {
    ObjectRows rows = new ObjectRows(transaction);
    clock.during(Phase.OBJECT_INSERT, () -> rows.putStored(bundle.stored(), bucket, now));
    clock.during(
        Phase.OBJECT_REFS,
        () -> rows.putRefs(bundle.repoId(), ingest.readable(bundle.objects()), now));
    clock.during(Phase.SNAPSHOT_INSERT, () -> ingest.writeSnapshots(transaction));
    clock.during(
        Phase.COMMIT_INSERT, () -> ingest.writeCommits(transaction, moves, bundle.bundle(), now));
  }

  /**
   * Moves the branches that the bundle names, unless a client has announced the push: then they
   * were moved already, and must lead somewhere by now.
   */
  private List<BranchMoves.Rejection> moveBranches(
      Catalog transaction, Jobs.Claim claim, History history, BranchMoves moves, Instant now) {
    Jobs present = jobs.in(transaction);
    // Read again: an announcement may have come since the claim.
    JobPayload payload = present.payload(claim);
    List<BranchMoves.Rejection> rejected = new ArrayList<>();
    if (payload.announced()) {
      present.requireMovesKnown(claim);
    } else if (!history.branchHeads().isEmpty()) {
      moves.requireKnown(history.branchHeads().values(), history.commits());
      BranchMoves.Rule rule =
          payload.force()
              ? new BranchMoves.Rule.Force()
              : new BranchMoves.Rule.FastForward(history.commits());
      rejected.addAll(moves.move(history.branchHeads(), rule, now).rejected());
    }
    GitRefs git = GitRefs.from(history.meta());
    rejected.addAll(moves.keepGitRefs(git, payload.force(), now));
    return rejected;
  }
}
