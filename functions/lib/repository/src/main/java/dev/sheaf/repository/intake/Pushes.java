package dev.sheaf.repository.intake;

import dev.sheaf.bundle.ContentId;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.bundle.codec.BundleReader;
import dev.sheaf.bundle.history.GitRefs;
import dev.sheaf.bundle.history.History;
import dev.sheaf.repository.BranchMoves;
import dev.sheaf.repository.IncomingHistory;
import dev.sheaf.repository.Job;
import dev.sheaf.repository.JobPayload;
import dev.sheaf.repository.Jobs;
import dev.sheaf.repository.MissingBaseException;
import dev.sheaf.repository.NotFastForwardException;
import dev.sheaf.repository.Refs;
import dev.sheaf.repository.Repo;
import dev.sheaf.storage.catalog.Catalog;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
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
  private final Intake.Ports ports;
  private final Catalog catalog;
  private final Jobs jobs;
  private final InstantSource clock;

  public Pushes(Intake.Ports ports, Jobs jobs) {
    this.ports = ports;
    this.catalog = ports.catalog();
    this.jobs = jobs;
    this.clock = ports.time();
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
      IncomingHistory.@Nullable Counts ingested) {}

  /**
   * Takes in a small bundle whole, which is held in memory. One that turns out to be large when
   * inflated, and one that builds on what another job of the repository is still to bring, are left
   * to a worker, once it is clear that their branches may move.
   *
   * @throws NotFastForwardException when a branch or tag may not move there
   * @throws SheafException of kind INVALID when the bundle is at fault: see {@link Intake}
   */
  public Result readNow(Request request, BundleReader reader, InputStream wire) throws IOException {
    // All of it first: a download left open during the PUTs would hold a connection.
    InputStream bytes = new ByteArrayInputStream(wire.readAllBytes());
    try (Intake intake = Intake.into(ports, request.repo().repoId(), Keeping.IN_CATALOG)) {
      reader.read(bytes, intake.sink());
      BranchMoves.Rule rule = new BranchMoves.Rule.FastForward(intake.history().commits());
      try {
        intake.prepare();
        return intake.isTooLarge()
            ? readLater(request, rule)
            : intake.transaction(transaction -> write(transaction, request, intake, rule));
      } catch (MissingBaseException e) {
        if (jobs.hasActiveBesides(request.repo().repoId(), request.bundle())) {
          return readLater(request, rule);
        }
        throw e;
      }
    }
  }

  private Result write(
      Catalog transaction, Request request, Intake intake, BranchMoves.Rule fastForward) {
    Instant now = clock.instant();
    History history = intake.history();
    BranchMoves moves = BranchMoves.lock(transaction, request.repo().repoId());
    Jobs.Enqueued enqueued = enqueue(transaction, request);
    IncomingHistory.Counts counts = intake.commit(transaction, moves, request.bundle());
    Map<String, String> heads = request.heads().isEmpty() ? history.branchHeads() : request.heads();
    moves.requireKnown(heads.values(), history.commits());
    List<BranchMoves.Rejection> rejected = new ArrayList<>();
    rejected.addAll(moves.move(heads, forced(request, fastForward), now).rejected());
    rejected.addAll(moves.keepGitRefs(GitRefs.from(history.meta()), request.force(), now));
    return result(transaction, request, rejected, enqueued, counts);
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
      IncomingHistory.@Nullable Counts counts) {
    if (!rejected.isEmpty()) {
      throw new NotFastForwardException(rejected);
    }
    SortedMap<String, String> heads = new Refs(transaction).branchHeads(request.repo().repoId());
    return new Result(heads, enqueued.job(), enqueued.isRenewed(), counts);
  }
}
