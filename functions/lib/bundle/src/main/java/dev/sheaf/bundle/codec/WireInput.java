package dev.sheaf.bundle.codec;

import dev.sheaf.bundle.ContentId;
import dev.sheaf.bundle.history.Ids;
import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;
import org.jspecify.annotations.Nullable;

/** Counts, and hashes if asked to, the bytes of a bundle as they come. Closing does nothing. */
final class WireInput extends InputStream {
  private final InputStream in;
  private final @Nullable MessageDigest digest;
  private long size;

  WireInput(InputStream in, boolean hashing) {
    this.in = in;
    this.digest = hashing ? Ids.sha256() : null;
  }

  /** Bytes read so far. */
  long size() {
    return size;
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
      size += got;
      if (digest != null) {
        digest.update(bytes, offset, got);
      }
    }
    return got;
  }
}
