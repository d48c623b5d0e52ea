package dev.sheaf.bundleindex;

import dev.sheaf.bundle.ContentId;
import dev.sheaf.bundle.codec.ObjectRun;
import dev.sheaf.bundle.codec.WireObject;
import dev.sheaf.repository.ObjectRows;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Semaphore;
import java.util.function.Function;

/**
 * Takes the objects of a bundle from the thread that reads it, and stores those that the store does
 * not have: runs are gathered into batches, one look-up a batch says which objects are known, the
 * others are decoded on a few threads and put on many.
 *
 * <p>The reading thread waits when too many bytes are on their way, so that memory does not grow
 * with the bundle. One thread adds and finishes.
 */
final class ObjectPipeline implements AutoCloseable {
  /** The first batch is small, so that PUTs begin early; each further one is larger. */
  private static final int FIRST_BATCH = 64;

  private static final int LAST_BATCH = 4_096;
  private static final int GROWTH = 8;

  private final Function<Collection<ContentId>, Set<ContentId>> known;
  private final ObjectPuts puts;
  private final Limits limits;
  private final Semaphore decoders;
  private final Semaphore wireBytes;
  private final Set<ContentId> seen = new HashSet<>();
  private List<ObjectRun> batch = new ArrayList<>();
  private int batchObjects;
  private long batchBytes;
  private int batchSize = FIRST_BATCH;
  private int knownCount;

  /**
   * What may be on its way at a time.
   *
   * @param putSlots PUTs in flight
   * @param decoders runs being decoded
   * @param wireBytes bytes of runs that wait to be decoded or are
   * @param rawBytes bytes of objects that wait to be put or are
   */
  record Limits(int putSlots, int decoders, int wireBytes, int rawBytes) {
    private static final int MIB = 1 << 20;

    /** The default, for a number of PUT slots and a heap of some 100 MiB and more. */
    static Limits of(int putSlots, int processors) {
      return new Limits(putSlots, processors + 1, 24 * MIB, 24 * MIB);
    }
  }

  /**
   * @param known says which objects the store has, in one request
   */
  ObjectPipeline(
      Function<Collection<ContentId>, Set<ContentId>> known, ObjectPuts puts, Limits limits) {
    this.known = known;
    this.puts = puts;
    this.limits = limits;
    this.decoders = new Semaphore(limits.decoders());
    this.wireBytes = new Semaphore(limits.wireBytes());
  }

  /** Takes the next run, which it closes when done. Waits while too much is on its way. */
  void add(ObjectRun run) throws IOException {
    batch.add(run);
    batchObjects += run.objects().size();
    batchBytes += run.wireBytes();
    if (batchObjects >= batchSize || batchBytes >= limits.wireBytes() / 2) {
      flush();
      batchSize = Math.min(LAST_BATCH, GROWTH * batchSize);
    }
  }

  /** Starts what was added last; nothing may be added afterwards. */
  void startLast() throws IOException {
    flush();
  }

  /** Waits until every object of the bundle is in the store. */
  void finish() throws IOException {
    flush();
    await();
    puts.throwIfFailed();
  }

  /** The ids of the bundle's objects, once the last ones are started. */
  Set<ContentId> ids() {
    return seen;
  }

  /** Number of objects that were not put because the store had them. */
  int knownCount() {
    return knownCount;
  }

  private void flush() throws IOException {
    puts.throwIfFailed();
    List<ObjectRun> runs = batch;
    batch = new ArrayList<>();
    batchObjects = 0;
    batchBytes = 0;
    Set<ContentId> fresh = new LinkedHashSet<>();
    for (ObjectRun run : runs) {
      run.objects().stream().map(WireObject::id).filter(seen::add).forEach(fresh::add);
    }
    Set<ContentId> stored = fresh.isEmpty() ? Set.of() : known.apply(fresh);
    knownCount += stored.size();
    fresh.removeAll(stored);
    for (ObjectRun run : runs) {
      start(run, fresh);
    }
  }

  /** Decodes a run on a thread of its own, if any of its objects is still to be stored. */
  private void start(ObjectRun run, Set<ContentId> fresh) throws IOException {
    Set<ContentId> wanted = new HashSet<>();
    for (WireObject object : run.objects()) {
      if (fresh.remove(object.id())) {
        wanted.add(object.id());
      }
    }
    if (wanted.isEmpty()) {
      run.close();
      return;
    }
    int weight = (int) Math.min(limits.wireBytes(), run.wireBytes());
    wireBytes.acquireUninterruptibly(weight);
    decoders.acquireUninterruptibly();
    Thread.ofVirtual()
        .start(() -> {
          try (run) {
            decode(run, wanted);
          } catch (Throwable e) {
            puts.fail(e);
          } finally {
            decoders.release();
            wireBytes.release(weight);
          }
        });
  }

  private void decode(ObjectRun run, Set<ContentId> wanted) throws IOException {
    if (!puts.hasFailed()) {
      run.decode(wanted::remove, puts::put);
    }
  }

  private void await() {
    wireBytes.acquireUninterruptibly(limits.wireBytes());
    wireBytes.release(limits.wireBytes());
    puts.await();
  }

  /** Ends early: whatever has not begun does not begin, and nothing is in flight afterwards. */
  @Override
  public void close() throws IOException {
    puts.fail(new IllegalStateException("ended early"));
    await();
    for (ObjectRun run : batch) {
      run.close();
    }
  }

  /** What was put into the store. */
  Collection<ObjectRows.Stored> stored() {
    return puts.stored();
  }
}
