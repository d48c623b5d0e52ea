package dev.sheaf.repository.intake;

import dev.sheaf.bundle.Content;
import dev.sheaf.bundle.ContentId;
import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.bundle.codec.BundleReader;
import dev.sheaf.bundle.history.History;
import dev.sheaf.repository.BranchMoves;
import dev.sheaf.repository.MovedOnException;
import dev.sheaf.repository.NotFastForwardException;
import dev.sheaf.repository.RefLimits;
import dev.sheaf.repository.Refs;
import dev.sheaf.repository.Repo;
import dev.sheaf.repository.UndecidedException;
import dev.sheaf.repository.history.MissingBaseException;
import dev.sheaf.repository.job.Job;
import dev.sheaf.repository.job.Jobs;
import dev.sheaf.storage.catalog.Catalog;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.function.Function;
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
   * @param force whether branches may move anywhere
   * @param expectedHeads branch to the head that the client built on: where a forced push may move
   *     it from, and one whose bundle nobody reads now
   * @param uploadedAt when the store says that the bundle was written
   */
  public record Request(
      Repo repo,
      ContentId bundle,
      long sizeBytes,
      Map<String, String> heads,
      boolean force,
      Map<String, String> expectedHeads,
      Instant uploadedAt) {}

  /**
   * What became of it.
   *
   * @param branchHeads the heads of the repository now, as many as one page has
   * @param refsNext where further ones begin, for the next page; null when these are all
   * @param job the job that indexes the bundle, or did
   * @param wakeUp whether the worker must be woken up: no event of an upload may be on its way
   * @param ingested what the bundle holds; null when nobody has read it yet
   */
  public record Result(
      SortedMap<String, String> branchHeads,
      @Nullable String refsNext,
      Job job,
      boolean wakeUp,
      IncomingHistory.@Nullable Counts ingested) {}

  /**
   * Takes in a small bundle whole, which is held in memory. One that turns out to be large when
   * inflated, and one that builds on what another job of the repository is still to bring, are left
   * to a worker.
   *
   * @throws NotFastForwardException when a branch may not move there
   * @throws MovedOnException when another push has moved a branch that is to be moved by force
   * @throws SheafException of kind INVALID when the bundle is at fault: see {@link Intake};
   *     UNAVAILABLE when another job has to end before anybody can tell
   */
  public Result readNow(Request request, BundleReader reader, InputStream wire) throws IOException {
    // All of it first: a download left open during the PUTs would hold a connection.
    byte[] bytes = wire.readAllBytes();
    return onItsBase(
        request,
        () -> readOnce(request, reader, new ByteArrayInputStream(bytes)),
        _ -> readAfterOthers(request));
  }

  private Result readOnce(Request request, BundleReader reader, InputStream bytes)
      throws IOException {
    try (Intake intake = Intake.into(ports, request.repo().repoId(), Keeping.IN_CATALOG)) {
      reader.read(bytes, intake.sink());
      RefLimits.check(intake.history().branchHeads());
      BranchMoves.Rule rule = new BranchMoves.Rule.FastForward(intake.history().commits());
      try {
        intake.prepare();
        return intake.isTooLarge()
            ? readLater(request, rule)
            : intake.transaction(moves -> write(moves, request, intake, rule));
      } catch (NotFastForwardException e) {
        throw intake.isTooLarge() ? new UnreadBaseException(e) : e;
      }
    }
  }

  /** One that a bundle was too large to be seen to follow on. */
  private static final class UnreadBaseException extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final transient NotFastForwardException refusal;

    UnreadBaseException(NotFastForwardException refusal) {
      this.refusal = refusal;
    }
  }

  private interface Reading {
    Result read() throws IOException;
  }

  /**
   * Takes in what may build on what another job is still to bring.
   *
   * @param whileOthersAreActive what is done while there is such a job
   */
  private Result onItsBase(
      Request request, Reading reading, Function<SheafException, Result> whileOthersAreActive)
      throws IOException {
    SheafException missing;
    try {
      return reading.read();
    } catch (MissingBaseException e) {
      missing = e;
    } catch (UnreadBaseException e) {
      missing = e.refusal;
    }
    if (jobs.hasActiveBesides(request.repo().repoId(), request.bundle())) {
      return whileOthersAreActive.apply(missing);
    }
    try {
      // The job that was to bring it may have ended between the look and the question.
      return reading.read();
    } catch (UnreadBaseException e) {
      throw e.refusal;
    }
  }

  /** What the bundle builds on is still to be read: where it comes from must be said, or waited. */
  private Result readAfterOthers(Request request) {
    try {
      return readLater(request);
    } catch (UndecidedException e) {
      throw new SheafException(
          ErrorKind.UNAVAILABLE,
          "the bundle builds on another one that is still being read; try again in some seconds",
          e);
    }
  }

  /**
   * Takes in a bundle that the site itself wrote from what a client sent. All its objects go into
   * the store, so that its job ends with the push: no worker has anything left to do.
   *
   * @param bundle its bytes, which nobody can read yet
   * @param keep puts it under its key; called when nothing can refuse the push any more, and once
   *     more when the commit has to be repeated
   * @throws NotFastForwardException when a branch may not move there
   * @throws SheafException of kind INVALID when the bundle is at fault: see {@link Intake}; of kind
   *     CONFLICT when it builds on what another job of the repository is still to bring
   */
  public Result takeIn(Request request, BundleReader reader, Content bundle, Runnable keep)
      throws IOException {
    return onItsBase(
        request,
        () -> takeInOnce(request, reader, bundle, keep),
        missing -> {
          throw new SheafException(
              ErrorKind.CONFLICT,
              "a bundle of the repository is being indexed; push again",
              missing);
        });
  }

  private Result takeInOnce(Request request, BundleReader reader, Content bundle, Runnable keep)
      throws IOException {
    try (Intake intake = Intake.into(ports, request.repo().repoId(), Keeping.IN_STORE);
        InputStream wire = bundle.open()) {
      reader.withoutHashing().read(wire, intake.sink());
      intake.prepare();
      BranchMoves.Rule rule = new BranchMoves.Rule.FastForward(intake.history().commits());
      return intake.transaction(moves -> {
        Result result = write(moves, request, intake, rule);
        keep.run();
        moves.flush();
        jobs.in(moves.transaction()).finishUnclaimed(result.job(), report(request, result, intake));
        return result;
      });
    }
  }

  /** As a worker's report, without what nobody measured. */
  private static String report(Request request, Result result, Intake intake) {
    IncomingHistory.Counts counts = Objects.requireNonNull(result.ingested());
    return """
    {"commits_written":%d,"snapshots_written":%d,"objects_written":%d,\
    "object_refs_written":%d,"manifest_entries":%d,"objects_put":%d,"objects_known":%d,\
    "bundle_size_bytes":%d}\
    """
        .formatted(
            counts.commits(),
            counts.snapshots(),
            intake.ids().size(),
            counts.refs(),
            counts.manifestEntries(),
            intake.stored().size(),
            intake.knownCount(),
            request.sizeBytes());
  }

  private Result write(
      BranchMoves moves, Request request, Intake intake, BranchMoves.Rule fastForward) {
    Instant now = clock.instant();
    History history = intake.history();
    Map<String, String> heads = request.heads().isEmpty() ? history.branchHeads() : request.heads();
    Jobs.Announced enqueued = enqueue(moves, request, Job.Decision.SETTLED);
    IncomingHistory.Counts counts = intake.commit(moves, request.bundle());
    moves.requireKnown(heads.values(), history.commits());
    List<BranchMoves.Rejection> rejected =
        moves.move(heads, forced(request, fastForward), now).rejected();
    return result(moves, request, rejected, enqueued, counts);
  }

  /**
   * Takes in a bundle without reading it: a worker will, and checks then that the branches which
   * are moved here went forward. They move where {@link Request#force} and {@link
   * Request#expectedHeads} allow it, or, for a bundle that is indexed already, by true ancestry.
   *
   * @throws MovedOnException when another push has moved a branch
   * @throws UndecidedException when a branch exists and the client does not say where it knows it
   */
  public Result readLater(Request request) {
    return readLater(request, new BranchMoves.Rule.Expected(request.expectedHeads()));
  }

  private Result readLater(Request request, BranchMoves.Rule unread) {
    return BranchMoves.transaction(
        catalog,
        request.repo().repoId(),
        ports.log(),
        moves -> {
          moves.requireMuse();
          Job.Decision decision = request.heads().isEmpty() ? Job.Decision.OWN : Job.Decision.MOVED;
          Jobs.Announced enqueued = enqueue(moves, request, decision);
          BranchMoves.Rule rule = unread;
          boolean isIndexed = enqueued.job().status() == Job.Status.DONE;
          if (isIndexed) {
            moves.requireKnown(request.heads().values(), List.of());
            rule = new BranchMoves.Rule.FastForward(List.of());
          }
          BranchMoves.Outcome outcome =
              moves.move(request.heads(), forced(request, rule), clock.instant());
          if (!isIndexed) {
            jobs.in(moves.transaction()).noteMoves(enqueued.job(), outcome, request.force());
          }
          if (!outcome.rejected().isEmpty() && rule instanceof BranchMoves.Rule.Expected) {
            throw new MovedOnException(outcome.rejected());
          }
          return result(moves, request, outcome.rejected(), enqueued, null);
        });
  }

  private static BranchMoves.Rule forced(Request request, BranchMoves.Rule otherwise) {
    return request.force() ? new BranchMoves.Rule.Force(request.expectedHeads()) : otherwise;
  }

  private Jobs.Announced enqueue(BranchMoves moves, Request request, Job.Decision decision) {
    Jobs.Announced announced =
        jobs.in(moves.transaction())
            .announced(
                request.repo().repoId(),
                request.bundle(),
                request.sizeBytes(),
                decision,
                request.uploadedAt());
    moves.by(announced.job().seq(), announced.firstSeq());
    return announced;
  }

  private static Result result(
      BranchMoves moves,
      Request request,
      List<BranchMoves.Rejection> rejected,
      Jobs.Announced enqueued,
      IncomingHistory.@Nullable Counts counts) {
    if (!rejected.isEmpty()) {
      throw request.force()
          ? new MovedOnException(rejected)
          : new NotFastForwardException(rejected);
    }
    Refs.Page heads = moves.heads();
    return new Result(
        heads.branchHeads(), heads.next(), enqueued.job(), enqueued.wakesLane(), counts);
  }
}
