package dev.sheaf.repository.git;

import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.RefName;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.repository.GitRefMoves;
import dev.sheaf.repository.GitRefTable;
import dev.sheaf.repository.GitRefWrites;
import dev.sheaf.repository.GitState;
import dev.sheaf.repository.Repo;
import dev.sheaf.repository.job.Job;
import dev.sheaf.repository.job.Jobs;
import dev.sheaf.storage.catalog.Catalog;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.eclipse.jgit.lib.ObjectId;

/**
 * Runs the claimed job of a git bundle: reads and proves it, stores its pack, and makes all of it
 * visible in the transaction that ends the job. Run again after any crash, it ends in the same
 * state.
 */
public final class GitJob {
  private static final int ATTEMPTS = 20;

  private final GitPorts ports;
  private final Jobs jobs;
  private final GitManifests manifests;
  private final End end;

  /** Ends the job, in the transaction that writes what it came to; or throws. */
  @FunctionalInterface
  public interface End {
    Jobs.Ended done(Catalog transaction, GitReport report);
  }

  public GitJob(GitPorts ports, Jobs jobs, End end) {
    this.ports = ports;
    this.jobs = jobs;
    this.manifests = new GitManifests(ports.catalog(), ports.store());
    this.end = end;
  }

  /** A branch has moved to where nobody has looked yet. */
  private static final class UnjudgedException extends RuntimeException {
    private static final long serialVersionUID = 1;
  }

  /**
   * Runs a job.
   *
   * @param wire the bundle; not closed
   * @throws dev.sheaf.repository.history.BuildsOnException when a prerequisite is not here
   * @throws SheafException of kind INVALID or TOO_LARGE when the bundle is at fault
   * @throws IOException when the stream breaks
   */
  public Outcome run(Jobs.Claim claim, Repo repo, InputStream wire, long sizeBytes)
      throws IOException {
    try (GitIntake intake = GitIntake.read(ports, repo, wire)) {
      Run run = new Run(claim.job(), repo, intake, sizeBytes);
      boolean isBare =
          claim.job().decision() == Job.Decision.BARE || claim.job().decision() == Job.Decision.OWN;
      run.look(!isBare);
      intake.store();
      for (int attempt = 1; ; attempt++) {
        try {
          Written written = ports.catalog().transaction(run::write);
          GitSnapshot snapshot = written.done().snapshot();
          if (snapshot != null) {
            manifests.write(repo, snapshot);
          }
          return new Outcome(written.report(), written.ended());
        } catch (UnjudgedException e) {
          if (attempt == ATTEMPTS) {
            throw new SheafException(ErrorKind.UNAVAILABLE, "others move the same refs", e);
          }
          run.look(true);
        }
      }
    }
  }

  private record Written(GitReport report, GitTransaction.Done done, Jobs.Ended ended) {}

  /**
   * What became of a job.
   *
   * @param ended whether its lane has anything left
   */
  public record Outcome(GitReport report, Jobs.Ended ended) {}

  /** One run of one job. */
  private final class Run {
    private final Job claimed;
    private final Repo repo;
    private final GitIntake intake;
    private final long sizeBytes;

    Run(Job claimed, Repo repo, GitIntake intake, long sizeBytes) {
      this.claimed = claimed;
      this.repo = repo;
      this.intake = intake;
      this.sizeBytes = sizeBytes;
    }

    /**
     * Looks at everything that the transaction will ask about, as far as it can be known now.
     *
     * @param isAnnounced whether refs may have been moved for the job
     */
    void look(boolean isAnnounced) {
      List<GitRefMoves.Move> moves = isAnnounced ? moves(ports.catalog()) : List.of();
      Set<ObjectId> targets = new HashSet<>(intake.own().targets());
      moves.forEach(move -> targets.add(move.target()));
      intake.judge().look(targets);
      judge(steps(moves));
      GitState state = intake.judge().state();
      if (state.refs() > 0) {
        judge(
            GitTransaction.plan(ports.catalog(), repo, state, intake.own(), judgement())
                .unjudged());
      }
    }

    /** From where nothing is, a branch does not go forward. */
    private void judge(Set<Judgement.Step> steps) {
      intake.judge().judge(steps);
      intake.judge().refuse(steps);
    }

    private Judgement judgement() {
      return intake.judge().judgement(null);
    }

    private List<GitRefMoves.Move> moves(Catalog catalog) {
      return new GitRefMoves(catalog, claimed.jobId()).all();
    }

