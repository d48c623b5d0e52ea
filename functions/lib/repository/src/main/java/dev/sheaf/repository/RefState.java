package dev.sheaf.repository;

import dev.sheaf.storage.catalog.Batches;
import dev.sheaf.storage.catalog.Catalog;
import dev.sheaf.storage.catalog.Rows;
import dev.sheaf.storage.catalog.Statement;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Where branches and git refs of a repository are, as far as they were asked for, while the
 * repository is locked. The first question also reads the first branches by name: of most
 * repositories those are all.
 */
final class RefState {
  /** Of either kind, so that a result stays below 1 MiB. */
  private static final int NAMES_A_STATEMENT = 1_500;

  private final Catalog transaction;
  private final String repoId;
  private final Map<String, Place> branches = new HashMap<>();
  private final Map<String, Place> gitRefs = new HashMap<>();
  private final Set<String> askedBranches = new HashSet<>();
  private final Set<String> askedGitRefs = new HashSet<>();
  private boolean hasLooked;
  private boolean isComplete;

  RefState(Catalog transaction, String repoId) {
    this.transaction = transaction;
    this.repoId = repoId;
  }

  /** Where a ref is, and the seq of the job of the push that moved it there. */
  record Place(String target, long mover) {}

  /** Makes sure that it is known where these are, in one statement for few of them. */
  void look(Collection<String> branchNames, Collection<String> gitNames) {
    List<List<String>> wantedGit = batches(unasked(gitNames, askedGitRefs));
    Set<String> unknown = unasked(branchNames, askedBranches);
    int sent = 0;
    if (!hasLooked && !(unknown.isEmpty() && wantedGit.isEmpty())) {
      hasLooked = true;
      isComplete = read(true, List.of(), wantedGit.isEmpty() ? List.of() : wantedGit.getFirst());
      sent = 1;
    }
    if (!isComplete) {
      unknown.removeAll(branches.keySet());
    } else {
      unknown.clear();
    }
    List<List<String>> wanted = batches(unknown);
    for (int i = 0; i < Math.max(wanted.size(), wantedGit.size() - sent); i++) {
      int git = i + sent;
      read(
          false,
          i < wanted.size() ? wanted.get(i) : List.of(),
          git < wantedGit.size() ? wantedGit.get(git) : List.of());
    }
  }

  /** Makes sure that the first branches by name are known. */
  void lookAtBranches() {
    if (!hasLooked) {
      hasLooked = true;
      isComplete = read(true, List.of(), List.of());
    }
  }

  private static Set<String> unasked(Collection<String> names, Set<String> asked) {
    Set<String> unasked = new HashSet<>(names);
    unasked.removeAll(asked);
    asked.addAll(unasked);
    return unasked;
  }

  private static List<List<String>> batches(Collection<String> names) {
    return Batches.of(List.copyOf(names), _ -> 1, Long.MAX_VALUE, NAMES_A_STATEMENT);
  }

  /** Whether all branches are known after this. */
  private boolean read(boolean first, List<String> branchNames, List<String> gitNames) {
    int page = first ? NAMES_A_STATEMENT : 0;
    Rows rows =
        transaction.execute(
            Statement.of(
                    """
                    (select false as git, name, head_commit_id as target, moved_by
                      from branches where repo_id = :repo order by name limit :page)
                    union all select false, name, head_commit_id, moved_by from branches
                      where repo_id = :repo and name = any(:branches::text[])
                    union all select true, name, target, moved_by from dialect_refs
                      where repo_id = :repo and name = any(:refs::text[])
                    """)
                .text("repo", repoId)
                .number("page", page)
                .text("branches", PgArray.texts(branchNames))
                .text("refs", PgArray.texts(gitNames)));
    int found = 0;
    for (Rows.Row row : rows) {
      boolean isGit = row.flag("git");
      found += isGit ? 0 : 1;
      (isGit ? gitRefs : branches)
          .put(row.text("name"), new Place(row.text("target"), row.number("moved_by")));
    }
    return first && found < page;
  }

  /** A branch that was asked for; null when there is none. */
  @Nullable Place branch(String name) {
    return branches.get(name);
  }

  /** A git ref that was asked for; null when there is none. */
  @Nullable Place gitRef(String name) {
    return gitRefs.get(name);
  }

  /** A branch has moved. */
  void movedBranch(String name, Place place) {
    askedBranches.add(name);
    branches.put(name, place);
  }

  /** A branch is gone. */
  void removedBranch(String name) {
    branches.remove(name);
  }

  /** A git ref has moved. */
  void movedGitRef(String name, Place place) {
    askedGitRefs.add(name);
    gitRefs.put(name, place);
  }

  /** Branch to head; empty when there are more branches than are known. */
  Optional<SortedMap<String, String>> allHeads() {
    if (!isComplete) {
      return Optional.empty();
    }
    SortedMap<String, String> heads = new TreeMap<>();
    branches.forEach((name, place) -> heads.put(name, place.target()));
    return Optional.of(heads);
  }
}
