package dev.sheaf.repository;

import dev.sheaf.bundle.Pending;
import dev.sheaf.bundle.history.Manifest;
import dev.sheaf.bundle.history.Snapshot;
import dev.sheaf.storage.catalog.Catalog;
import java.io.IOException;
import java.util.Collection;
import java.util.Optional;

/**
 * The tables {@code snapshots} and {@code snapshot_chunks}. A manifest is stored as a delta to
 * another one, with a checkpoint at least every {@link #CHECKPOINT_EVERY} generations, so reading
 * one touches a bounded number of rows.
 */
public final class Snapshots {
  /** No chain of deltas is longer. */
  static final int CHECKPOINT_EVERY = 32;

  private final Catalog catalog;

  public Snapshots(Catalog catalog) {
    this.catalog = catalog;
  }

  /** One manifest; empty when the repository has no such snapshot. */
  public Optional<Manifest> manifest(String repoId, String snapshotId) {
    return Pending.value(catalog);
  }

  /** Receives the snapshots of a walk. */
  @FunctionalInterface
  public interface Visitor {
    /**
     * @param snapshot as it is stored: whole, or a delta to {@link Snapshot#parentId}, which was
     *     visited before, asked for or not
     * @param requested whether it was asked for, or is only the base of one that was
     * @param manifest the whole manifest: a live view, valid until this call returns
     */
    void visit(Snapshot snapshot, boolean requested, Manifest manifest) throws IOException;
  }

  /**
   * Visits many snapshots, bases before what builds on them. Each stored delta is read and applied
   * once.
   *
   * @throws dev.sheaf.bundle.SheafException of kind CORRUPT when one is missing
   */
  public void walk(String repoId, Collection<String> snapshotIds, Visitor visitor)
      throws IOException {
    Pending.value();
  }
}
