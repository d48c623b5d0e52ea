package dev.sheaf.bundle.codec;

import dev.sheaf.bundle.ContentId;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Predicate;

/**
 * A shortest stretch of a bundle's objects that decodes on its own: one object, and the chain of
 * objects behind it that refer back (bundle.md section 11.12). Runs may be decoded on any thread,
 * in parallel with one another and any number of times, until closed.
 *
 * <p>Close a run when done with it: that deletes the files that hold its large wire bodies.
 */
public final class ObjectRun implements Closeable {
  private final List<WireObject> objects;
  private final BundleLimits limits;
  private final Spool spool;
  private final InflationBudget budget;
  private final AtomicLong spent = new AtomicLong();

  ObjectRun(List<WireObject> objects, BundleLimits limits, Spool spool, InflationBudget budget) {
    this.objects = objects;
    this.limits = limits;
    this.spool = spool;
    this.budget = budget;
  }

  /** Receives decoded objects. */
  @FunctionalInterface
  public interface Consumer {
    /**
     * Content in memory may be kept; a {@link dev.sheaf.bundle.FileContent} may be gone when this
     * call returns.
     */
    void accept(RawObject object) throws IOException;
  }

  /** A run of one object that was not encoded; a file that holds it is deleted on close. */
  public static ObjectRun raw(RawObject object) {
    WireObject wire = new WireObject(object.id(), Encoding.RAW, object.content(), object.path());
    // Nothing is inflated, so nothing is spooled.
    BundleLimits limits = BundleLimits.DEFAULT;
    return new ObjectRun(
        List.of(wire),
        limits,
        new Spool(Path.of(""), Integer.MAX_VALUE),
        new InflationBudget(new WireInput(InputStream.nullInputStream(), false), limits));
  }

  /** The objects as they travel, in wire order. */
  public List<WireObject> objects() {
    return objects;
  }

  /** Sum of the wire sizes in bytes. */
  public long wireBytes() {
    return objects.stream().mapToLong(o -> o.wire().size()).sum();
  }

  /** Decodes every object, in wire order. See {@link #decode(Predicate, Consumer)}. */
  public void decode(Consumer consumer) throws IOException {
    decode(_ -> true, consumer);
  }

  /**
   * Decodes the wanted objects, in wire order, and of the others no more than these refer to.
   *
   * @throws dev.sheaf.bundle.SheafException of kind INVALID when a frame is corrupt or inflates
   *     beyond the limits; the object is named
   */
  public void decode(Predicate<ContentId> wanted, Consumer consumer) throws IOException {
    boolean[] isWanted = new boolean[objects.size()];
    int end = 0;
    for (int i = 0; i < isWanted.length; i++) {
      isWanted[i] = wanted.test(objects.get(i).id());
      end = isWanted[i] ? i + 1 : end;
    }
    try (ChainDecoder chain = new ChainDecoder(limits, spool, budget, spent)) {
      for (int i = 0; i < end; i++) {
        RawObject raw = chain.next(objects.get(i));
        if (isWanted[i]) {
          consumer.accept(raw);
        }
      }
    }
  }

  @Override
  public void close() throws IOException {
    for (WireObject object : objects) {
      Spool.discard(object.wire());
    }
  }
}
