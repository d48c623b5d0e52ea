package dev.sheaf.repository.git;

import dev.sheaf.bundle.RefName;
import dev.sheaf.repository.Epoch;
import dev.sheaf.repository.GitPacks;
import dev.sheaf.repository.GitRef;
import dev.sheaf.repository.GitRefMoves;
import dev.sheaf.repository.GitRefTable;
import dev.sheaf.repository.GitRefWrites;
import dev.sheaf.repository.GitState;
import dev.sheaf.repository.GitTelling;
import dev.sheaf.repository.LostHomes;
import dev.sheaf.repository.NotHomeException;
import dev.sheaf.repository.Repo;
import dev.sheaf.storage.catalog.Catalog;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.eclipse.jgit.lib.ObjectId;
import org.jspecify.annotations.Nullable;

/** Writes what a git push comes to, in a transaction that holds the repository's lock. */
final class GitTransaction {
  private final Catalog transaction;
  private final Repo repo;
  private final GitState before;
  private final GitPorts ports;
  private final GitTelling telling;

  private GitTransaction(GitPorts ports, Catalog transaction, Repo repo, GitState before) {
    this.ports = ports;
    this.transaction = transaction;
    this.repo = repo;
    this.before = before;
    this.telling = telling(before.home().epoch());
  }

  /** Takes the repository's lock. */
  static GitTransaction lock(GitPorts ports, Catalog transaction, Repo repo) {
    GitState state = GitState.lock(transaction, repo.repoId()).requireGit();
    return new GitTransaction(ports, transaction, repo, state);
  }

  private GitTelling telling(Epoch epoch) {
    return new GitTelling(transaction, repo.repoId(), ports.log(), epoch, ports.time().instant());
  }

  /**
   * The URL of the site that writes the repository; null when it is this one. Under the lock: as
   * long as the transaction lasts no home is lost or gained.
   */
  @Nullable String elsewhere() {
    return ports.log().elsewhere(before.home().site().orElse(null));
  }

  /**
   * Checks that this site writes the repository, unless nothing is to be written.
   *
   * @throws NotHomeException naming the site that does
   */
  void requireHome(RefPlan plan) {
    String elsewhere = elsewhere();
    if (elsewhere != null && !plan.isEmpty()) {
      throw new NotHomeException(repo.path(), elsewhere);
    }
    if (before.isLost() && !plan.isEmpty()) {
      throw LostHomes.refusal(repo.path());
    }
  }

  GitState before() {
    return before;
  }

  /** Decides about a push by what is there now. */
  RefPlan plan(RefsRequest request, Judgement judgement) {
    return plan(transaction, repo, before, request, judgement);
  }

  /** Decides about a push by what is there at the moment: others may move it on. */
  static RefPlan plan(
      Catalog catalog, Repo repo, GitState state, RefsRequest request, Judgement judgement) {
    return RefPlanner.plan(
        request,
        new RefPlanner.Present(
            new GitRefTable(catalog, repo.repoId()).around(request.names()),
            state.refs(),
            state.head()),
        judgement);
  }

  /**
   * What came of it.
   *
   * @param snapshot what there is to write into the manifest; null when nothing proven has changed
   * @param woken jobs that can run now
   */
  record Done(@Nullable GitSnapshot snapshot, int woken) {}

  /**
   * Writes a plan, with the pack that it stands on.
   *
   * @param intake null where everything is here already
   */
  Done write(RefPlan plan, @Nullable GitIntake intake) {
    return write(plan, List.of(), intake);
  }

  /**
   * The same with other refs.
   *
   * @param kept are written beside those of the plan
   */
  Done write(RefPlan plan, List<GitRefWrites.Change> kept, @Nullable GitIntake intake) {
    if (plan.isEmpty() && kept.isEmpty()) {
      return new Done(null, 0);
    }
    if (intake != null) {
      // Whoever else tells something waits from the first change on.
      intake.ensureStored(transaction);
    }
    GitState after = before.change(transaction, repo.repoId(), plan.head(), telling);
    List<GitPacks.Live> packs = intake == null ? null : intake.add(transaction, after, telling);
    List<GitRefWrites.Change> changes = new ArrayList<>(plan.changes());
    changes.addAll(kept);
    new GitRefWrites(transaction, repo.repoId()).write(changes, telling);
    if (intake == null || packs == null) {
      return new Done(GitSnapshot.read(transaction, repo.repoId(), after), 0);
    }
    return done(after, packs, intake);
  }

  /**
   * Keeps the pack of a push whose refs have all moved on since: what moved them may build on it.
   */
  Done keep(GitIntake intake) {
    intake.ensureStored(transaction);
    GitState after = before.change(transaction, repo.repoId(), null, telling);
    return done(after, intake.add(transaction, after, telling), intake);
  }

  private Done done(GitState after, List<GitPacks.Live> packs, GitIntake intake) {
    int woken = GitWaits.wake(transaction, repo.repoId(), intake.pack()::contains);
    return new Done(GitSnapshot.read(transaction, repo.repoId(), after, packs), woken);
  }

  /**
   * Writes a plan that a job is to prove, some of it or all.
   *
   * @param job which job
   */
  Done writeUnproven(RefPlan plan, RefsRequest request, String job) {
    List<GitRefMoves.Move> moves = unproven(plan, request);
    if (ports.log().home() != null) {
      // What it was could not be shown again, should it come to that.
      List<RefName> names = new ArrayList<>();
      for (GitRefMoves.Move move : moves) {
        if (move.name() != null) {
          names.add(move.name());
        }
      }
      new GitRefTable(transaction, repo.repoId()).requireShown(names);
    }
    new GitRefMoves(transaction, job).note(moves);
    return write(plan, null);
  }

  /**
   * Writes what a job has proven after another site has become the home. It was acknowledged, so it
   * is told as of the time when it was; the present home keeps it beside its own refs. Here refs
   * are what that home says.
   */
  Done writeLate(RefProof proof, Judgement judgement, GitIntake intake) {
    intake.ensureStored(transaction);
    GitState after = before.change(transaction, repo.repoId(), null, telling);
    List<GitPacks.Live> packs = intake.add(transaction, after, telling);
    Set<Epoch> epochs = new HashSet<>();
    proof.kept().forEach(move -> epochs.add(move.epoch()));
    for (Epoch epoch : epochs) {
      new GitRefWrites(transaction, repo.repoId())
          .tellOnly(
              proof.keptAs(move -> move.epoch().equals(epoch) ? move.name() : null, judgement),
              telling(epoch));
    }
    return done(after, packs, intake);
  }

  private List<GitRefMoves.Move> unproven(RefPlan plan, RefsRequest request) {
    Epoch epoch = before.home().epoch();
    List<GitRefMoves.Move> moves = new ArrayList<>();
    for (RefPlan.Move move : plan.moves()) {
      GitRef ref = move.change().ref();
      if (ref != null && ref.unprovenBy() != null) {
        moves.add(
            new GitRefMoves.Move(
                ref.name(),
                ref.target(),
                move.update().force(),
                request.atomic(),
                move.previous(),
                epoch));
      }
    }
    ObjectId head = plan.detachLater();
    if (head != null) {
      moves.add(new GitRefMoves.Move(null, head, true, request.atomic(), null, epoch));
    }
    return moves;
  }
}
