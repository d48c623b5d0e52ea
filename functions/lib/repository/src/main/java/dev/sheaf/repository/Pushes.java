package dev.sheaf.repository;

import dev.sheaf.bundle.ContentId;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.bundle.codec.BundleReader;
import dev.sheaf.bundle.history.GitRefs;
import dev.sheaf.bundle.history.History;
import dev.sheaf.storage.ObjectStore;
import dev.sheaf.storage.catalog.Catalog;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import org.jspecify.annotations.Nullable;

/**
 * Takes in a push whose bundle is in the store and proven: moves branches at once, makes a small
 * bundle readable at once, and sees to it that there is one job for the bundle.
 *
 * <p>All or nothing: a push that is refused changes nothing that could be read.
 */
public final class Pushes {
  private final Catalog catalog;
  private final ObjectStore store;
  private final Jobs jobs;
  private final InstantSource clock;

  public Pushes(Catalog catalog, ObjectStore store, Jobs jobs, InstantSource clock) {
    this.catalog = catalog;
    this.store = store;
    this.jobs = jobs;
    this.clock = clock;
  }

  /**
   * What a client asks for.
   *
   * @param bundle a bundle under the repository's key, whose bytes are proven
   * @param heads branch to new head; empty for those that the bundle itself names, fast-forward
   * @param force whether branches and tags may move anywhere
   * @param expectedHeads branch to the head that the client built on; used when nobody reads the
   *     bundle now
   */
  public record Request(
      Repo repo,
      ContentId bundle,
      long sizeBytes,
      Map<String, String> heads,
      boolean force,
      Map<String, String> expectedHeads) {}

  /**
   * What became of it.
   *
   * @param branchHeads all heads of the repository now
   * @param job the job that indexes the bundle, or did
   * @param wakeUp whether the worker must be woken up: no event of an upload may be on its way
   * @param ingested what the bundle holds; null when nobody has read it yet
   */
  public record Result(
      SortedMap<String, String> branchHeads,
      Job job,
      boolean wakeUp,
      Ingest.@Nullable Counts ingested) {}

  /**
   * Whether a bundle can be taken in without waiting for a worker: no other job of the repository
   * is still to run, so everything that the bundle may build on is there.
   */
  public boolean canReadNow(Request request) {
    return !jobs.hasActiveBesides(request.repo().repoId(), request.bundle());
  }

  /**
   * Takes in a small bundle whole, which is held in memory: history, object rows, refs. Each
   * object's id is checked against its bytes. A bundle that turns out to be large when inflated is
   * left to a worker, once it is clear that its branches may move.
   *
   * @throws NotFastForwardException when a branch or tag may not move there
   * @throws SheafException of kind INVALID when the bundle is at fault: see {@link Ingest}
   */
  public Result readNow(Request request, BundleReader reader, InputStream wire) throws IOException {
    // All of it first: a download left open during the PUTs would hold a connection.
    InputStream bytes = new ByteArrayInputStream(wire.readAllBytes());
    SmallBundle bundle = SmallBundle.read(reader, bytes, store, new ObjectRows(catalog));
    History history = bundle.history();
    if (bundle.isTooLarge()) {
      return readLater(request, new BranchMoves.Rule.FastForward(history.commits()));
    }
    GitRefs git = GitRefs.from(history.meta());
    return catalog.transaction(transaction -> {
      Instant now = clock.instant();
      BranchMoves moves = BranchMoves.lock(transaction, request.repo().repoId());
      Jobs.Enqueued enqueued = enqueue(transaction, request);
      Ingest.Counts counts = write(transaction, request, moves, bundle, now);
      Map<String, String> heads =
          request.heads().isEmpty() ? history.branchHeads() : request.heads();
      moves.requireKnown(heads.values(), history.commits());
      BranchMoves.Rule rule = new BranchMoves.Rule.FastForward(history.commits());
      List<BranchMoves.Rejection> rejected = new ArrayList<>();
      rejected.addAll(moves.move(heads, forced(request, rule), now).rejected());
      rejected.addAll(moves.keepGitRefs(git, request.force(), now));
      return result(transaction, request, rejected, enqueued, counts);
    });
  }

  private Ingest.Counts write(
      Catalog transaction, Request request, BranchMoves moves, SmallBundle bundle, Instant now) {
    String repoId = request.repo().repoId();
    Ingest ingest = Ingest.of(repoId, bundle.history());
    try {
      ingest.resolveSnapshots(transaction);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    ingest.checkObjects(transaction, bundle.ids(), Ingest.GhostRule.REPOSITORY);
    ObjectRows rows = new ObjectRows(transaction);
    rows.putCached(bundle.cached(), now);
    rows.putStored(bundle.stored(), store.bucket(), now);
    rows.putRefs(repoId, bundle.ids(), now);
    ingest.writeSnapshots(transaction);
    ingest.writeCommits(transaction, moves, request.bundle(), now);
    return ingest.counts();
  }

  /**
   * Takes in a bundle without reading it: a worker will. Branches move where {@link Request#force}
   * or {@link Request#expectedHeads} allows it, or, for a bundle that is indexed already, by true
   * ancestry.
   *
   * @throws NotFastForwardException when a branch may not move there
   */
  public Result readLater(Request request) {
    return readLater(request, new BranchMoves.Rule.Expected(request.expectedHeads()));
  }

  private Result readLater(Request request, BranchMoves.Rule unread) {
    return catalog.transaction(transaction -> {
      BranchMoves moves = BranchMoves.lock(transaction, request.repo().repoId());
      Jobs.Enqueued enqueued = enqueue(transaction, request);
      BranchMoves.Rule rule = unread;
      boolean isIndexed = enqueued.job().status() == Job.Status.DONE;
      if (isIndexed) {
        moves.requireKnown(request.heads().values(), List.of());
        rule = new BranchMoves.Rule.FastForward(List.of());
      }
      BranchMoves.Outcome outcome =
          moves.move(request.heads(), forced(request, rule), clock.instant());
      if (!isIndexed) {
        jobs.in(transaction).noteMoves(enqueued.job(), outcome);
      }
      return result(transaction, request, outcome.rejected(), enqueued, null);
    });
  }

  private static BranchMoves.Rule forced(Request request, BranchMoves.Rule otherwise) {
    return request.force() ? new BranchMoves.Rule.Force() : otherwise;
  }

  private Jobs.Enqueued enqueue(Catalog transaction, Request request) {
    boolean announced = !request.heads().isEmpty();
    return jobs.in(transaction)
        .enqueue(
            request.repo().repoId(),
            request.bundle(),
            request.sizeBytes(),
            new JobPayload(announced, request.force(), null));
  }

  private static Result result(
      Catalog transaction,
      Request request,
      List<BranchMoves.Rejection> rejected,
      Jobs.Enqueued enqueued,
      Ingest.@Nullable Counts counts) {
    if (!rejected.isEmpty()) {
      throw new NotFastForwardException(rejected);
    }
    SortedMap<String, String> heads = new Refs(transaction).branchHeads(request.repo().repoId());
    return new Result(heads, enqueued.job(), enqueued.isRenewed(), counts);
  }
}