    private static Set<Judgement.Step> steps(List<GitRefMoves.Move> moves) {
      Set<Judgement.Step> steps = new HashSet<>();
      for (GitRefMoves.Move move : moves) {
        RefName name = move.name();
        if (name != null && name.isBranch() && !move.forced() && move.previous() != null) {
          steps.add(new Judgement.Step(move.previous().target(), move.target()));
        }
      }
      return steps;
    }

    Written write(Catalog transaction) {
      GitTransaction writing = GitTransaction.lock(ports, transaction, repo);
      intake.judge().requireStillThere(writing.before());
      Job job = jobs.in(transaction).find(repo.repoId(), claimed.jobId()).orElse(claimed);
      return switch (job.decision()) {
        case BARE, OWN -> move(transaction, writing, intake.ownAlone());
        case OWED -> move(transaction, writing, owed(moves(transaction)));
        case MOVED -> prove(transaction, writing);
        case SETTLED -> settled(transaction);
        case REFUSED ->
            throw new SheafException(
                ErrorKind.INVALID, Objects.requireNonNullElse(job.error(), "the push was refused"));
      };
    }

    /** What was moved for the job was taken back: it is asked for again, from where it was. */
    private static RefsRequest owed(List<GitRefMoves.Move> moves) {
      List<RefUpdate> updates = new ArrayList<>();
      boolean atomic = false;
      for (GitRefMoves.Move move : moves) {
        RefName name = move.name();
        if (name != null) {
          atomic |= move.atomic();
          RefUpdate.Expected expected =
              move.previous() == null
                  ? new RefUpdate.Expected.Absent()
                  : new RefUpdate.Expected.At(move.previous().target());
          updates.add(new RefUpdate(name, expected, move.target(), move.forced()));
        }
      }
      return new RefsRequest(updates, null, null, atomic);
    }

    private Written move(Catalog transaction, GitTransaction writing, RefsRequest request) {
      RefPlan plan = writing.plan(request, judgement());
      if (!plan.unjudged().isEmpty()) {
        judge(plan.unjudged());
        plan = writing.plan(request, judgement());
      }
      boolean isBringing = plan.isBringing();
      if (plan.isRefused() || (request.atomic() && !plan.rejected().isEmpty())) {
        throw new RefusedException(plan.results());
      }
      writing.requireHome(plan);
      GitTransaction.Done done = writing.write(plan, isBringing ? intake : null);
      return end(transaction, done, isBringing, plan.results());
    }

    /** Whoever announced the bundle has moved what there is to move, and keeps its pack if so. */
    private Written settled(Catalog transaction) {
      return end(transaction, new GitTransaction.Done(null, 0), false, List.of());
    }

    /** Proves what refs were moved to; what cannot be goes back, alone or with the whole push. */
    private Written prove(Catalog transaction, GitTransaction writing) {
      List<GitRefMoves.Move> moves = moves(transaction);
      List<ObjectId> targets = moves.stream().map(GitRefMoves.Move::target).toList();
      if (!intake.judge().hasLooked(targets) || !intake.judge().hasJudged(steps(moves))) {
        throw new UnjudgedException();
      }
      RefProof proof =
          RefProof.of(
              claimed.jobId(),
              moves,
              new GitRefTable(transaction, repo.repoId())
                  .around(
                      moves.stream().map(GitRefMoves.Move::name).filter(Objects::nonNull).toList()),
              judgement(),
              writing.before().home().epoch());
      if (proof.isRefused()) {
        throw new RefusedException(proof.results());
      }
      boolean isElsewhere = writing.elsewhere() != null;
      List<RefName> back =
          isElsewhere
              ? moves.stream().map(GitRefMoves.Move::name).filter(Objects::nonNull).toList()
              : proof.refused();
      new GitRefMoves(transaction, claimed.jobId())
          .takeBack(repo.repoId(), back, ports.time().instant());
      GitTransaction.Done done =
          isElsewhere ? writing.writeLate(proof, judgement(), intake) : written(writing, proof);
      return end(transaction, done, true, proof.results());
    }

    private GitTransaction.Done written(GitTransaction writing, RefProof proof) {
      List<GitRefWrites.Change> kept =
          proof.keptAs(move -> proof.isProven(move.name()) ? null : move.keptName(), judgement());
      return proof.plan().isEmpty() && kept.isEmpty()
          ? writing.keep(intake)
          : writing.write(proof.plan(), kept, intake);
    }

    private Written end(
        Catalog transaction, GitTransaction.Done done, boolean isKept, List<RefResult> results) {
      GitReport report = GitReport.of(sizeBytes, intake.pack(), isKept, results);
      return new Written(report, done, end.done(transaction, report));
    }
  }
}
