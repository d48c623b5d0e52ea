package dev.sheaf.journal;

import dev.sheaf.bundle.SheafException;
import dev.sheaf.journal.json.Json;
import dev.sheaf.journal.json.JsonObject;
import dev.sheaf.storage.ObjectStore;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * A small metadata database in an S3 bucket, and in nothing else: no locks, no leader, no server.
 *
 * <p>A <em>namespace</em> holds structures by name: scalars, integers, sets, maps, maps of integers
 * and lists. They change by {@link Operation}s. Any number of processes open one namespace and
 * write to it at the same time; all of them come to the same state, because all of them replay the
 * same operations in the same order. Reads are answered from memory.
 *
 * <pre>{@code
 * try (Journal journal = Journal.open(store, "counters")) {
 *   journal.apply(new Operation.IntMapAdd("bundles", Json.of("2026-07-04"), 1));
 *   journal.flush(); // see what the others wrote
 *   long today = journal.mapInteger("bundles", Json.of("2026-07-04"));
 * }
 * }</pre>
 *
 * <h2>The way of a write</h2>
 *
 * <ol>
 *   <li>{@link #apply} encodes the operations, and refuses what no replica could read.
 *   <li>{@link GroupCommit} puts everything that waits at that moment into one immutable
 *       <em>segment</em> object, {@code .metadata/<namespace>/segment-<uuidv7>.json}.
 *   <li>{@link Replica} applies it here, on top of all else.
 *   <li>At its next {@link Tick} every replica lists the segments, reads those it does not know,
 *       and replays all of them in canonical order: by S3's stamp, then by name.
 *   <li>When enough segments are old, {@link Ladder} folds them into the <em>rollup</em>, {@code
 *       rollup.json}, whose {@link Mark} says how far it goes. Whoever replaces the rollup first
 *       has done it; the segments are deleted then.
 * </ol>
 *
 * <p>{@link SegmentCodec} and {@link RollupCodec} are the format of the objects, {@link Namespace}
 * their keys, {@link State} the meaning of operations, {@link Compactor} folding on a schedule.
 *
 * <h2>What holds</h2>
 *
 * <ul>
 *   <li>A write that {@link #apply} acknowledged is never lost and never counted twice.
 *   <li>A process reads its own writes at once, and those of others after {@link #flush}, or within
 *       {@link JournalOptions#syncInterval}.
 *   <li>While the store cannot be reached, or holds an object that cannot be read, the last good
 *       state stays served; {@link #flush} says what is wrong.
 *   <li>The order in which others see two writes of one process is that of S3's stamps: within one
 *       second it is that of their names, which rise; but nodes of the store whose clocks differ
 *       may turn writes of different processes around.
 * </ul>
 *
 * <p>Failures are {@link SheafException}s. All methods may be called from any thread.
 */
public interface Journal extends AutoCloseable {
  /**
   * Opens a namespace with the default options, which is to tick in the background.
   *
   * <p>One HEAD makes sure of the bucket. Nothing is read yet: the first call begins that, or
   * {@link #flush}.
   *
   * @param namespace letters, digits, {@code _} and {@code -}, or empty for the root
   */
  static Journal open(ObjectStore store, String namespace) {
    return open(store, Namespace.of(namespace), JournalOptions.defaults());
  }

  /** Opens a namespace with options. */
  static Journal open(ObjectStore store, Namespace namespace, JournalOptions options) {
    return new StoredJournal(store, namespace, options);
  }

  /**
   * Stores operations, all or none, and returns when they are durable.
   *
   * @throws SheafException INVALID: nothing was written, because a value cannot be encoded or the
   *     journal is closed; UNAVAILABLE: the outcome is unknown, unless the message says that
   *     nothing was written. Repeating operations that count may then count twice
   */
  void apply(List<Operation> operations);

  /** Stores operations, all or none, and returns when they are durable. */
  default void apply(Operation... operations) {
    apply(List.of(operations));
  }

  /**
   * Makes reads show everything that any process had written when this was called.
   *
   * @throws SheafException when the store failed or an object in it cannot be read; what is served
   *     has not changed then
   */
  void flush();

  /** Like {@link #flush()}, but gives up after a time. */
  void flush(Duration limit);

  /**
   * Flushes if the last look at the store is longer ago than this on the wall clock; for functions,
   * at the start of an invocation.
   *
   * @return whether it looked
   */
  boolean refresh(Duration maxAge);

  /** The value of a scalar; of any other structure its JSON. Empty where nothing is. */
  Optional<Json> scalar(String key);

  /** The value of an integer; of another number its integral part, of anything else 0. */
  long integer(String key);

  /** Whether a set has a member, or a map a key. */
  boolean contains(String key, Json member);

  /**
   * The members of a set, or the keys of a map, in the order of their canonical texts; empty where
   * there is none. Names that are no JSON, as an object scalar may have, are left out.
   */
  Optional<List<Json>> members(String key);

  /** The value of a key in a map. */
  Optional<Json> mapValue(String key, Json mapKey);

  /** The integer of a key in a map of integers; 0 where there is none. */
  long mapInteger(String key, Json mapKey);

  /** A whole map: canonical texts of the keys with their values. */
  Optional<JsonObject> entries(String key);

  /** The elements of a list; empty where there is none. */
  Optional<List<Json>> list(String key);

  /** The number of elements of a list; 0 where there is none. */
  int listLength(String key);

  /** Everything, as one object: what a rollup would hold. */
  JsonObject state();

  /** Why the last look at the store failed, if it did; the message names the object. */
  Optional<SheafException> lastFailure();

  /** Waits for the write in flight, refuses those behind it, and stops. May be called again. */
  @Override
  void close();
}
