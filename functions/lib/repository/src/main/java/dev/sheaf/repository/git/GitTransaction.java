package dev.sheaf.repository.git;

import dev.sheaf.repository.GitPacks;
import dev.sheaf.repository.GitRef;
import dev.sheaf.repository.GitRefMoves;
import dev.sheaf.repository.GitRefTable;
import dev.sheaf.repository.GitState;
import dev.sheaf.repository.GitWaits;
import dev.sheaf.repository.Repo;
import dev.sheaf.storage.catalog.Catalog;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.eclipse.jgit.lib.ObjectId;
import org.jspecify.annotations.Nullable;

/** Writes what a git push comes to, in a transaction that holds the repository's lock. */
final class GitTransaction {
  private final Catalog transaction;
  private final Repo repo;
  private final GitState before;
  private final Instant now;

  private GitTransaction(Catalog transaction, Repo repo, GitState before, Instant now) {
    this.transaction = transaction;
    this.repo = repo;
    this.before = before;
    this.now = now;
  }

  /** Takes the repository's lock. */
  static GitTransaction lock(Catalog transaction, Repo repo, Instant now) {
    GitState state = GitState.lock(transaction, repo.repoId()).requireGit();
    return new GitTransaction(transaction, repo, state, now);
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
    if (plan.isEmpty()) {
      return new Done(null, 0);
    }
    GitState after = before.change(transaction, repo.repoId(), plan.head(), now);
    new GitRefTable(transaction, repo.repoId()).write(plan.changes(), now);
    if (intake == null) {
      return new Done(GitSnapshot.read(transaction, repo.repoId(), after), 0);
    }
    List<GitPacks.Live> packs = intake.add(transaction, after);
    int woken = GitWaits.wake(transaction, repo.repoId(), intake.pack()::contains);
    return new Done(GitSnapshot.read(transaction, repo.repoId(), after, packs), woken);
  }

  /**
   * Writes a plan that a job is to prove, some of it or all.
   *
   * @param job which job
   */
  Done writeUnproven(RefPlan plan, RefsRequest request, String job) {
    new GitRefMoves(transaction, job).note(unproven(plan, request));
    return write(plan, null);
  }

  private static List<GitRefMoves.Move> unproven(RefPlan plan, RefsRequest request) {
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
                move.previous()));
      }
    }
    ObjectId head = plan.detachLater();
    if (head != null) {
      moves.add(new GitRefMoves.Move(null, head, true, request.atomic(), null));
    }
    return moves;
  }
}
