package dev.sheaf.repository;

import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.bundle.history.Commit;
import dev.sheaf.bundle.history.GitRefs;
import dev.sheaf.storage.catalog.Batches;
import dev.sheaf.storage.catalog.Catalog;
import dev.sheaf.storage.catalog.Rows;
import dev.sheaf.storage.catalog.Statement;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Moves branches of one repository, inside a transaction that holds the repository's lock (see
 * {@link #lock}), so that a check and the move that it allows are one step.
 */
public final class BranchMoves {
  private static final int NAMES_A_STATEMENT = 4_000;

  private final Catalog transaction;
  private final String repoId;
  private int lastCommitSeq;

  private BranchMoves(Catalog transaction, String repoId, int lastCommitSeq) {
    this.transaction = transaction;
    this.repoId = repoId;
    this.lastCommitSeq = lastCommitSeq;
  }

  /** Locks a repository until the transaction ends: one writer of history or branches at a time. */
  public static BranchMoves lock(Catalog transaction, String repoId) {
    long last =
        transaction
            .execute(
                Statement.of("select last_commit_seq from repos where repo_id = :repo for update")
                    .text("repo", repoId))
            .first()
            .orElseThrow(() ->
                new SheafException(ErrorKind.NOT_FOUND, "repository " + repoId + " does not exist"))
            .number("last_commit_seq");
    return new BranchMoves(transaction, repoId, (int) last);
  }

  /** When a branch that exists may be given another head. A new branch may have any head. */
  public sealed interface Rule {
    /** Always. */
    record Force() implements Rule {}

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
   * @param ref the branch, or the full name of a tag
   * @param present where it points
   * @param wanted where it was to point
   */
  public record Rejection(String ref, String present, String wanted) {}

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
    Map<String, String> present = heads(wanted.keySet());
    Map<String, String> changes = new TreeMap<>(wanted);
    changes.entrySet().removeAll(present.entrySet());
    changes.forEach((branch, head) -> {
      String from = present.get(branch);
      if (from == null || allows(rule, branch, from, head)) {
        moved.put(branch, head);
      } else {
        rejected.add(new Rejection(branch, from, head));
      }
    });
    write(moved, now);
    present.keySet().retainAll(moved.keySet());
    return new Outcome(moved, present, rejected);
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
      throw new MissingBaseException(
          "a branch is to point to commit %s, which is neither in the bundle nor in the repository"
              .formatted(unknown.iterator().next()));
    }
  }

  /** Heads of those of these branches that exist. */
  private Map<String, String> heads(Set<String> names) {
    Map<String, String> heads = new HashMap<>();
    for (List<String> batch :
        Batches.of(List.copyOf(names), _ -> 1, Long.MAX_VALUE, NAMES_A_STATEMENT)) {
      Rows rows =
          transaction.execute(
              Statement.of(
                      """
                      select name, head_commit_id from branches
                      where repo_id = :repo and name = any(:names::text[])
                      """)
                  .text("repo", repoId)
                  .text("names", PgArray.texts(batch)));
      rows.forEach(row -> heads.put(row.text("name"), row.text("head_commit_id")));
    }
    return heads;
  }

  private boolean allows(Rule rule, String branch, String present, String wanted) {
    return switch (rule) {
      case Rule.Force() -> true;
      case Rule.Expected(Map<String, String> heads) -> present.equals(heads.get(branch));
      case Rule.FastForward(Collection<Commit> commits) -> isAncestor(present, wanted, commits);
    };
  }

  private boolean isAncestor(String ancestor, String head, Collection<Commit> commits) {
    Map<String, List<String>> parents = new HashMap<>();
    commits.forEach(commit -> parents.put(commit.commitId(), commit.parentIds()));
    Set<String> reached = new HashSet<>(Set.of(head));
    Set<String> outside = new HashSet<>();
    List<String> open = new ArrayList<>(reached);
    while (!open.isEmpty()) {
      String commit = open.removeLast();
      List<String> further = parents.get(commit);
      if (further == null) {
        outside.add(commit);
        continue;
      }
      further.stream().filter(reached::add).forEach(open::add);
    }
    return reached.contains(ancestor)
        || new Ancestry(transaction).reaches(repoId, outside, ancestor);
  }

  private void write(SortedMap<String, String> moved, Instant now) {
    List<Map.Entry<String, String>> rows = List.copyOf(moved.entrySet());
    for (var batch :
        Batches.of(
            rows,
            row -> PgArray.encodedBytes(row.getKey()) + PgArray.encodedBytes(row.getValue()))) {
      transaction.execute(
          Statement.of(
                  """
                  with moved as (
                    insert into branches (repo_id, name, head_commit_id, updated_at)
                    select :repo, name, head, :now::timestamptz
                    from unnest(:names::text[], :heads::text[]) as moved (name, head)
                    on conflict (repo_id, name) do update
                      set head_commit_id = excluded.head_commit_id,
                          updated_at = excluded.updated_at
                  )
                  update repos set pushed_at = :now::timestamptz,
                    default_branch = coalesce(default_branch, :first)
                  where repo_id = :repo
                  """)
              .text("repo", repoId)
              .text("names", PgArray.texts(batch, Map.Entry::getKey))
              .text("heads", PgArray.texts(batch, Map.Entry::getValue))
              .text("first", likelyDefault(moved))
              .text("now", now.toString()));
    }
  }

  private static String likelyDefault(SortedMap<String, String> branches) {
    return branches.containsKey("main")
        ? "main"
        : branches.containsKey("master") ? "master" : branches.firstKey();
  }

  /**
   * Keeps the git refs of a push: entries of branches are replaced, new tags added; a tag that
   * exists moves only when forced; HEAD is kept as it was first set, which also decides the default
   * branch.
   *
   * @return tags that would have moved
   */
  public List<Rejection> keepGitRefs(@Nullable GitRefs refs, boolean force, Instant now) {
    return refs == null ? List.of() : new GitRefRows(transaction, repoId).keep(refs, force, now);
  }

  /** The number of the repository's newest commit. */
  int lastCommitSeq() {
    return lastCommitSeq;
  }

  /** Notes the number of the newest commit after more were written. */
  void commitsWritten(int last) {
    lastCommitSeq = last;
  }
}
