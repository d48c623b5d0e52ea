package dev.sheaf.bundle.codec;

import dev.sheaf.bundle.ContentId;
import dev.sheaf.bundle.history.Ids;
import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** Counts, and hashes if asked to, the bytes of a bundle as they come. Closing does nothing. */
final class WireInput extends InputStream {
  private final InputStream in;
  private final @Nullable MessageDigest digest;
  private final AtomicLong size = new AtomicLong();

  WireInput(InputStream in, boolean hashing) {
    this.in = in;
    this.digest = hashing ? Ids.sha256() : null;
  }

  /** Bytes read so far; any thread may ask. */
  long size() {
    return size.get();
  }

  /** The hash of all bytes; null when not hashing. To be asked once, at the end. */
  @Nullable ContentId sha256() {
    return digest == null ? null : ContentId.ofBytes(digest.digest());
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] bytes, int offset, int length) throws IOException {
    int got = in.read(bytes, offset, length);
    if (got > 0) {
      size.addAndGet(got);
      if (digest != null) {
        digest.update(bytes, offset, got);
      }
    }
    return got;
  }
}
