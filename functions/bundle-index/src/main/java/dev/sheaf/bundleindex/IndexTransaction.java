package dev.sheaf.bundleindex;

import dev.sheaf.repository.BranchMoves;
import dev.sheaf.repository.IncomingHistory;
import dev.sheaf.repository.Jobs;
import dev.sheaf.repository.intake.Intake;
import dev.sheaf.repository.intake.PhaseClock;
import dev.sheaf.storage.counting.RequestCounts;
import java.io.IOException;
import java.util.List;

/**
 * Makes a bundle visible: every row that it brings, its branches and the end of its job at once.
 */
final class IndexTransaction {
  private final Jobs jobs;
  private final PhaseClock clock;
  private final RequestCounts requests;

  IndexTransaction(Jobs jobs, PhaseClock clock, RequestCounts requests) {
    this.jobs = jobs;
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
      BranchMoves moves = BranchMoves.lock(transaction, claim.job().repoId());
      IncomingHistory.Counts counts = intake.commit(transaction, moves, bundle.bundle());
      List<BranchMoves.Rejection> rejected =
          jobs.in(transaction).moveRefs(claim, intake.history(), moves);
      IndexReport report =
          new IndexReport(
              bundle.sizeBytes(),
              counts,
              intake.ids().size(),
              intake.stored().size(),
              intake.knownCount(),
              rejected);
      if (!jobs.in(transaction).finish(claim, report.result(clock, requests))) {
        throw new LostClaimException(claim.job().jobId());
      }
      return report;
    });
  }
}
