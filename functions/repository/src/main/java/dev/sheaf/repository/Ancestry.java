package dev.sheaf.repository;

import dev.sheaf.bundle.Pending;
import dev.sheaf.storage.catalog.Catalog;
import java.util.Collection;

/**
 * Walks through the history of a repository.
 *
 * <p>A walk goes down from the newest commit asked for in the order of {@code seq}, reading parents
 * in pages, and stops as soon as the answer is known: what lies between two recent commits costs
 * one small statement, however long the history is. Unknown ids count as having no ancestors.
 */
public final class Ancestry {
  private final Catalog catalog;

  public Ancestry(Catalog catalog) {
    this.catalog = catalog;
  }

  /** The commits that are reachable from {@code want} and not from {@code have}. */
  public CommitSet missing(String repoId, Collection<String> want, Collection<String> have) {
    return Pending.value(catalog);
  }

  /**
   * The newest commits reachable from one, itself included, in the order of {@code seq}.
   *
   * @param limit how many at most
   */
  public CommitSet newest(String repoId, String from, int limit) {
    return Pending.value();
  }

  /** Whether {@code target} is one of {@code from} or an ancestor of one of them. */
  public boolean reaches(String repoId, Collection<String> from, String target) {
    return Pending.value();
  }
}
