package dev.sheaf.bundle.codec;

import com.github.luben.zstd.ZstdException;
import dev.sheaf.bundle.Content;
import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.SheafException;
import java.io.Closeable;
import java.io.IOException;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** Decodes the objects of one run one after the other, and holds the one that the next needs. */
final class ChainDecoder implements Closeable {
  private final BundleLimits limits;
  private final Spool spool;
  private final InflationBudget budget;
  private final AtomicLong alreadySpent;
  private @Nullable FrameDecoder frames;
  private @Nullable Content previous;
  private boolean previousIsOurs;
  private long chainBytes;
  private long inflated;

  /**
   * @param alreadySpent how much of the run has been counted in the budget: decoding a run again
   *     costs nothing
   */
  ChainDecoder(BundleLimits limits, Spool spool, InflationBudget budget, AtomicLong alreadySpent) {
    this.limits = limits;
    this.spool = spool;
    this.budget = budget;
    this.alreadySpent = alreadySpent;
  }

  RawObject next(WireObject object) throws IOException {
    Content raw =
        switch (object.encoding()) {
          case RAW -> object.wire();
          case ZSTD -> inflate(object, null, limits.inflatedBytes());
          case ZSTD_CHAIN -> inflateChained(object);
        };
    chainBytes = object.encoding() == Encoding.ZSTD_CHAIN ? chainBytes + raw.size() : raw.size();
    dropPrevious();
    previous = raw;
    previousIsOurs = object.encoding() != Encoding.RAW;
    return new RawObject(object.id(), raw, object.path());
  }

  private Content inflateChained(WireObject object) throws IOException {
    Content reference = previous;
    if (reference == null) {
      throw new IllegalStateException("a run begins with an object that needs no other");
    }
    long rest = limits.chainBytes() - chainBytes;
    if (rest < 0) {
      throw invalid(object, "refers to more than the limit chainBytes " + limits.chainBytes());
    }
    return inflate(object, reference, Math.min(rest, limits.inflatedBytes()));
  }

  private Content inflate(WireObject object, @Nullable Content reference, long maxBytes)
      throws IOException {
    if (frames == null) {
      frames = FrameDecoder.borrow();
    }
    try {
      Content raw = frames.decode(object.wire(), reference, maxBytes, spool);
      spend(object, raw);
      return raw;
    } catch (ZstdException | ZstdInput.CutShort e) {
      throw invalid(object, "is corrupt: " + e.getMessage());
    } catch (FrameDecoder.TooLarge _) {
      throw invalid(
          object,
          "inflates from %d to more than %d bytes (limits inflatedBytes, chainBytes)"
              .formatted(object.wire().size(), maxBytes));
    }
  }

  private void spend(WireObject object, Content raw) throws IOException {
    inflated += raw.size();
    long fresh = inflated - alreadySpent.getAndAccumulate(inflated, Math::max);
    if (fresh > 0 && !budget.spend(fresh)) {
      Spool.discard(raw);
      throw invalid(
          object,
          "makes the bundle inflate to more than %d times its size and %d bytes (limits"
                  .formatted(limits.inflatedRatio(), limits.inflatedSlackBytes())
              + " inflatedRatio, inflatedSlackBytes)");
    }
  }

  private void dropPrevious() throws IOException {
    if (previous != null && previousIsOurs) {
      Spool.discard(previous);
    }
    previous = null;
  }

  @Override
  public void close() throws IOException {
    if (frames != null) {
      frames.giveBack();
      frames = null;
    }
    dropPrevious();
  }

  private static SheafException invalid(WireObject object, String problem) {
    return new SheafException(
        ErrorKind.INVALID, "object " + object.id() + " " + problem + "; make the bundle again");
  }
}
