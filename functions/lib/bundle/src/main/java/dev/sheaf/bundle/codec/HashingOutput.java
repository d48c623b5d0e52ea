package dev.sheaf.bundle.codec;

import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.security.MessageDigest;

/** Hashes and counts what passes through. */
final class HashingOutput extends FilterOutputStream {
  private final MessageDigest digest;
  private long size;

  HashingOutput(OutputStream out, MessageDigest digest) {
    super(out);
    this.digest = digest;
  }

  @Override
  public void write(int b) throws IOException {
    write(new byte[] {(byte) b}, 0, 1);
  }

  @Override
  public void write(byte[] bytes, int offset, int length) throws IOException {
    out.write(bytes, offset, length);
    digest.update(bytes, offset, length);
    size += length;
  }

  long size() {
    return size;
  }

  /** The digest of everything written; ends the hashing. */
  byte[] digest() {
    return digest.digest();
  }
}
