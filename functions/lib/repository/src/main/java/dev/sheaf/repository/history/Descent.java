package dev.sheaf.repository.history;

import dev.sheaf.bundle.history.Commit;
import dev.sheaf.storage.catalog.Catalog;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Which commits descend from which: through a bundle at hand, and on through a repository. */
public final class Descent {
  private final Catalog transaction;
  private final String repoId;

  public Descent(Catalog transaction, String repoId) {
    this.transaction = transaction;
    this.repoId = repoId;
  }

  /**
   * Those of the steps whose head descends from its ancestor, through commits of the bundle at hand
   * and on through those of the repository.
   */
  public Set<String> of(Map<String, Reach> steps, Collection<Commit> commits) {
    if (steps.isEmpty()) {
      return Set.of();
    }
    Map<String, List<String>> parents = new HashMap<>();
    commits.forEach(commit -> parents.put(commit.commitId(), commit.parentIds()));
    Set<String> descending = new HashSet<>();
    Map<String, Ancestry.Question> open = new HashMap<>();
    steps.forEach((branch, step) -> {
      Set<String> outside = new HashSet<>();
      if (reaches(step, parents, outside)) {
        descending.add(branch);
      } else {
        open.put(branch, new Ancestry.Question(outside, step.ancestor()));
      }
    });
    descending.addAll(new Ancestry(transaction).reached(repoId, open));
    return descending;
  }

  /**
   * Whether the bundle's own commits lead from the one to the other.
   *
   * @param outside is given the commits at which the bundle's own end
   */
  private static boolean reaches(
      Reach step, Map<String, List<String>> parents, Set<String> outside) {
    String head = step.head();
    Set<String> reached = new HashSet<>(Set.of(head));
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
    return reached.contains(step.ancestor());
  }
}
