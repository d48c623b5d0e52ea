package dev.sheaf.repository.git;

import dev.sheaf.bundle.ContentId;
import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.git.BundleHeader;
import dev.sheaf.repository.GitRefTable;
import dev.sheaf.repository.GitState;
import dev.sheaf.repository.Repo;
import dev.sheaf.repository.history.BuildsOnException;
import dev.sheaf.repository.job.Job;
import dev.sheaf.repository.job.Jobs;
import dev.sheaf.repository.job.Refusals;
import dev.sheaf.storage.catalog.Catalog;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Takes in what a client announces: refs, and mostly a git bundle that is in the store and proven
 * to be what its name says. A small one is readable when this returns. A large one moves its refs
 * at once, marked as unproven, and leaves its proof to a job.
 */
public final class GitPushes {
  /** So often others may be in the way of one push. */
  private static final int ATTEMPTS = 20;

  private final GitPorts ports;
  private final Jobs jobs;
  private final Refusals refusals;
  private final GitManifests manifests;
  private final long readNowBytes;

  /**
   * @param readNowBytes a larger bundle is left to a job
   */
  public GitPushes(GitPorts ports, Jobs jobs, long readNowBytes) {
    this.ports = ports;
    this.jobs = jobs;
    this.refusals = new Refusals(ports.catalog(), ports.time());
    this.manifests = new GitManifests(ports.catalog(), ports.store());
    this.readNowBytes = readNowBytes;
  }

  /** Opens the bytes of a bundle. */
  @FunctionalInterface
  public interface Bytes {
    InputStream open();
  }

  /**
   * A bundle that was uploaded.
   *
   * @param id its SHA-256, proven
   * @param uploadedAt when the store says that it was written
   */
  public record Bundle(ContentId id, long sizeBytes, Instant uploadedAt, Bytes bytes) {}

  /**
   * What became of a push.
   *
   * @param results one for each ref that it was about
   * @param isRefused whether nothing was changed, since something could not be
   * @param isPending whether a job is still to prove what it brought
   * @param job the job of its bundle, or the one that is to prove its refs; null for none
   * @param wakesLane whether a worker must be told that there is something to do
   */
  public record Result(
      List<RefResult> results,
      boolean isRefused,
      boolean isPending,
      @Nullable String job,
      boolean wakesLane) {

    /** An atomic push that cannot take place, whatever is there. */
    public static Result refused(RefsRequest request) {
      return new Result(
          request.updates().stream()
              .map(update -> RefResult.rejected(update.name(), RefResult.Reason.ATOMIC, null))
              .toList(),
          true,
          false,
          null,
          false);
    }
  }

  /**
   * Takes in a push.
   *
   * @param bundle null for one of what is here already
   * @throws BuildsOnException when the bundle builds on what is not here
   * @throws SheafException of kind INVALID or TOO_LARGE when it is at fault, CONFLICT when others
   *     were in the way again and again
   */
  public Result push(Repo repo, @Nullable Bundle bundle, RefsRequest request) {
    try {
      if (bundle == null) {
        return move(repo, request);
      }
      return bundle.sizeBytes() <= readNowBytes
          ? readNow(repo, bundle, request, true)
          : readLater(repo, bundle, request);
    } catch (RefusedException e) {
      if (bundle != null) {
        refuse(repo, bundle, e);
      }
      return new Result(e.results(), true, false, null, false);
    } catch (SheafException e) {
      if (bundle != null && (e.kind() == ErrorKind.INVALID || e.kind() == ErrorKind.TOO_LARGE)) {
        refuse(repo, bundle, e);
      }
      throw e;
    }
  }

  /** The upload's event, before or after, must not do what the client was refused. */
  private void refuse(Repo repo, Bundle bundle, RuntimeException reason) {
    refusals.note(repo, bundle.id(), bundle.uploadedAt(), String.valueOf(reason.getMessage()));
  }

  /**
   * @param mayReadAgain whether what it builds on may have come since the repository was looked at
   */
  private Result readNow(Repo repo, Bundle bundle, RefsRequest request, boolean mayReadAgain) {
    try (InputStream wire = bundle.bytes().open();
        GitIntake intake = GitIntake.read(ports, repo, wire)) {
      return commit(repo, new Announced(bundle, intake), intake.asked(request), intake.judge());
    } catch (UnprovenException e) {
      return readLater(repo, bundle, request);
    } catch (BuildsOnException e) {
      if (jobs.hasActiveBesides(repo.repoId(), bundle.id())) {
        return readLater(repo, bundle, request);
      }
      if (mayReadAgain) {
        // The job that was to bring it may have ended between the look and the question.
        return readNow(repo, bundle, request, false);
      }
      throw e;
    } catch (IOException e) {
      throw brokenOff(bundle, e);
    }
  }

