package dev.sheaf.repository;

import dev.sheaf.repository.column.PgArray;
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
 * Where branches of a repository are, as far as they were asked for, while the repository is
 * locked. The first question also reads the first branches by name: of most repositories those are
 * all.
 */
final class BranchState {
  /** So that a result stays below 1 MiB. */
  private static final int NAMES_A_STATEMENT = 1_500;

  private final Catalog transaction;
  private final String repoId;
  private final Map<String, Place> branches = new HashMap<>();
  private final Set<String> asked = new HashSet<>();
  private boolean hasLooked;
  private boolean isComplete;

  BranchState(Catalog transaction, String repoId) {
    this.transaction = transaction;
    this.repoId = repoId;
  }

  /** Where a branch is, and the seq of the job of the push that moved it there. */
  record Place(String target, long mover) {}

  /** Makes sure that it is known where these are, in one statement for few of them. */
  void look(Collection<String> names) {
    Set<String> unknown = new HashSet<>(names);
    unknown.removeAll(asked);
    asked.addAll(unknown);
    if (!unknown.isEmpty()) {
      lookAtFirst();
    }
    if (!isComplete) {
      unknown.removeAll(branches.keySet());
      Batches.of(List.copyOf(unknown), _ -> 1, Long.MAX_VALUE, NAMES_A_STATEMENT)
          .forEach(batch -> read(0, batch));
    }
  }

  /** Makes sure that the first branches by name are known. */
  void lookAtFirst() {
    if (!hasLooked) {
      hasLooked = true;
      isComplete = read(NAMES_A_STATEMENT, List.of()) < NAMES_A_STATEMENT;
    }
  }

  /** The number of branches found. */
  private int read(int first, List<String> names) {
    int found = 0;
    for (Rows.Row row :
        transaction.execute(
            Statement.of(
                    """
                    (select name, head_commit_id, moved_by
                      from branches where repo_id = :repo order by name limit :first)
                    union all select name, head_commit_id, moved_by from branches
                      where repo_id = :repo and name = any(:names::text[])
                    """)
                .text("repo", repoId)
                .number("first", first)
                .text("names", PgArray.texts(names)))) {
      branches.put(row.text("name"), new Place(row.text("head_commit_id"), row.number("moved_by")));
      found++;
    }
    return found;
  }

  /** A branch that was asked for; null when there is none. */
  @Nullable Place branch(String name) {
    return branches.get(name);
  }

  /** A branch has moved. */
  void moved(String name, Place place) {
    asked.add(name);
    branches.put(name, place);
  }

  /** A branch is gone. */
  void removed(String name) {
    branches.remove(name);
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
