package dev.sheaf.repository;

import dev.sheaf.bundle.ContentId;
import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.bundle.history.Commit;
import dev.sheaf.bundle.history.CommitOrder;
import dev.sheaf.bundle.history.History;
import dev.sheaf.bundle.history.Snapshot;
import dev.sheaf.storage.catalog.Catalog;
import java.io.IOException;
import java.time.Instant;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * A bundle's history, checked against the repository and ready to be written: what the job and the
 * synchronous path of a small push have in common.
 *
 * <p>{@link #prepare} reads; {@link #writeSnapshots} and {@link #writeCommits} write, inside the
 * transaction that also writes the objects' rows, moves branches and ends the job. What was
 * prepared stays true, since histories only grow.
 */
public final class Ingest {
  private static final int IDS_NAMED = 10;

  private final String repoId;
  private final List<Commit> parentsFirst;
  private final SnapshotPlan snapshots;
  private final List<ContentId> adopted;

  private Ingest(
      String repoId, List<Commit> parentsFirst, SnapshotPlan snapshots, List<ContentId> adopted) {
    this.repoId = repoId;
    this.parentsFirst = parentsFirst;
    this.snapshots = snapshots;
    this.adopted = adopted;
  }

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
   * Checks a history: order, snapshots, and that every object that a manifest names exists. Reads,
   * in a number of statements that does not grow with the history's length alone.
   *
   * @param objects the objects of the bundle
   * @throws SheafException of kind INVALID when the history is at fault: a cycle, an unknown
   *     snapshot, objects that do not exist (with their count and up to ten ids)
   */
  public static Ingest prepare(
      Catalog catalog, String repoId, History history, Set<ContentId> objects, GhostRule rule)
      throws IOException {
    List<Commit> parentsFirst = CommitOrder.parentsFirst(history.commits());
    SnapshotPlan snapshots = SnapshotPlan.of(catalog, repoId, history);
    List<ContentId> adopted = adopt(catalog, repoId, history.snapshots(), objects, rule);
    return new Ingest(repoId, parentsFirst, snapshots, adopted);
  }

  private static List<ContentId> adopt(
      Catalog catalog,
      String repoId,
      List<Snapshot> snapshots,
      Set<ContentId> objects,
      GhostRule rule) {
    // What a delta's base names has been checked when the base was taken in.
    Set<ContentId> named = new HashSet<>();
    snapshots.forEach(snapshot -> named.addAll(snapshot.entries().values()));
    named.removeAll(objects);
    ObjectRows.Absent absent = new ObjectRows(catalog).absent(repoId, named);
    Set<ContentId> ghosts = new LinkedHashSet<>(absent.nowhere());
    if (rule == GhostRule.REPOSITORY) {
      ghosts.addAll(absent.elsewhere());
    }
    if (!ghosts.isEmpty()) {
      throw new SheafException(ErrorKind.INVALID, ghostMessage(ghosts));
    }
    return absent.elsewhere();
  }

  private static String ghostMessage(Collection<ContentId> ghosts) {
    return ghosts.stream()
        .map(ContentId::hex)
        .sorted()
        .limit(IDS_NAMED)
        .collect(
            Collectors.joining(
                ", ",
                ghosts.size() + " snapshot object(s) not registered: ",
                (ghosts.size() > IDS_NAMED ? ", ..." : "") + "; push a bundle that holds them"));
  }

  /** What the bundle holds. */
  public Counts counts() {
    return new Counts(
        parentsFirst.size(), snapshots.count(), snapshots.manifestEntries(), adopted.size());
  }

  /** Objects outside the bundle that the repository gets to read ({@link GhostRule#STORE}). */
  public Collection<ContentId> adopted() {
    return adopted;
  }

  /**
   * Writes the snapshots that the repository does not have.
   *
   * @throws SheafException of kind CONFLICT when another push brought some of them since they were
   *     prepared
   */
  public void writeSnapshots(Catalog transaction) {
    new SnapshotRows(transaction, repoId).insert(snapshots.rows());
  }

  /**
   * Writes the commits that the repository does not have.
   *
   * @param moves the transaction's hold on the repository
   * @param bundle the bundle that brings them; it must be registered
   * @throws SheafException of kind INVALID when a parent is neither in the bundle nor in the
   *     repository
   */
  public void writeCommits(Catalog transaction, BranchMoves moves, ContentId bundle, Instant now) {
    int last =
        new CommitRows(transaction, repoId)
            .insert(parentsFirst, bundle, moves.lastCommitSeq(), now);
    moves.commitsWritten(last);
  }
}