  private static SheafException brokenOff(Bundle bundle, IOException e) {
    return new SheafException(
        ErrorKind.UNAVAILABLE,
        "reading bundle " + bundle.id().prefixed() + " broke off; try again",
        e);
  }

  /** A bundle that was read. */
  private record Announced(Bundle bundle, GitIntake intake) {}

  /** A branch is to go on from where only a job can tell what is there. */
  private static final class UnprovenException extends RuntimeException {
    private static final long serialVersionUID = 1;
  }

  /** A branch has moved to where nobody has looked yet. */
  private static final class UnjudgedException extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final transient RefPlan plan;

    UnjudgedException(RefPlan plan) {
      this.plan = plan;
    }
  }

  /**
   * Moves refs to what was looked at.
   *
   * @param read null where everything is in the repository
   */
  private Result commit(Repo repo, @Nullable Announced read, RefsRequest request, Judge judge) {
    judge.look(request.targets());
    // Most pushes that are refused are, by this, before anything is stored.
    requireAccepted(
        request, judged(judge, () -> plan(ports.catalog(), repo, judge.state(), request, judge)));
    if (read != null) {
      read.intake().store();
    }
    for (int attempt = 1; ; attempt++) {
      try {
        return finish(
            repo, ports.catalog().transaction(tx -> commit(tx, repo, read, request, judge)));
      } catch (UnjudgedException e) {
        judge(judge, e.plan);
      } catch (SheafException e) {
        if (e.kind() != ErrorKind.CONFLICT || attempt == ATTEMPTS) {
          throw e;
        }
      }
    }
  }

  private static RefPlan plan(
      Catalog catalog, Repo repo, GitState state, RefsRequest request, Judge judge) {
    return GitTransaction.plan(catalog, repo, state, request, judge.judgement(null));
  }

  private static RefPlan judged(Judge judge, Supplier<RefPlan> planning) {
    RefPlan plan = planning.get();
    while (!plan.unjudged().isEmpty()) {
      judge(judge, plan);
      plan = planning.get();
    }
    return plan;
  }

  private static void judge(Judge judge, RefPlan plan) {
    if (!judge.judge(plan.unjudged())) {
      throw new UnprovenException();
    }
  }

  private static void requireAccepted(RefsRequest request, RefPlan plan) {
    if (plan.isRefused() || (request.atomic() && !plan.rejected().isEmpty())) {
      throw new RefusedException(plan.results());
    }
  }

  /** A push that is committed, and what is left to do for it. */
  private record Committed(GitTransaction.Done done, Result result) {}

  private Committed commit(
      Catalog transaction, Repo repo, @Nullable Announced read, RefsRequest request, Judge judge) {
    GitTransaction writing = GitTransaction.lock(ports, transaction, repo);
    judge.requireStillThere(writing.before());
    RefPlan plan = writing.plan(request, judge.judgement(null));
    if (!plan.unjudged().isEmpty()) {
      throw new UnjudgedException(plan);
    }
    boolean isBringing = plan.isBringing();
    requireAccepted(request, plan);
    GitIntake intake = read == null || !isBringing ? null : read.intake();
    writing.requireHome(plan);
    GitTransaction.Done done = writing.write(plan, intake);
    Jobs.Announced job = read == null ? null : settle(transaction, repo, read, plan, isBringing);
    boolean wakes = done.woken() > 0 || (job != null && job.wakesLane());
    return new Committed(
        done,
        new Result(plan.results(), false, false, job == null ? null : job.job().jobId(), wakes));
  }

  /** The bundle's job has nothing left to do. */
  private Jobs.Announced settle(
      Catalog transaction, Repo repo, Announced read, RefPlan plan, boolean isKept) {
    Bundle bundle = read.bundle();
    Jobs.Announced announced =
        jobs.in(transaction)
            .announced(
                repo.repoId(),
                bundle.id(),
                bundle.sizeBytes(),
                Job.Decision.SETTLED,
                bundle.uploadedAt());
    GitReport report =
        GitReport.of(bundle.sizeBytes(), read.intake().pack(), isKept, plan.results());
    jobs.in(transaction).finishUnclaimed(announced.job(), report.json().toString());
    return announced;
  }

  private Result finish(Repo repo, Committed committed) {
    GitSnapshot snapshot = committed.done().snapshot();
    if (snapshot != null) {
      manifests.write(repo, snapshot);
    }
    return committed.result();
  }

  /** Moves refs without a bundle: what they are to point to is here, or a job is to bring it. */
  private Result move(Repo repo, RefsRequest request) {
    boolean goesOnFromUnproven = false;
    for (int attempt = 1; attempt <= ATTEMPTS; attempt++) {
      Judge judge = GitIntake.judge(ports, repo);
      judge.look(request.targets());
      Optional<String> job =
          goesOnFromUnproven || !judge.knows(request.targets())
              ? new GitRefTable(ports.catalog(), repo.repoId()).lastUnprovenJob()
              : Optional.empty();
      try {
        return job.isPresent()
            ? leaveTo(repo, job.get(), request, judge)
            : commit(repo, null, request, judge);
      } catch (UnprovenException e) {
        // That job has ended by now, or another one has begun.
        goesOnFromUnproven = true;
      }
    }
    throw new SheafException(ErrorKind.CONFLICT, "others move the same refs; try again");
  }

  /** Moves refs of which a job that runs, or is to run, has some to prove. */
  private Result leaveTo(Repo repo, String job, RefsRequest request, Judge judge) {
    while (true) {
      try {
        return finish(
            repo, ports.catalog().transaction(tx -> leaveTo(tx, repo, job, request, judge)));
      } catch (UnjudgedException e) {
        judge(judge, e.plan);
      }
    }
  }

  private Committed leaveTo(
      Catalog transaction, Repo repo, String job, RefsRequest request, Judge judge) {
    GitTransaction writing = GitTransaction.lock(ports, transaction, repo);
    judge.requireStillThere(writing.before());
    if (!new GitRefTable(transaction, repo.repoId()).lastUnprovenJob().equals(Optional.of(job))) {
      throw new UnprovenException();
    }
    RefPlan plan = writing.plan(request, judge.judgement(job));
    if (!plan.unjudged().isEmpty()) {
      throw new UnjudgedException(plan);
    }
    requireAccepted(request, plan);
    writing.requireHome(plan);
    GitTransaction.Done done = writing.writeUnproven(plan, request, job);
    return new Committed(done, new Result(plan.results(), false, true, job, false));
  }

  /** Moves refs to what nobody has read: by what the header says alone. */
  private Result readLater(Repo repo, Bundle bundle, RefsRequest request) {
    BundleHeader header = header(bundle);
    Judge base = GitIntake.judge(ports, repo);
    try {
      GitIntake.requireThere(base, header.prerequisites());
    } catch (BuildsOnException _) {
      // What is on its way may bring it, or has brought it since.
      if (!jobs.hasActiveBesides(repo.repoId(), bundle.id())) {
        GitIntake.requireThere(GitIntake.judge(ports, repo), header.prerequisites());
      }
    }
    RefsRequest asked = GitIntake.asked(header, request);
    Optional<Committed> committed =
        ports.catalog().transaction(transaction -> leave(transaction, repo, bundle, asked));
    return committed.isPresent() ? finish(repo, committed.get()) : move(repo, asked);
  }

  private static BundleHeader header(Bundle bundle) {
    try (InputStream wire = bundle.bytes().open()) {
      return BundleHeader.read(new BufferedInputStream(wire));
    } catch (IOException e) {
      throw brokenOff(bundle, e);
    }
  }

  /** Empty when the bundle has been taken in before: everything is here. */
  private Optional<Committed> leave(
      Catalog transaction, Repo repo, Bundle bundle, RefsRequest request) {
    GitTransaction writing = GitTransaction.lock(ports, transaction, repo);
    Jobs.Announced announced =
        jobs.in(transaction)
            .announced(
                repo.repoId(),
                bundle.id(),
                bundle.sizeBytes(),
                Job.Decision.MOVED,
                bundle.uploadedAt());
    String job = announced.job().jobId();
    if (announced.job().status() == Job.Status.DONE) {
      return Optional.empty();
    }
    RefPlan plan = writing.plan(request, Judgement.leftTo(job));
    requireAccepted(request, plan);
    writing.requireHome(plan);
    GitTransaction.Done done = writing.writeUnproven(plan, request, job);
    return Optional.of(
        new Committed(done, new Result(plan.results(), false, true, job, announced.wakesLane())));
  }
}
