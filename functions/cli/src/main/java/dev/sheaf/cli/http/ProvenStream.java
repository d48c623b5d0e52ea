package dev.sheaf.cli.http;

import dev.sheaf.bundle.ContentId;
import dev.sheaf.bundle.history.Ids;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;

/** An object as it comes: its end is an error unless the bytes are those that its id names. */
final class ProvenStream extends FilterInputStream {
  private final ContentId id;
  private final MessageDigest digest = Ids.sha256();
  private boolean ended;

  ProvenStream(InputStream in, ContentId id) {
    super(in);
    this.id = id;
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] buffer, int offset, int count) throws IOException {
    if (ended) {
      return -1;
    }
    int n = in.read(buffer, offset, count);
    if (n >= 0) {
      digest.update(buffer, offset, n);
      return n;
    }
    ended = true;
    ContentId found = ContentId.ofBytes(digest.digest());
    if (!found.equals(id)) {
      throw new IOException("object " + id.hex() + " came with the bytes of " + found.hex());
    }
    return -1;
  }

  /** Skipped bytes would not be hashed. */
  @Override
  public long skip(long count) {
    return 0;
  }

  @Override
  public boolean markSupported() {
    return false;
  }
}
