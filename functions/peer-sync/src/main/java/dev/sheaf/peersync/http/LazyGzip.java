package dev.sheaf.peersync.http;

import java.io.IOException;
import java.io.InputStream;
import java.util.zip.GZIPInputStream;
import org.jspecify.annotations.Nullable;

/** Decompresses from the first read on: an answer may be judged by its headers alone. */
final class LazyGzip extends InputStream {
  private final InputStream in;
  private @Nullable GZIPInputStream plain;

  LazyGzip(InputStream in) {
    this.in = in;
  }

  private GZIPInputStream plain() throws IOException {
    if (plain == null) {
      plain = new GZIPInputStream(in, 1 << 16);
    }
    return plain;
  }

  @Override
  public int read() throws IOException {
    return plain().read();
  }

  @Override
  public int read(byte[] buffer, int offset, int length) throws IOException {
    return plain().read(buffer, offset, length);
  }

  @Override
  public void close() throws IOException {
    in.close();
  }
}
