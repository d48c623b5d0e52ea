package dev.sheaf.repository.intake;

import dev.sheaf.bundle.ContentId;
import dev.sheaf.bundle.codec.ReceivedObject;
import dev.sheaf.repository.history.ObjectRows;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Semaphore;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Takes objects from the thread that reads them, and keeps those that the repository does not have:
 * they are gathered into batches, one look-up a batch says which objects are known, the others are
 * decoded on a few threads and kept by many.
 *
 * <p>The reading thread waits when too many bytes are on their way, so that memory does not grow
 * with the bundle. One thread adds and finishes.
 */
final class ObjectPipeline implements AutoCloseable {
  /** The first batch is small, so that PUTs begin early; each further one is larger. */
  private static final int FIRST_BATCH = 64;

  private static final int LAST_BATCH = 4_096;
  private static final int GROWTH = 8;

  private final Function<Collection<ContentId>, Map<ContentId, ObjectRows.Standing>> look;
  private final Keeper keeper;
  private final PutPool puts;
  private final Limits limits;
  private final Semaphore decoders;
  private final Semaphore wireBytes;
  private final Set<ContentId> seen = new HashSet<>();
  private final Set<ContentId> settled = new HashSet<>();
  private List<ReceivedObject> batch = new ArrayList<>();
  private long batchBytes;
  private int batchSize;
  private int knownCount;

  /**
   * @param look says where objects stand for the repository, in one request
   * @param firstBatch objects of the first look-up
   */
  ObjectPipeline(
      Function<Collection<ContentId>, Map<ContentId, ObjectRows.Standing>> look,
      Keeper keeper,
      PutPool puts,
      Limits limits,
      int firstBatch) {
    this.look = look;
    this.keeper = keeper;
    this.puts = puts;
    this.limits = limits;
    this.batchSize = firstBatch;
    this.decoders = new Semaphore(limits.decoders());
    this.wireBytes = new Semaphore(limits.wireBytes());
  }

  /** The size of the first look-up where PUTs are to begin early. */
  static int early() {
    return FIRST_BATCH;
  }

  /** The size of the first look-up where few objects come, and statements count. */
  static int whole() {
    return LAST_BATCH;
  }

  /** Takes the next object, which it closes when done. Waits while too much is on its way. */
  void add(ReceivedObject object) throws IOException {
    batch.add(object);
    batchBytes += object.wire().wire().size();
    if (batch.size() >= batchSize || batchBytes >= limits.wireBytes() / 2) {
      flush();
      batchSize = Math.min(LAST_BATCH, GROWTH * batchSize);
    }
  }

  /** Starts what was added last. */
  void flush() throws IOException {
    puts.throwIfFailed();
    List<ReceivedObject> objects = batch;
    batch = new ArrayList<>();
    batchBytes = 0;
    Set<ContentId> fresh = new HashSet<>();
    objects.stream().map(ReceivedObject::id).filter(seen::add).forEach(fresh::add);
    Map<ContentId, ObjectRows.Standing> wanted = wanted(fresh);
    for (ReceivedObject object : objects) {
      start(object, wanted.remove(object.id()));
    }
  }

  /** Those of the objects that are still to be kept, and where they stand. */
  private Map<ContentId, ObjectRows.Standing> wanted(Set<ContentId> fresh) {
    if (fresh.isEmpty()) {
      return new HashMap<>();
    }
    Map<ContentId, ObjectRows.Standing> standing = look.apply(fresh);
    Map<ContentId, ObjectRows.Standing> wanted = new HashMap<>();
    for (ContentId id : fresh) {
      ObjectRows.Standing own = standing.getOrDefault(id, ObjectRows.Standing.UNKNOWN);
      if (own.settled()) {
        settled.add(id);
      }
      if (!keeper.has(own)) {
        wanted.put(id, own);
      }
    }
    knownCount += fresh.size() - wanted.size();
    return wanted;
  }

  /**
   * Decodes an object on a thread of its own.
   *
   * @param standing null when it need not be kept
   */
  private void start(ReceivedObject object, ObjectRows.@Nullable Standing standing)
      throws IOException {
    if (standing == null || keeper.isFull()) {
      object.close();
      return;
    }
    int weight = (int) Math.min(limits.wireBytes(), object.wire().wire().size());
    wireBytes.acquireUninterruptibly(weight);
    decoders.acquireUninterruptibly();
    Thread.ofVirtual()
        .start(() -> {
          try (object) {
            if (!puts.hasFailed()) {
              object.decode(raw -> keeper.keep(raw, standing));
            }
          } catch (Throwable e) {
            puts.fail(e);
          } finally {
            decoders.release();
            wireBytes.release(weight);
          }
        });
  }

  /** Waits until nothing is in flight, then throws what has failed. */
  void await() {
    wireBytes.acquireUninterruptibly(limits.wireBytes());
    wireBytes.release(limits.wireBytes());
    // An object without bytes holds none; its decoder it holds.
    decoders.acquireUninterruptibly(limits.decoders());
    decoders.release(limits.decoders());
    puts.await();
    puts.throwIfFailed();
  }

  /** The ids of the objects that came, once the last ones are started. */
  Set<ContentId> ids() {
    return seen;
  }

  /** Those of them that the repository had put into the store before. */
  Set<ContentId> settled() {
    return settled;
  }

  /** Number of objects that were not decoded because the repository had them. */
  int knownCount() {
    return knownCount;
  }

  /** Ends early: whatever has not begun does not begin, and nothing is in flight afterwards. */
  @Override
  public void close() throws IOException {
    puts.fail(new IllegalStateException("ended early"));
    wireBytes.acquireUninterruptibly(limits.wireBytes());
    decoders.acquireUninterruptibly(limits.decoders());
    puts.await();
    List<ReceivedObject> objects = batch;
    batch = new ArrayList<>();
    for (ReceivedObject object : objects) {
      object.close();
    }
    wireBytes.release(limits.wireBytes());
    decoders.release(limits.decoders());
  }
}
