package dev.sheaf.bundleindex;

import dev.sheaf.bundle.ContentId;
import dev.sheaf.bundle.history.Ids;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;
import java.util.function.Consumer;

/**
 * A stream whose SHA-256 is told at its end, before the end itself is: nobody acts on it unproven.
 */
final class ProvenInput extends FilterInputStream {
  private final MessageDigest sha256 = Ids.sha256();
  private final Consumer<ContentId> proof;
  private boolean ended;

  /**
   * @param proof throws when the hash is not what it has to be
   */
  ProvenInput(InputStream in, Consumer<ContentId> proof) {
    super(in);
    this.proof = proof;
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] buffer, int offset, int length) throws IOException {
    int count = super.read(buffer, offset, length);
    if (count > 0) {
      sha256.update(buffer, offset, count);
    } else if (count < 0 && !ended) {
      ended = true;
      proof.accept(ContentId.ofBytes(sha256.digest()));
    }
    return count;
  }
}
