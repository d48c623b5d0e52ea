package dev.sheaf.journal;

import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.storage.Deadline;
import dev.sheaf.storage.ObjectStore;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The journal on an object store. */
final class StoredJournal extends StateReads {
  private static final Duration NO_LIMIT = Duration.ofDays(365);

  private final Namespace namespace;
  private final JournalOptions options;
  private final Replica replica;
  private final GroupCommit writes;
  private final Tick tick;
  private final TickGate gate = new TickGate();
  private final BackgroundTicks background;
  private final AtomicBoolean closed = new AtomicBoolean();
  private final Flushing flushing = new Flushing();
  private volatile @Nullable SheafException failure;
  private volatile Instant lookedAt = Instant.MIN;

  StoredJournal(ObjectStore bucket, Namespace namespace, JournalOptions options) {
    this.namespace = namespace;
    this.options = options;
    bucket.requireBucket();
    NamespaceStore store = new NamespaceStore(bucket, namespace, options.host());
    this.replica = new Replica(options.host().nanoTime());
    this.tick = new Tick(store, replica, new ThreadFanOut(options.fetches()));
    this.writes =
        new GroupCommit(
            namespace.toString(),
            new SegmentWriter(store, replica, options.host().ids(), this::inTime));
    Ladder ladder = new Ladder(store, replica, tick, options, JournalOptions.SUSTAINED_TICKS);
    this.background = new BackgroundTicks(() -> ladder.climb(look()), gate, options);
  }

  private void inTime(Runnable write) {
    Deadline.in(options.putTimeout(), options.host().clock(), options.host().nanoTime()).run(write);
  }

  /** One look at the store, of whose outcome a note is kept. */
  private NamespaceListing look() {
    Instant begun = options.host().clock().instant();
    try {
      NamespaceListing listing = tick.run();
      lookedAt = begun;
      failure = null;
      return listing;
    } catch (SheafException e) {
      failure = e;
      throw e;
    } catch (RuntimeException | Error e) {
      failure = new SheafException(ErrorKind.UNAVAILABLE, "a look at the store failed: " + e, e);
      throw e;
    }
  }

  @Override
  <T> T read(Function<State, T> query) {
    background.start(true);
    return replica.read(query);
  }

  @Override
  public void apply(List<Operation> operations) {
    if (operations.isEmpty()) {
      return;
    }
    EncodedOps encoded = EncodedOps.of(operations);
    if (closed.get()) {
      throw GroupCommit.closed(namespace.toString());
    }
    background.start(true);
    writes.write(encoded);
  }

  @Override
  public void flush() {
    flush(NO_LIMIT);
  }

  @Override
  public void flush(Duration limit) {
    background.start(false); // the flush itself does what a first tick would
    Deadline.in(limit, options.host().clock(), options.host().nanoTime()).run(this::flushInTime);
  }

  private void flushInTime() {
    gate.enterForFlush(Deadline.current().orElseThrow().remaining());
    try {
      flushing.begin();
      try {
        look();
      } finally {
        flushing.end();
      }
    } finally {
      gate.leave();
    }
  }

  @Override
  public boolean refresh(Duration maxAge) {
    if (!lookedAt.plus(maxAge).isBefore(options.host().clock().instant())) {
      return false;
    }
    flush();
    return true;
  }

  @Override
  public Optional<SheafException> lastFailure() {
    return Optional.ofNullable(failure);
  }

  /** The flush under way, one at most: its thread, which a close interrupts. */
  private final class Flushing {
    private @Nullable Thread thread;
    private boolean interrupted;

    synchronized void begin() {
      if (closed.get()) {
        throw new SheafException(ErrorKind.INVALID, "the journal of " + namespace + " is closed");
      }
      thread = Thread.currentThread();
    }

    /** Nothing is interrupted after this, and no interrupt of ours is left. */
    synchronized void end() {
      thread = null;
      if (interrupted) {
        Thread.interrupted();
      }
      interrupted = false;
    }

    synchronized void close() {
      if (thread != null && !interrupted) {
        interrupted = true;
        thread.interrupt();
      }
    }
  }

  @Override
  public void close() {
    closed.set(true);
    flushing.close();
    writes.close();
    background.close();
  }
}
