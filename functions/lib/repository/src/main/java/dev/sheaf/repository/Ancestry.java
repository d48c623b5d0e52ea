package dev.sheaf.repository;

import dev.sheaf.storage.catalog.Catalog;
import java.util.Collection;
import java.util.List;
import java.util.Map;

/**
 * Walks through the history of a repository.
 *
 * <p>A walk goes down from the newest commit asked for in the order of {@code seq}, reading parents
 * in pages, and stops as soon as the answer is known: what lies between two recent commits costs
 * two small statements, however long the history is. Unknown ids count as having no ancestors.
 */
public final class Ancestry {
  private final Catalog catalog;

  public Ancestry(Catalog catalog) {
    this.catalog = catalog;
  }

  /** The commits that are reachable from {@code want} and not from {@code have}. */
  public CommitSet missing(String repoId, Collection<String> want, Collection<String> have) {
    HistoryWalk walk = new HistoryWalk(new ParentPages(catalog, repoId));
    Commits commits = new Commits(catalog);
    Map<String, Integer> wanted = commits.seqs(repoId, want);
    if (wanted.isEmpty()) {
      return CommitSet.EMPTY;
    }
    wanted.values().forEach(walk::want);
    commits.seqs(repoId, have).values().forEach(walk::have);
    return walk.missing(Integer.MAX_VALUE);
  }

  /**
   * The newest commits reachable from some, themselves included, in the order of {@code seq}.
   *
   * @param limit how many at most
   */
  public CommitSet newest(String repoId, Collection<String> from, int limit) {
    HistoryWalk walk = new HistoryWalk(new ParentPages(catalog, repoId));
    new Commits(catalog).seqs(repoId, from).values().forEach(walk::want);
    return walk.missing(limit);
  }

  /** Whether {@code target} is one of {@code from} or an ancestor of one of them. */
  public boolean reaches(String repoId, Collection<String> from, String target) {
    Commits commits = new Commits(catalog);
    Integer end = commits.seqs(repoId, List.of(target)).get(target);
    if (end == null) {
      return false;
    }
    HistoryWalk walk = new HistoryWalk(new ParentPages(catalog, repoId));
    commits.seqs(repoId, from).values().forEach(walk::want);
    return walk.reaches(end);
  }
}
