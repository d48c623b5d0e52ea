package dev.sheaf.bundle.codec;

import com.github.luben.zstd.ZstdException;
import dev.sheaf.bundle.Content;
import dev.sheaf.bundle.ContentId;
import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.SheafException;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * One object of a bundle that is being read. It may be decoded on any thread, in parallel with
 * others and any number of times, until closed.
 *
 * <p>Close it when done with it: that deletes the file that holds a large body.
 */
public final class ReceivedObject implements Closeable {
  private final WireObject wire;
  private final BundleLimits limits;
  private final Spool spool;
  private final InflationBudget budget;
  private final AtomicBoolean isCounted = new AtomicBoolean();

  ReceivedObject(WireObject wire, BundleLimits limits, Spool spool, InflationBudget budget) {
    this.wire = wire;
    this.limits = limits;
    this.spool = spool;
    this.budget = budget;
  }

  /** Receives the decoded object. */
  @FunctionalInterface
  public interface Consumer {
    /**
     * Content in memory may be kept; a {@link dev.sheaf.bundle.FileContent} may be gone when this
     * call returns.
     */
    void accept(RawObject object) throws IOException;
  }

  /** An object that was not encoded; a file that holds it is deleted on close. */
  public static ReceivedObject raw(RawObject object) {
    WireObject wire = new WireObject(object.id(), Encoding.RAW, object.content(), object.path());
    // Nothing is inflated, so nothing is spooled.
    BundleLimits limits = BundleLimits.DEFAULT;
    return new ReceivedObject(
        wire,
        limits,
        new Spool(Path.of(""), Integer.MAX_VALUE),
        new InflationBudget(new WireInput(InputStream.nullInputStream(), false), limits));
  }

  /** Its declared id. */
  public ContentId id() {
    return wire.id();
  }

  /** The object as it travels. */
  public WireObject wire() {
    return wire;
  }

  /**
   * Decodes the object.
   *
   * @throws SheafException of kind INVALID when a frame is corrupt or inflates beyond the limits;
   *     the object is named
   */
  public void decode(Consumer consumer) throws IOException {
    if (wire.encoding() == Encoding.RAW) {
      consumer.accept(new RawObject(wire.id(), wire.wire(), wire.path()));
      return;
    }
    Content raw = inflate();
    try {
      spend(raw.size());
      consumer.accept(new RawObject(wire.id(), raw, wire.path()));
    } finally {
      Spool.discard(raw);
    }
  }

  private Content inflate() throws IOException {
    FrameDecoder frames = FrameDecoder.borrow();
    try {
      return frames.decode(wire.wire(), limits.inflatedBytes(), spool);
    } catch (ZstdException | ZstdInput.CutShort e) {
      throw invalid("is corrupt: " + e.getMessage());
    } catch (FrameDecoder.TooLarge _) {
      throw invalid(
          "inflates from %d to more than %d bytes (limit inflatedBytes)"
              .formatted(wire.wire().size(), limits.inflatedBytes()));
    } finally {
      frames.giveBack();
    }
  }

  /** Decoding an object again costs nothing. */
  private void spend(long size) {
    if (isCounted.compareAndSet(false, true) && !budget.spend(size)) {
      throw invalid(
          "makes the bundle inflate to more than %d times its size and %d bytes (limits"
                  .formatted(limits.inflatedRatio(), limits.inflatedSlackBytes())
              + " inflatedRatio, inflatedSlackBytes)");
    }
  }

  @Override
  public void close() throws IOException {
    Spool.discard(wire.wire());
  }

  private SheafException invalid(String problem) {
    return new SheafException(
        ErrorKind.INVALID, "object " + wire.id() + " " + problem + "; make the bundle again");
  }
}
