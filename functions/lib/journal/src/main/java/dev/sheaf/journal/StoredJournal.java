package dev.sheaf.journal;

import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.SheafException;
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
  private volatile @Nullable Thread flushing;
  private volatile @Nullable SheafException failure;
  private volatile Instant lookedAt = Instant.MIN;

  StoredJournal(ObjectStore bucket, Namespace namespace, JournalOptions options) {
    this.namespace = namespace;
    this.options = options;
    bucket.requireBucket();
    NamespaceStore store = new NamespaceStore(bucket, namespace, options.host());
    this.replica = new Replica(options.host().nanoTime());
    this.tick = new Tick(store, replica, new ThreadFanOut(options.fetches()));
    Watchdog watchdog = new Watchdog(options.putTimeout(), options.host());
    this.writes =
        new GroupCommit(
            namespace.toString(),
            new SegmentWriter(store, replica, options.host().ids(), watchdog::run));
    Ladder ladder = new Ladder(store, replica, tick, options);
    this.background = new BackgroundTicks(() -> ladder.climb(look()), gate, options);
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
    long begun = options.host().nanoTime().getAsLong();
    gate.enterForFlush(limit);
    Duration left = limit.minusNanos(options.host().nanoTime().getAsLong() - begun);
    TimedCall.call(
        left,
        options.host().clock(),
        this::flushing,
        () -> {
          try {
            look();
            return true; // not the listing: the call outlives its work, and would keep it
          } finally {
            gate.leave();
          }
        });
  }

  /** Notes the thread of a flush, for {@link #close} to interrupt. */
  private void flushing(Thread thread) {
    flushing = thread;
    if (closed.get()) {
      thread.interrupt();
      gate.leave();
      throw new SheafException(ErrorKind.INVALID, "the journal of " + namespace + " is closed");
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

  @Override
  public void close() {
    closed.set(true);
    Thread flush = flushing;
    if (flush != null) {
      flush.interrupt();
    }
    writes.close();
    background.close();
  }
}
