package dev.sheaf.journal;

import dev.sheaf.journal.json.Json;
import dev.sheaf.journal.json.JsonObject;
import dev.sheaf.storage.ObjectStore;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** One replica without threads, each of whose steps the test takes by hand. */
final class Site {
  private static final AtomicLong NANOS = new AtomicLong();
  private static final Random RANDOM = new Random(383);
  private static final SegmentIds IDS =
      new SegmentIds(() -> Instant.parse("2026-07-04T09:59:00Z"), RANDOM);

  /** A host whose monotonic clock moves with every look at it, and which never sleeps. */
  static final Host HOST =
      new Host(
          () -> Instant.parse("2026-07-04T09:59:00Z"),
          NANOS::incrementAndGet,
          RANDOM,
          _ -> {},
          IDS);

  /** The same with a monotonic clock that shows the time. */
  static final Host IN_REAL_TIME =
      new Host(HOST.clock(), System::nanoTime, HOST.random(), HOST.sleeper(), HOST.ids());

  /** The same with a wall clock of the test's own. */
  static Host hostAt(InstantSource clock) {
    return new Host(clock, HOST.nanoTime(), HOST.random(), HOST.sleeper(), HOST.ids());
  }

  static final JournalOptions OPTIONS =
      JournalOptions.forFunction().withHost(HOST).withJitter(Duration.ZERO);

  private final JournalOptions options;
  final NamespaceStore store;
  final Replica replica;
  final Tick tick;
  final Ladder ladder;
  final SegmentWriter writer;
  @Nullable NamespaceListing listing;

  Site(FakeBucket bucket, String namespace) {
    this(bucket, namespace, OPTIONS);
  }

  Site(FakeBucket bucket, String namespace, JournalOptions options) {
    this(bucket, namespace, options, new ThreadFanOut(options.fetches()));
  }

  Site(ObjectStore bucket, String namespace, JournalOptions options, FanOut fanOut) {
    this(
        new NamespaceStore(bucket, Namespace.existing(namespace), options.host()),
        new Replica(options.host().nanoTime()),
        options,
        fanOut);
  }

  private Site(NamespaceStore store, Replica replica, JournalOptions options, FanOut fanOut) {
    this.store = store;
    this.replica = replica;
    this.options = options;
    tick = new Tick(store, replica, fanOut);
    ladder = new Ladder(store, replica, tick, options, JournalOptions.SUSTAINED_TICKS);
    writer = new SegmentWriter(store, replica, options.host().ids(), Runnable::run);
  }

  /** The same replica with another way to its bucket. */
  Site on(ObjectStore bucket) {
    return new Site(
        new NamespaceStore(bucket, store.namespace(), options.host()),
        replica,
        options,
        List::forEach);
  }

  /** Writes operations as one segment; its name. */
  String apply(Operation... ops) {
    return apply(List.of(ops));
  }

  String apply(List<Operation> ops) {
    return writer.write(List.of(EncodedOps.of(ops)));
  }

  void flush() {
    listing = tick.run();
  }

  /** A tick and the ladder after it. */
  Ladder.Outcome backgroundTick() {
    listing = tick.run();
    return ladder.climb(listing);
  }

  JsonObject state() {
    return replica.read(State::toJson);
  }

  long integer(String key) {
    return replica.read(state -> Integers.of(state.get(key)));
  }

  /** How often a token was counted. */
  long count(String token) {
    return replica.read(state -> {
      Members counts = state.members("count");
      return counts == null ? 0 : Integers.of(counts.get(CanonicalKey.of(Json.of(token))));
    });
  }

  Rollup rollup() {
    Rollup held = replica.rollup();
    if (held == null) {
      throw new AssertionError("no rollup held");
    }
    return held;
  }
}
