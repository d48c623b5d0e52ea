package dev.sheaf.repository;

import dev.sheaf.bundle.ContentId;
import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.bundle.history.Commit;
import dev.sheaf.repository.history.Commits;
import dev.sheaf.repository.history.Descent;
import dev.sheaf.repository.history.MissingBaseException;
import dev.sheaf.repository.history.ObjectRows;
import dev.sheaf.repository.history.ObjectWrites;
import dev.sheaf.repository.history.Reach;
import dev.sheaf.storage.catalog.Catalog;
import dev.sheaf.storage.catalog.Statement;
import dev.sheaf.storage.catalog.Together;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Moves branches of one repository, inside a transaction that holds the repository's lock (see
 * {@link #transaction}), so that a check and the move that it allows are one step. What is to be
 * written waits until the end, and travels together.
 */
public final class BranchMoves {
  /** What has more than this waiting is sent at once: nothing is gained by letting it wait. */
  private static final long MOST_WAITING_BYTES = 256 << 10;

  private final Catalog transaction;
  private final String repoId;
  private final Together together;
  private final BranchState branches;
  private final Repo.@Nullable Kind kind;
  private final RepoWrites writes;
  private final @Nullable String elsewhere;
  private final boolean isLost;
  private long mover;
  private long firstMover;

  private BranchMoves(Catalog transaction, String repoId, SiteLog log, RepoWrites.Present present) {
    this.transaction = transaction;
    this.repoId = repoId;
    this.together = new Together(transaction);
    this.branches = new BranchState(transaction, repoId);
    this.kind = present.kind();
    this.elsewhere = log.elsewhere(present.home());
    this.isLost = present.isLost();
    this.writes = new RepoWrites(transaction, together, repoId, log, present);
  }

  /**
   * Runs work in a transaction that holds the repository's lock, and sends what it has left to be
   * sent before the commit.
   *
   * @param log tells of what it changes
   */
  public static <T extends @Nullable Object> T transaction(
      Catalog catalog, String repoId, SiteLog log, Function<BranchMoves, T> work) {
    return catalog.transaction(transaction -> {
      BranchMoves moves = new BranchMoves(transaction, repoId, log, lock(transaction, repoId));
      T result = work.apply(moves);
      moves.flush();
      return result;
    });
  }

  /** Locks a repository until the transaction ends: one writer of history or branches at a time. */
  public static RepoWrites.Present lock(Catalog transaction, String repoId) {
    return transaction
        .execute(
            Statement.of(
                    """
                    select last_commit_seq, home, epoch, default_branch, kind, %s as is_lost
                    from repos where repo_id = :repo and purged_at is null for update
                    """
                        .formatted(LostHomes.contains("repos.repo_id")))
                .text("repo", repoId))
        .first()
        .map(row ->
            new RepoWrites.Present(
                (int) row.number("last_commit_seq"),
                row.textOrNull("home"),
                row.number("epoch"),
                row.textOrNull("default_branch"),
                Repo.Kind.ofColumn(row.textOrNull("kind")),
                row.flag("is_lost")))
        .orElseThrow(() ->
            new SheafException(ErrorKind.NOT_FOUND, "repository " + repoId + " does not exist"));
  }

  /**
   * The URL of the site that moves the branches of the repository; null when it is this one. Under
   * the lock: as long as the transaction lasts no home is lost or gained.
   */
  public @Nullable String elsewhere() {
    return elsewhere;
  }

  /**
   * Checks that this site moves the branches of the repository.
   *
   * @throws NotHomeException naming the site that does
   * @throws SheafException of kind SITE when it did, and does not know any more
   */
  private void requireHome() {
    if (elsewhere != null) {
      throw new NotHomeException("the repository", elsewhere);
    }
    if (isLost) {
      throw LostHomes.refusal("the repository");
    }
  }

  /**
   * Checks that muse bundles may go into the repository.
   *
   * @throws SheafException of kind INVALID when it holds a git history
   */
  public BranchMoves requireMuse() {
    if (kind == Repo.Kind.GIT) {
      throw new SheafException(
          ErrorKind.INVALID,
          "the repository holds a git history, and a muse bundle cannot go into it; push to a"
              + " repository of another name");
    }
    return this;
  }

  /** The transaction that holds the lock; what waits in {@link #together} is not in it yet. */
  public Catalog transaction() {
    return transaction;
  }

  /** Where writes wait until the end of the transaction. */
  public Together together() {
    return together;
  }

  /** Where writes of objects wait until the end of the transaction. */
  public void putObjects(
      Collection<ObjectRows.Stored> held,
      Collection<ObjectRows.Cached> cached,
      String bucket,
      Instant now) {
    ObjectWrites writes = new ObjectWrites(together, now);
    writes.held(repoId, held, bucket);
    writes.cached(repoId, cached);
  }

  /** Sends what waits, if that is much: whoever made it pays for its time. */
  public void sendIfLarge() {
    together.flushAbove(MOST_WAITING_BYTES);
  }

  /**
   * Says which push moves branches from here on.
   *
   * @param seq the seq of its job
   * @param firstSeq the seq of the first job of its bundle that was announced: what was moved by a
   *     later push than that is not undone by asking for the same again
   */
  public BranchMoves by(long seq, long firstSeq) {
    mover = seq;
    firstMover = firstSeq;
    return this;
  }

  /** When a branch that exists may be given another head. A new branch may have any head. */
  public sealed interface Rule {
    /**
     * Wherever it is to go, but only from where the client knows it to be: from its expected head;
     * a branch without one, unless a push has moved it that came after this one.
     *
     * @param expected branch to the head that the client saw
     */
    record Force(Map<String, String> expected) implements Rule {}

    /**
     * When it is where the push left it that was taken back, or by fast-forward from there and on.
     *
     * @param previous branch to where it was before the push
     * @param commits the commits of the bundle at hand
     */
    record Owed(Map<String, String> previous, Collection<Commit> commits) implements Rule {}

    /**
     * When the present head is an ancestor of the new one, through commits that are about to be
     * written and on through those of the repository.
     *
     * @param commits the commits of the bundle at hand
     */
    record FastForward(Collection<Commit> commits) implements Rule {}

    /**
     * When the present head is the one that the client built on, for a bundle that nobody has read
     * yet.
     *
     * @param heads branch to the head that the client built on
     */
    record Expected(Map<String, String> heads) implements Rule {}
  }

  /**
   * A move that its rule does not allow.
   *
   * @param ref the branch
   * @param present where it points
   * @param wanted where it was to point
   * @param isLater whether a push has moved it that came after this one
   */
  public record Rejection(String ref, String present, String wanted, boolean isLater) {
    public Rejection(String ref, String present, String wanted) {
      this(ref, present, wanted, false);
    }
  }

  /**
   * What a call did.
   *
   * @param moved branches that have a new head now
   * @param previous the heads of those before; a branch that is new is absent
   * @param rejected moves that were not allowed; everything else took place
   */
  public record Outcome(
      SortedMap<String, String> moved, Map<String, String> previous, List<Rejection> rejected) {}

  /**
   * Gives branches new heads where the rule allows it. The first push of a repository also sets its
   * default branch.
   *
   * @param wanted branch to new head; a branch that has it already counts as neither moved nor
   *     rejected
   */
  public Outcome move(Map<String, String> wanted, Rule rule, Instant now) {
    SortedMap<String, String> moved = new TreeMap<>();
    List<Rejection> rejected = new ArrayList<>();
    Map<String, BranchState.Place> present = places(wanted.keySet());
    Map<String, Reach> steps = new HashMap<>();
    wanted.forEach((branch, head) -> {
      BranchState.Place place = present.get(branch);
      if (place == null) {
        moved.put(branch, head);
      } else if (!place.target().equals(head)) {
        steps.put(branch, new Reach(head, place.target()));
      }
    });
    Set<String> allowed = new MoveRules(descent(), mover, firstMover).allowed(rule, steps, present);
    steps.forEach((branch, step) -> {
      if (allowed.contains(branch)) {
        moved.put(branch, step.head());
      } else {
        boolean isLater = of(present, branch).mover() > firstMover;
        rejected.add(new Rejection(branch, step.ancestor(), step.head(), isLater));
      }
    });
    // A later push that finds its branches where it wants them stands for them, too.
    SortedMap<String, String> written = new TreeMap<>(moved);
    present.forEach((branch, place) -> {
      if (place.target().equals(wanted.get(branch)) && place.mover() < mover) {
        written.put(branch, place.target());
      }
    });
    take(written, now);
    Map<String, String> previous = new HashMap<>();
    moved.keySet().stream()
        .filter(present::containsKey)
        .forEach(branch -> previous.put(branch, of(present, branch).target()));
    return new Outcome(moved, previous, rejected);
  }

  /** Branches that are to be written, here and in what is known of them. */
  private void take(SortedMap<String, String> written, Instant now) {
    if (!written.isEmpty()) {
      requireHome();
    }
    writes.move(written, now);
    written.forEach((branch, head) -> branches.moved(branch, new BranchState.Place(head, mover)));
  }

  /**
   * Gives branches that were moved for a job back what they had, where they still are where it had
   * moved them.
   *
   * @param seq that of the job
   */
  void takeBack(List<JobMoves.Move> wrong, long seq, Instant now) {
    if (elsewhere != null) {
      return; // Where they are now is the home's to say.
    }
    mover = seq;
    branches.look(wrong.stream().map(JobMoves.Move::branch).toList());
    SortedMap<String, String> back = new TreeMap<>();
    for (JobMoves.Move move : wrong) {
      BranchState.Place place = branches.branch(move.branch());
      boolean isThere = place != null && place.mover() <= seq && place.target().equals(move.head());
      if (isThere && move.previous() != null) {
        back.put(move.branch(), move.previous());
      } else if (isThere) {
        writes.remove(move.branch(), now);
        branches.removed(move.branch());
      }
    }
    take(back, now);
  }

  /** The bundle that this brings is proven: who follows this site is told of it. */
  public void takeIn(ContentId bundle, Instant now) {
    writes.takeIn(bundle, now);
  }

  private static <T> T of(Map<String, T> byBranch, String branch) {
    return Objects.requireNonNull(byBranch.get(branch), branch);
  }

  /**
   * Checks that the commits that branches are to point to exist.
   *
   * @param commits the commits of the bundle at hand
   * @throws MissingBaseException naming one that is neither there nor in the repository
   */
  public void requireKnown(Collection<String> heads, Collection<Commit> commits) {
    Set<String> unknown = new HashSet<>(heads);
    commits.forEach(commit -> unknown.remove(commit.commitId()));
    unknown.removeAll(new Commits(transaction).known(repoId, Set.copyOf(unknown)));
    if (!unknown.isEmpty()) {
      String first = unknown.iterator().next();
      throw new MissingBaseException(
          first,
          "a branch is to point to commit %s, which is neither in the bundle nor in the repository"
              .formatted(first));
    }
  }

  /** Where those of these branches are that exist. */
  private Map<String, BranchState.Place> places(Set<String> names) {
    branches.look(names);
    Map<String, BranchState.Place> places = new HashMap<>();
    names.forEach(name -> {
      BranchState.Place place = branches.branch(name);
      if (place != null) {
        places.put(name, place);
      }
    });
    return places;
  }

  /** Which commits lead to which, in the repository and a bundle. */
  public Descent descent() {
    return new Descent(transaction, repoId);
  }

  /** Sends all that waits: before a statement that is to see it. */
  public void flush() {
    writes.flush(mover);
    together.flush();
  }

  /** Branch to head, with what was moved; as many as one page has. */
  public Refs.Page heads() {
    branches.lookAtFirst();
    return branches
        .allHeads()
        .map(heads -> new Refs.Page(heads, null))
        .orElseGet(() -> {
          flush();
          return new Refs(transaction).page(repoId, null);
        });
  }

  /** The number of the repository's newest commit. */
  public int lastCommitSeq() {
    return writes.lastCommit();
  }

  /** Notes the number of the newest commit after more were written. */
  public void commitsWritten(int last, Instant now) {
    writes.commitsWritten(last, now);
  }
}
