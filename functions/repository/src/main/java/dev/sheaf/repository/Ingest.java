package dev.sheaf.repository;

import dev.sheaf.bundle.ContentId;
import dev.sheaf.bundle.Pending;
import dev.sheaf.bundle.history.History;
import dev.sheaf.storage.catalog.Catalog;
import java.io.IOException;
import java.util.Collection;
import java.util.Set;

/**
 * A bundle's history, checked against the repository and ready to be written: what the job and the
 * synchronous path of a small push have in common.
 *
 * <p>{@link #prepare} reads; {@link #writeSnapshots} and {@link #writeCommits} write, inside the
 * transaction that also writes the objects' rows, moves branches and ends the job. What was
 * prepared stays true, since histories only grow.
 */
public final class Ingest {
  private Ingest() {}

  /** Where the objects that manifests name must be. */
  public enum GhostRule {
    /** In the bundle or in the repository: for a client that waits for the answer. */
    REPOSITORY,
    /** In the bundle, in the repository, or in the store for whichever repository. */
    STORE
  }

  /**
   * What a bundle holds, each thing counted once.
   *
   * @param manifestEntries sum of the entries of all manifests
   * @param adopted objects that are in no bundle of this repository, but in the store
   */
  public record Counts(int commits, int snapshots, long manifestEntries, int adopted) {}

  /**
   * Checks a history: order, parents, snapshots, and that every object that a manifest names
   * exists. Reads, in a number of statements that does not grow with the history's length alone.
   *
   * @param objects the objects of the bundle
   * @throws dev.sheaf.bundle.SheafException of kind INVALID when the history is at fault: a cycle,
   *     an unknown parent commit or snapshot, objects that do not exist (with their count and up to
   *     ten ids)
   */
  public static Ingest prepare(
      Catalog catalog, String repoId, History history, Set<ContentId> objects, GhostRule rule)
      throws IOException {
    return Pending.value();
  }

  /** What the bundle holds. */
  public Counts counts() {
    return Pending.value();
  }

  /** Objects outside the bundle that the repository gets to read ({@link GhostRule#STORE}). */
  public Collection<ContentId> adopted() {
    return Pending.value();
  }

  /** Writes the snapshots that the repository does not have. */
  public void writeSnapshots(Catalog transaction) {
    Pending.value();
  }

  /**
   * Writes the commits that the repository does not have.
   *
   * @param moves the transaction's hold on the repository
   * @param bundle the bundle that brings them; it must be registered
   */
  public void writeCommits(Catalog transaction, BranchMoves moves, ContentId bundle) {
    Pending.value();
  }
}
