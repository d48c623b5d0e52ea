package dev.sheaf.bundleindex;

import dev.sheaf.bundle.history.GitRefs;
import dev.sheaf.bundle.history.History;
import dev.sheaf.repository.BranchMoves;
import dev.sheaf.repository.IncomingHistory;
import dev.sheaf.repository.JobPayload;
import dev.sheaf.repository.Jobs;
import dev.sheaf.repository.intake.Intake;
import dev.sheaf.repository.intake.PhaseClock;
import dev.sheaf.storage.catalog.Catalog;
import dev.sheaf.storage.counting.RequestCounts;
import java.io.IOException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;

/**
 * Makes a bundle visible: every row that it brings, its branches and the end of its job at once.
 */
final class IndexTransaction {
  private final Jobs jobs;
  private final InstantSource time;
  private final PhaseClock clock;
  private final RequestCounts requests;

  IndexTransaction(Jobs jobs, InstantSource time, PhaseClock clock, RequestCounts requests) {
    this.jobs = jobs;
    this.time = time;
    this.clock = clock;
    this.requests = requests;
  }

  /**
   * Writes a bundle.
   *
   * @param intake has read the bundle, and is prepared
   * @throws dev.sheaf.bundle.SheafException of kind INVALID when the history is at fault
   * @throws LostClaimException when another worker has taken the job over; nothing is written then
   */
  IndexReport write(Jobs.Claim claim, Unpacked bundle, Intake intake) throws IOException {
    return intake.transaction(transaction -> {
      Instant now = time.instant();
      BranchMoves moves = BranchMoves.lock(transaction, claim.job().repoId());
      IncomingHistory.Counts counts = intake.commit(transaction, moves, bundle.bundle());
      IndexReport report =
          new IndexReport(
              bundle.sizeBytes(),
              counts,
              intake.ids().size(),
              intake.stored().size(),
              intake.knownCount(),
              moveBranches(transaction, claim, intake.history(), moves, now));
      if (!jobs.in(transaction).finish(claim, report.result(clock, requests))) {
        throw new LostClaimException(claim.job().jobId());
      }
      return report;
    });
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
