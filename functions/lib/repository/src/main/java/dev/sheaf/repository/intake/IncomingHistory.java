package dev.sheaf.repository.intake;

import dev.sheaf.bundle.ContentId;
import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.bundle.history.CommitOrder;
import dev.sheaf.bundle.history.History;
import dev.sheaf.repository.BranchMoves;
import dev.sheaf.repository.history.CommitRows;
import dev.sheaf.repository.history.Commits;
import dev.sheaf.repository.history.MissingBaseException;
import dev.sheaf.repository.history.ObjectRows;
import dev.sheaf.repository.history.ObjectWrites;
import dev.sheaf.repository.history.Prior;
import dev.sheaf.repository.history.SnapshotPlan;
import dev.sheaf.repository.history.SnapshotRows;
import dev.sheaf.storage.catalog.Catalog;
import java.io.IOException;
import java.time.Instant;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * A history on its way into a repository, whichever door it comes by.
 *
 * <p>{@link #resolveSnapshots} and {@link #checkObjects} read and check; {@link #writeSnapshots}
 * and {@link #writeCommits} write, inside the transaction that also writes the objects' rows, moves
 * branches and ends the job. What was checked stays true, since histories only grow; a proof alone
 * may be gone by then, which {@link #writeRefs} finds.
 */
public final class IncomingHistory {
  private static final int IDS_NAMED = 10;

  private final String repoId;
  private final History history;
  private final List<CommitRows.Prepared> parentsFirst;
  private SnapshotPlan snapshots = SnapshotPlan.EMPTY;
  private Prior prior = new Prior(Map.of(), Map.of(), -1);
  private List<ContentId> proven = List.of();
  private int readableCount;

  private IncomingHistory(String repoId, History history, List<CommitRows.Prepared> parentsFirst) {
    this.repoId = repoId;
    this.history = history;
    this.parentsFirst = parentsFirst;
  }

  /**
   * What a bundle holds, each thing counted once.
   *
   * @param manifestEntries sum of the entries of all manifests
   * @param refs objects that are in the bundle, or that its manifests and deltas name
   */
  public record Counts(int commits, int snapshots, long manifestEntries, int refs) {}

  /**
   * Puts the commits of a history in order, and encodes them.
   *
   * @throws SheafException of kind INVALID when they form a cycle
   */
  public static IncomingHistory of(String repoId, History history) {
    return new IncomingHistory(
        repoId,
        history,
        CommitOrder.parentsFirst(history.commits()).stream()
            .map(CommitRows.Prepared::new)
            .toList());
  }

  /**
   * Looks up what the repository has of it, resolves the snapshots against each other and the
   * repository, and decides how they are stored.
   *
   * @throws SheafException of kind INVALID when a snapshot is unknown, or when snapshots form a
   *     cycle
   */
  public void resolveSnapshots(Catalog catalog) throws IOException {
    prior = Prior.of(catalog, repoId, SnapshotPlan.named(history), CommitRows.named(parentsFirst));
    snapshots = SnapshotPlan.of(catalog, repoId, history, prior.snapshots());
  }

  /**
   * The guard of every push: an object that a manifest names comes with the push, or this very
   * repository has sent it before. Whether others have it makes no difference, not even to the
   * error.
   *
   * @param carried the objects of the push
   * @throws MissingBaseException with the count of those that the repository never sent, and up to
   *     ten ids
   */
  public void checkObjects(Catalog catalog, Set<ContentId> carried) {
    // What a delta's base names has been checked when the base was taken in.
    Set<ContentId> named = new HashSet<>();
    history.snapshots().forEach(snapshot -> named.addAll(snapshot.entries().values()));
    named.removeAll(carried);
    readableCount = carried.size() + named.size();
    ObjectRows.Absent absent = new ObjectRows(catalog).absent(repoId, named);
    if (!absent.unproven().isEmpty()) {
      throw new MissingBaseException(
          absent.unproven().getFirst().hex(), ghostMessage(absent.unproven()));
    }
    proven = absent.proven();
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
        parentsFirst.size(), snapshots.count(), snapshots.manifestEntries(), readableCount);
  }

  /**
   * Lets the repository read what it had sent before this push: what the push brings again, and
   * what it names without bringing it.
   *
   * @param settled objects of the push that this repository had put into the store; those of them
   *     that have proofs need them no longer
   * @throws SheafException of kind CONFLICT when a proof that was there at the check is gone
   */
  public void writeRefs(BranchMoves moves, Collection<ContentId> settled, Instant now) {
    if (new ObjectRows(moves.transaction()).takeProofs(repoId, proven) < proven.size()) {
      throw new SheafException(
          ErrorKind.CONFLICT,
          "objects that repository %s had sent before are no longer there; push them again"
              .formatted(repoId));
    }
    Set<ContentId> readable = new HashSet<>(settled);
    readable.addAll(proven);
    new ObjectWrites(moves.together(), now).refs(repoId, readable);
  }

  /**
   * Writes the snapshots that the repository does not have. That another push brought some of them
   * since they were prepared is found when they are sent: a failure of kind CONFLICT.
   */
  public void writeSnapshots(BranchMoves moves) {
    SnapshotRows.insert(moves.together(), repoId, snapshots.rows());
  }

  /**
   * Writes the commits that the repository does not have.
   *
   * @param moves the transaction's hold on the repository
   * @param bundle the bundle that brings them; it must be registered
   * @throws SheafException of kind INVALID when a parent is neither in the bundle nor in the
   *     repository
   */
  public void writeCommits(BranchMoves moves, ContentId bundle, Instant now) {
    Map<String, Integer> known =
        moves.lastCommitSeq() == prior.lastCommitSeq()
            ? prior.commits()
            : new Commits(moves.transaction()).seqs(repoId, CommitRows.named(parentsFirst));
    int last =
        CommitRows.insert(
            moves.together(), repoId, parentsFirst, known, bundle, moves.lastCommitSeq());
    moves.commitsWritten(last, now);
  }
}
