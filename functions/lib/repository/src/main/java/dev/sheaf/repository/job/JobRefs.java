package dev.sheaf.repository.job;

import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.bundle.history.History;
import dev.sheaf.repository.BranchMoves;
import dev.sheaf.repository.JobMoves;
import dev.sheaf.repository.MovedOnException;
import dev.sheaf.repository.NotFastForwardException;
import dev.sheaf.repository.RefLimits;
import dev.sheaf.repository.history.Commits;
import dev.sheaf.repository.history.Reach;
import dev.sheaf.storage.catalog.Catalog;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * What a job does with branches, once the commits of its bundle are written: the one place where
 * the decision of {@link Job.Decision} becomes deed. Under the repository's lock.
 */
final class JobRefs {
  private final Catalog transaction;
  private final Job job;
  private final History history;
  private final BranchMoves moves;
  private final Instant now;

  /**
   * @param job as it is now
   */
  JobRefs(Catalog transaction, Job job, History history, BranchMoves moves, Instant now) {
    this.transaction = transaction;
    this.job = job;
    this.history = history;
    this.moves = moves.by(job.seq(), job.seq());
    this.now = now;
  }

  /** See {@link Jobs#moveRefs}. */
  List<BranchMoves.Rejection> move() {
    return switch (job.decision()) {
      case BARE, OWN -> moveOwn();
      case MOVED, OWED -> {
        // Another home has these moves as records by now, and what becomes of them is its to say.
        if (moves.elsewhere() == null) {
          moveAnnounced();
        }
        yield List.of();
      }
      case SETTLED -> List.of();
      case REFUSED ->
          throw new SheafException(
              ErrorKind.INVALID, Objects.requireNonNullElse(job.error(), "the push was refused"));
    };
  }

  private List<BranchMoves.Rejection> moveOwn() {
    RefLimits.check(history.branchHeads());
    if (history.branchHeads().isEmpty()) {
      return List.of();
    }
    moves.requireKnown(history.branchHeads().values(), history.commits());
    BranchMoves.Rule rule = new BranchMoves.Rule.FastForward(history.commits());
    return moves.move(history.branchHeads(), rule, now).rejected();
  }

  private void moveAnnounced() {
    List<JobMoves.Move> announced = JobMoves.of(transaction, job.jobId());
    requireKnown(announced);
    requireFastForward(announced);
    if (job.decision() == Job.Decision.OWED) {
      moveOwed(announced);
    }
  }

  private void requireKnown(List<JobMoves.Move> announced) {
    Map<String, String> branches = new HashMap<>();
    announced.forEach(move -> branches.put(move.head(), move.branch()));
    history.commits().forEach(commit -> branches.remove(commit.commitId()));
    branches.keySet().removeAll(new Commits(transaction).known(job.repoId(), branches.keySet()));
    branches.entrySet().stream()
        .findFirst()
        .ifPresent(unknown -> {
          throw new SheafException(
              ErrorKind.INVALID,
              "the push moved branch %s to commit %s, which its bundle does not bring"
                  .formatted(unknown.getValue(), unknown.getKey()));
        });
  }

  /** When the branches moved nobody had read the bundle: now it can be seen whether they might. */
  private void requireFastForward(List<JobMoves.Move> announced) {
    Map<String, Reach> steps = new HashMap<>();
    for (JobMoves.Move move : announced) {
      String previous = move.previous();
      if (!move.forced() && previous != null) {
        steps.put(move.branch(), new Reach(move.head(), previous));
      }
    }
    List<BranchMoves.Rejection> rejected = new ArrayList<>();
    var descends = moves.descent().of(steps, history.commits());
    steps.forEach((branch, step) -> {
      if (!descends.contains(branch)) {
        rejected.add(new BranchMoves.Rejection(branch, step.ancestor(), step.head()));
      }
    });
    if (!rejected.isEmpty()) {
      throw new NotFastForwardException(rejected);
    }
  }

  /** Moves again what was taken back when the job failed, where no later push is in the way. */
  private void moveOwed(List<JobMoves.Move> announced) {
    Map<String, String> wanted = new HashMap<>();
    Map<String, String> previous = new HashMap<>();
    for (JobMoves.Move move : announced) {
      wanted.put(move.branch(), move.head());
      if (move.previous() != null) {
        previous.put(move.branch(), move.previous());
      }
    }
    BranchMoves.Rule rule = new BranchMoves.Rule.Owed(previous, history.commits());
    List<BranchMoves.Rejection> rejected = moves.move(wanted, rule, now).rejected();
    if (!rejected.isEmpty()) {
      throw new MovedOnException(rejected);
    }
  }
}
