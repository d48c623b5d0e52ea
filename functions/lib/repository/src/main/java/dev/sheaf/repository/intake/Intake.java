package dev.sheaf.repository.intake;

import dev.sheaf.bundle.ContentId;
import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.bundle.codec.BundleSink;
import dev.sheaf.bundle.codec.HistoryCollector;
import dev.sheaf.bundle.codec.RawObject;
import dev.sheaf.bundle.codec.ReceivedObject;
import dev.sheaf.bundle.history.History;
import dev.sheaf.repository.BranchMoves;
import dev.sheaf.repository.MovedOnException;
import dev.sheaf.repository.NotFastForwardException;
import dev.sheaf.repository.SiteLog;
import dev.sheaf.repository.history.MissingBaseException;
import dev.sheaf.repository.history.ObjectRows;
import dev.sheaf.repository.history.UnnamedObjects;
import dev.sheaf.storage.ObjectStore;
import dev.sheaf.storage.catalog.Catalog;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Content on its way into one repository: <em>read, prove, store, commit</em> (see the package).
 * Until {@link #commit}'s transaction commits, nothing of it can be read; whatever happened before
 * is repeated without harm.
 *
 * <p>One thread reads, prepares and commits. Close it in every case: afterwards nothing is in
 * flight.
 */
public final class Intake implements AutoCloseable {
  private static final int ATTEMPTS = 3;

  /**
   * What was looked up longer ago than this is not relied upon: an object that nobody named then
   * may be gone from the store.
   */
  private static final Duration LOOK_UPS_HOLD = UnnamedObjects.GRACE.dividedBy(2);

  private final Ports ports;
  private final String repoId;
  private final PutPool puts;
  private final Keeper keeper;
  private final ObjectPipeline pipeline;
  private final PhaseClock clock;
  private final Sink sink = new Sink();
  private final Progress progress;
  private final Instant since;
  private @Nullable History given;
  private @Nullable IncomingHistory incoming;

  /**
   * What intakes stand on.
   *
   * @param time stamps rows, and says when progress is due
   * @param log tells others of what is taken in
   */
  public record Ports(
      Catalog catalog, ObjectStore store, InstantSource time, Limits limits, SiteLog log) {
    /** Of a site that nobody follows. */
    public Ports(Catalog catalog, ObjectStore store, InstantSource time, Limits limits) {
      this(catalog, store, time, limits, SiteLog.OFF);
    }
  }

  private Intake(
      Ports ports,
      String repoId,
      Keeping keeping,
      PhaseClock clock,
      @Nullable Predicate<ContentId> lost) {
    this.ports = ports;
    this.repoId = repoId;
    this.clock = clock;
    this.since = ports.time().instant();
    Limits limits = ports.limits();
    this.puts = new PutPool(ports.store(), limits.putSlots(), limits.rawBytes());
    this.progress = new Progress(ports, repoId, puts);
    this.keeper =
        switch (keeping) {
          case IN_STORE -> new Keeper.InStore(puts);
          case IN_CATALOG -> new Keeper.InCatalog(puts);
        };
    this.pipeline =
        new ObjectPipeline(
            lost == null ? this::standing : ids -> standingOfLost(ids, lost),
            keeper,
            puts,
            limits,
            keeping == Keeping.IN_STORE ? ObjectPipeline.early() : ObjectPipeline.whole());
  }

  /** Begins an intake. */
  public static Intake into(Ports ports, String repoId, Keeping keeping) {
    return into(ports, repoId, keeping, new PhaseClock(() -> 0));
  }

  /**
   * Begins an intake whose time is accounted for.
   *
   * @param clock that of the thread that reads
   */
  public static Intake into(Ports ports, String repoId, Keeping keeping, PhaseClock clock) {
    return new Intake(ports, repoId, keeping, clock, null);
  }

  /**
   * Begins an intake of content that was taken in before, to put back into the store what it lost.
   * Ends with {@link #restore}; there is nothing to prepare and nothing to commit.
   *
   * @param lost which objects are not in the store; all others are passed over
   */
  public static Intake recovering(Ports ports, String repoId, Predicate<ContentId> lost) {
    return new Intake(ports, repoId, Keeping.IN_STORE, new PhaseClock(() -> 0), lost);
  }

  private static Map<ContentId, ObjectRows.Standing> standingOfLost(
      Collection<ContentId> ids, Predicate<ContentId> lost) {
    Map<ContentId, ObjectRows.Standing> standing = new HashMap<>();
    ids.forEach(id ->
        standing.put(
            id,
            lost.test(id)
                ? new ObjectRows.Standing(false, true, false)
                : new ObjectRows.Standing(true, true, true)));
    return standing;
  }

  private Map<ContentId, ObjectRows.Standing> standing(Collection<ContentId> ids) {
    return clock.in(
        Phase.OBJECT_INSERT,
        () -> new ObjectRows(ports.catalog()).standing(repoId, ids, ports.time().instant()));
  }

  /**
   * Writes down in time what was stored, so that the next attempt passes it over, and ends this one
   * when its time is short.
   *
   * @param jobId the job that this is an attempt of
   * @param isShortOfTime whether to come to an end
   */
  public Intake inAttempts(String jobId, BooleanSupplier isShortOfTime) {
    progress.begin(jobId, isShortOfTime);
    return this;
  }

  /** Where a reader of any dialect hands over what it reads. */
  public BundleSink sink() {
    return sink;
  }

  /** Takes the next object of a stream; closes it when done. */
  public void offer(ReceivedObject object) throws IOException {
    clock.during(
        Phase.OBJECT_PUTS,
        () -> {
          pipeline.add(object);
          progress.check(pipeline);
        });
  }

  /** Takes one object whose bytes are at hand. */
  public void offer(RawObject object) throws IOException {
    offer(ReceivedObject.raw(object));
  }

  /** Takes a history that did not come through {@link #sink}. */
  public void history(History history) {
    given = history;
  }

  /** The history that came. */
  public History history() {
    return given == null ? sink.history() : given;
  }

  /**
   * Everything has been read: checks the history against the repository and encodes its rows while
   * the last objects are stored, and waits until all are.
   *
   * @throws MissingBaseException when the push builds on what the repository does not have
   * @throws SheafException of kind INVALID when the push is at fault otherwise
   * @throws OutOfTimeException when another attempt has to go on
   */
  public void prepare() throws IOException {
    clock.during(Phase.OBJECT_PUTS, pipeline::flush);
    try {
      check();
    } catch (SheafException e) {
      // A false object is the error that is told, however the two came to pass.
      pipeline.await();
      throw e;
    }
    clock.during(Phase.OBJECT_PUTS, pipeline::await);
    progress.checkAtEnd();
  }

  private void check() throws IOException {
    History history = history();
    IncomingHistory checked =
        clock.in(Phase.COMMIT_INSERT, () -> IncomingHistory.of(repoId, history));
    clock.during(Phase.SNAPSHOT_INSERT, () -> checked.resolveSnapshots(ports.catalog()));
    clock.during(Phase.OBJECT_REFS, () -> checked.checkObjects(ports.catalog(), pipeline.ids()));
    incoming = checked;
  }

  /**
   * Runs a transaction that commits what was prepared, under the repository's lock. When the
   * repository has got some of it from elsewhere meanwhile, looks at it again and runs another one:
   * the announcement of a bundle and its job usually come at the same time, and write the same
   * rows.
   *
   * @throws SheafException of kind CONFLICT when this happens over and over
   */
  public <T> T transaction(Function<BranchMoves, T> work) throws IOException {
    for (int attempt = 1; ; attempt++) {
      try {
        return BranchMoves.transaction(ports.catalog(), repoId, ports.log(), work);
      } catch (NotFastForwardException | MovedOnException e) {
        throw e;
      } catch (SheafException e) {
        if (e.kind() != ErrorKind.CONFLICT || attempt == ATTEMPTS) {
          throw e;
        }
        check();
      }
    }
  }

  /**
   * Whether the content is more than this keeping takes: its objects are not all kept, only its
   * history may be looked at.
   */
  public boolean isTooLarge() {
    return keeper.isFull();
  }

  /**
   * Writes everything that came, after {@link #prepare}, in the transaction that makes it visible;
   * what is little waits for the end of that.
   *
   * @param moves the transaction's hold on the repository
   * @param bundle the bundle that brings it; it must be registered
   * @throws MissingBaseException when a parent is neither in the push nor in the repository
   * @throws SheafException of kind CONFLICT when the repository has changed since: prepare again
   */
  public IncomingHistory.Counts commit(BranchMoves moves, ContentId bundle) {
    IncomingHistory history = incoming;
    if (history == null || isTooLarge()) {
      throw new IllegalStateException("commit before prepare, or of what is too large");
    }
    moves.requireMuse();
    Instant now = ports.time().instant();
    if (Duration.between(since, now).compareTo(LOOK_UPS_HOLD) > 0) {
      throw new SheafException(
          ErrorKind.UNAVAILABLE,
          "a push that began at %s is not taken in any more: it took longer than %s; send it again"
              .formatted(since, LOOK_UPS_HOLD));
    }
    during(
        Phase.OBJECT_INSERT,
        moves,
        () -> moves.putObjects(progress.unwritten(), cached(), ports.store().bucket(), now));
    during(
        Phase.OBJECT_REFS,
        moves,
        () -> {
          Set<ContentId> before = new HashSet<>(pipeline.settled());
          progress.written().forEach(object -> before.add(object.id()));
          history.writeRefs(moves, before, now);
        });
    during(Phase.SNAPSHOT_INSERT, moves, () -> history.writeSnapshots(moves));
    during(Phase.COMMIT_INSERT, moves, () -> history.writeCommits(moves, bundle, now));
    moves.takeIn(bundle, now);
    return history.counts();
  }

  /** What few rows take to be written counts with the phase that comes last. */
  private void during(Phase phase, BranchMoves moves, Runnable work) {
    clock.in(
        phase,
        () -> {
          work.run();
          moves.sendIfLarge();
          return true;
        });
  }

  private List<ObjectRows.Cached> cached() {
    return keeper instanceof Keeper.InCatalog catalog ? catalog.cached() : List.of();
  }

  /**
   * Of an intake that is {@link #recovering}: waits until all lost objects are stored, and notes
   * their ETags. Who may read them does not change.
   *
   * @return those that are in the store again
   */
  public List<ObjectRows.Stored> restore() throws IOException {
    pipeline.flush();
    pipeline.await();
    new ObjectRows(ports.catalog())
        .putStored(puts.stored(), ports.store().bucket(), ports.time().instant());
    return puts.stored();
  }

  /**
   * Writes down what an attempt that has failed did store, so that the next one need not store it
   * again. Nothing is in flight afterwards, and nothing more can be taken.
   *
   * @param failure why the attempt ends; gets what fails here as well
   */
  public void saveProgress(Throwable failure) {
    puts.fail(failure);
    try {
      pipeline.close();
      progress.write();
    } catch (IOException | RuntimeException e) {
      failure.addSuppressed(e);
    }
  }

  /** The ids of the objects that came. */
  public Set<ContentId> ids() {
    return pipeline.ids();
  }

  /** Objects that this intake has put into the store. */
  public List<ObjectRows.Stored> stored() {
    return puts.stored();
  }

  /** Number of objects that were passed over because the repository had them. */
  public int knownCount() {
    return pipeline.knownCount();
  }

  @Override
  public void close() throws IOException {
    pipeline.close();
  }

  /** Keeps the history and passes objects on. */
  private final class Sink extends HistoryCollector {
    @Override
    public void object(ReceivedObject object) throws IOException {
      offer(object);
    }
  }
}
