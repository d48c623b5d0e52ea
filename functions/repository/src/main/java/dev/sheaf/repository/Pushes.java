package dev.sheaf.repository;

import dev.sheaf.bundle.ContentId;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.bundle.codec.BundleReader;
import dev.sheaf.bundle.history.GitRefs;
import dev.sheaf.bundle.history.History;
import dev.sheaf.storage.ObjectStore;
import dev.sheaf.storage.catalog.Catalog;
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
   * @param heads branch to new head; may be empty
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
   * @param ingested what the bundle holds; null when nobody has read it yet
   */
  public record Result(
      SortedMap<String, String> branchHeads, Job job, Ingest.@Nullable Counts ingested) {}

  /**
   * Whether a bundle can be taken in without waiting for a worker: no earlier job of the repository
   * is still to run, so everything that it may build on is there.
   */
  public boolean canReadNow(Request request) {
    return !jobs.hasActiveBesides(request.repo().repoId(), request.bundle());
  }

  /**
   * Takes in a small bundle whole: history, object rows, refs. Each object's id is checked against
   * its bytes.
   *
   * @throws NotFastForwardException when a branch or tag may not move there
   * @throws SheafException of kind INVALID when the bundle is at fault: see {@link Ingest#prepare}
   *     and {@link Ingest#writeCommits}
   */
  public Result readNow(Request request, BundleReader reader, InputStream wire) throws IOException {
    String repoId = request.repo().repoId();
    SmallBundle bundle = SmallBundle.read(reader, wire, store);
    History history = bundle.history();
    GitRefs git = GitRefs.from(history.meta());
    return catalog.transaction(transaction -> {
      Instant now = clock.instant();
      BranchMoves moves = BranchMoves.lock(transaction, repoId);
      Job job = enqueue(transaction, request);
      Ingest ingest = prepare(transaction, repoId, bundle);
      ObjectRows rows = new ObjectRows(transaction);
      rows.putCached(bundle.cached(), now);
      rows.putStored(bundle.stored(), store.bucket(), now);
      rows.putRefs(repoId, bundle.ids(), now);
      ingest.writeSnapshots(transaction);
      ingest.writeCommits(transaction, moves, request.bundle(), now);
      moves.requireKnown(request.heads().values());
      List<BranchMoves.Rejection> rejected = new ArrayList<>();
      BranchMoves.Rule rule =
          request.force()
              ? new BranchMoves.Rule.Force()
              : new BranchMoves.Rule.FastForward(history.commits());
      rejected.addAll(moves.move(request.heads(), rule, now).rejected());
      rejected.addAll(moves.keepGitRefs(git, request.force(), now));
      return result(transaction, repoId, rejected, job, ingest.counts());
    });
  }

  private static Ingest prepare(Catalog transaction, String repoId, SmallBundle bundle) {
    try {
      return Ingest.prepare(
          transaction, repoId, bundle.history(), bundle.ids(), Ingest.GhostRule.REPOSITORY);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Takes in a bundle without reading it: a worker will. Branches move where {@link Request#force}
   * or {@link Request#expectedHeads} allows it, or, for a bundle that is indexed already, by true
   * ancestry.
   *
   * @throws NotFastForwardException when a branch may not move there
   */
  public Result readLater(Request request) {
    String repoId = request.repo().repoId();
    return catalog.transaction(transaction -> {
      BranchMoves moves = BranchMoves.lock(transaction, repoId);
      Job job = enqueue(transaction, request);
      boolean indexed = job.status() == Job.Status.DONE;
      if (indexed) {
        moves.requireKnown(request.heads().values());
      }
      BranchMoves.Outcome outcome =
          moves.move(request.heads(), ruleUnread(request, indexed), clock.instant());
      if (!indexed) {
        jobs.in(transaction).noteMoves(job, outcome);
      }
      return result(transaction, repoId, outcome.rejected(), job, null);
    });
  }

  private static BranchMoves.Rule ruleUnread(Request request, boolean indexed) {
    if (request.force()) {
      return new BranchMoves.Rule.Force();
    }
    return indexed
        ? new BranchMoves.Rule.FastForward(List.of())
        : new BranchMoves.Rule.Expected(request.expectedHeads());
  }

  private Job enqueue(Catalog transaction, Request request) {
    return jobs.in(transaction)
        .enqueue(
            request.repo().repoId(),
            request.bundle(),
            request.sizeBytes(),
            JobPayload.ofPush(request.force()));
  }

  private static Result result(
      Catalog transaction,
      String repoId,
      List<BranchMoves.Rejection> rejected,
      Job job,
      Ingest.@Nullable Counts counts) {
    if (!rejected.isEmpty()) {
      throw new NotFastForwardException(rejected);
    }
    return new Result(new Refs(transaction).branchHeads(repoId), job, counts);
  }
}
