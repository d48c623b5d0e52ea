package dev.sheaf.repository;

import dev.sheaf.bundle.ContentId;
import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.bundle.history.CommitOrder;
import dev.sheaf.bundle.history.History;
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
 * A bundle's history on its way into a repository: what the job and the synchronous path of a small
 * push have in common.
 *
 * <p>{@link #resolveSnapshots} and {@link #checkObjects} read and check; {@link #writeSnapshots}
 * and {@link #writeCommits} write, inside the transaction that also writes the objects' rows, moves
 * branches and ends the job. What was checked stays true, since histories only grow.
 */
public final class Ingest {
  private static final int IDS_NAMED = 10;

  private final String repoId;
  private final History history;
  private final List<CommitRows.Prepared> parentsFirst;
  private SnapshotPlan snapshots = SnapshotPlan.EMPTY;
  private List<ContentId> adopted = List.of();
  private int readableCount;

  private Ingest(String repoId, History history, List<CommitRows.Prepared> parentsFirst) {
    this.repoId = repoId;
    this.history = history;
    this.parentsFirst = parentsFirst;
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
   * @param refs objects that are in the bundle, or that its manifests and deltas name
   * @param adopted those of them that the repository got from other repositories
   */
  public record Counts(int commits, int snapshots, long manifestEntries, int refs, int adopted) {}

  /**
   * Puts the commits of a history in order, and encodes them.
   *
   * @throws SheafException of kind INVALID when they form a cycle
   */
  public static Ingest of(String repoId, History history) {
    return new Ingest(
        repoId,
        history,
        CommitOrder.parentsFirst(history.commits()).stream()
            .map(CommitRows.Prepared::new)
            .toList());
  }

  /**
   * Resolves the snapshots against each other and the repository, and decides how they are stored.
   *
   * @throws SheafException of kind INVALID when a snapshot is unknown, or when snapshots form a
   *     cycle
   */
  public void resolveSnapshots(Catalog catalog) throws IOException {
    snapshots = SnapshotPlan.of(catalog, repoId, history);
  }

  /**
   * Checks that every object exists that a manifest names.
   *
   * @param objects the objects of the bundle
   * @throws SheafException of kind INVALID with the count of those that do not, and up to ten ids
   */
  public void checkObjects(Catalog catalog, Set<ContentId> objects, GhostRule rule) {
    // What a delta's base names has been checked when the base was taken in.
    Set<ContentId> named = new HashSet<>();
    history.snapshots().forEach(snapshot -> named.addAll(snapshot.entries().values()));
    named.removeAll(objects);
    readableCount = objects.size() + named.size();
    ObjectRows.Absent absent = new ObjectRows(catalog).absent(repoId, named);
    Set<ContentId> ghosts = new LinkedHashSet<>(absent.nowhere());
    if (rule == GhostRule.REPOSITORY) {
      ghosts.addAll(absent.elsewhere());
    }
    if (!ghosts.isEmpty()) {
      throw new SheafException(ErrorKind.INVALID, ghostMessage(ghosts));
    }
    adopted = absent.elsewhere();
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
        parentsFirst.size(),
        snapshots.count(),
        snapshots.manifestEntries(),
        readableCount,
        adopted.size());
  }

  /**
   * The objects that the repository gets to read: those of the bundle, and those that it adopts
   * from other repositories ({@link GhostRule#STORE}).
   */
  public Collection<ContentId> readable(Set<ContentId> objects) {
    Set<ContentId> readable = new HashSet<>(objects);
    readable.addAll(adopted);
    return readable;
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
