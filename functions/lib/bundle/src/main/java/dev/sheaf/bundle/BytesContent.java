package dev.sheaf.bundle;

import java.io.ByteArrayInputStream;
import java.io.InputStream;

/** Content held in memory. */
public final class BytesContent implements Content {
  private final byte[] bytes;

  BytesContent(byte[] bytes) {
    this.bytes = bytes;
  }

  /** The bytes themselves, shared: callers must not write to them. */
  public byte[] bytes() {
    return bytes;
  }

  @Override
  public long size() {
    return bytes.length;
  }

  @Override
  public InputStream open() {
    return new ByteArrayInputStream(bytes);
  }
}
