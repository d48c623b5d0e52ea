package dev.sheaf.repository;

import dev.sheaf.bundle.ContentId;
import dev.sheaf.bundle.Pending;
import dev.sheaf.storage.catalog.Catalog;
import java.util.Collection;
import java.util.List;

/** The table {@code bundles}: what was uploaded to a repository, in order. */
public final class Bundles {
  private final Catalog catalog;

  public Bundles(Catalog catalog) {
    this.catalog = catalog;
  }

  /**
   * A bundle in the store.
   *
   * @param bundle its SHA-256
   * @param sizeBytes its length on the wire
   * @param indexed whether its contents are in the catalog
   */
  public record Stored(ContentId bundle, long sizeBytes, boolean indexed) {}

  /**
   * The bundles that together brought the commits reachable from {@code want} and not from {@code
   * have}, oldest first. When a wanted commit is not indexed yet: every bundle of the repository
   * that has not failed. Objects that came with other bundles may be missing in them.
   */
  public List<Stored> plan(String repoId, Collection<String> want, Collection<String> have) {
    return Pending.value(catalog);
  }
}
