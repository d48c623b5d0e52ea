package dev.sheaf.bundle.codec;

import com.github.luben.zstd.ZstdException;
import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.SheafException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.util.Arrays;

/** The map of a bundle that is wrapped in a zstd stream. */
final class BundleStream extends InputStream {
  private static final byte[] ZSTD_MAGIC = {0x28, (byte) 0xb5, 0x2f, (byte) 0xfd};

  private final WireInput wire;
  private final BundleLimits limits;
  private final FrameDecoder decoder = FrameDecoder.borrow();
  private final InputStream inflated;
  private boolean isOpen = true;
  private long size;

  private BundleStream(WireInput wire, InputStream all, BundleLimits limits) {
    this.wire = wire;
    this.limits = limits;
    this.inflated = decoder.open(all);
  }

  /** The bytes of the map, wrapped or not. The stream below stays open. */
  static InputStream open(WireInput wire, BundleLimits limits) throws IOException {
    byte[] first = wire.readNBytes(ZSTD_MAGIC.length);
    InputStream all = new SequenceInputStream(new ByteArrayInputStream(first), wire);
    return Arrays.equals(first, ZSTD_MAGIC) ? new BundleStream(wire, all, limits) : all;
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] bytes, int offset, int length) throws IOException {
    int got;
    try {
      got = inflated.read(bytes, offset, length);
    } catch (ZstdException | ZstdInput.CutShort e) {
      throw invalid("is corrupt: " + e.getMessage());
    }
    size += Math.max(got, 0);
    if (size > limits.inflatedRatio() * wire.size() + limits.streamSlackBytes()) {
      throw invalid("inflates beyond the limits inflatedRatio and streamSlackBytes");
    }
    return got;
  }

  @Override
  public void close() {
    if (isOpen) {
      isOpen = false;
      decoder.giveBack();
    }
  }

  private SheafException invalid(String problem) {
    return new SheafException(
        ErrorKind.INVALID,
        "the zstd stream around the bundle %s, after %d bytes of it; make the bundle again"
            .formatted(problem, wire.size()));
  }
}
