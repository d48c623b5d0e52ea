package dev.sheaf.bundleindex;

import dev.sheaf.repository.BranchMoves;
import dev.sheaf.repository.intake.IncomingHistory;
import dev.sheaf.repository.intake.Intake;
import dev.sheaf.repository.intake.PhaseClock;
import dev.sheaf.repository.job.Job;
import dev.sheaf.repository.job.Jobs;
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
   * A bundle that is written.
   *
   * @param ended whether its lane has anything left
   */
  record Written(IndexReport report, Jobs.Ended ended) {}

  /**
   * Writes a bundle.
   *
   * @param intake has read the bundle, and is prepared
   * @throws dev.sheaf.bundle.SheafException of kind INVALID when the history is at fault
   * @throws LostClaimException when another worker has taken the job over; nothing is written then
   */
  Written write(Jobs.Claim claim, Unpacked bundle, Intake intake) throws IOException {
    return intake.transaction(moves -> {
      IncomingHistory.Counts counts = intake.commit(moves, bundle.bundle());
      Jobs held = jobs.in(moves.transaction());
      if (claim.job().decision() == Job.Decision.SETTLED) {
        moves.flush();
        IndexReport settled = report(bundle, intake, counts, List.of());
        Jobs.Ended ended = held.finishSettled(claim, settled.result(clock, requests));
        if (ended != Jobs.Ended.NOT) {
          return new Written(settled, ended);
        }
      }
      IndexReport report =
          report(bundle, intake, counts, held.moveRefs(claim, intake.history(), moves));
      moves.flush();
      Jobs.Ended ended = held.finish(claim, report.result(clock, requests));
      if (ended == Jobs.Ended.NOT) {
        throw new LostClaimException(claim.job().jobId());
      }
      return new Written(report, ended);
    });
  }

  private static IndexReport report(
      Unpacked bundle,
      Intake intake,
      IncomingHistory.Counts counts,
      List<BranchMoves.Rejection> rejected) {
    return new IndexReport(
        bundle.sizeBytes(),
        counts,
        intake.ids().size(),
        intake.stored().size(),
        intake.knownCount(),
        rejected);
  }
}
