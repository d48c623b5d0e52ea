package dev.sheaf.storage.counting;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;

/** A body whose bytes are counted as they are read. */
final class CountingBody extends FilterInputStream {
  private final RequestCounts counts;

  CountingBody(InputStream body, RequestCounts counts) {
    super(body);
    this.counts = counts;
  }

  @Override
  public int read() throws IOException {
    int value = super.read();
    if (value >= 0) {
      counts.addReceived(1);
    }
    return value;
  }

  @Override
  public int read(byte[] buffer, int offset, int length) throws IOException {
    int count = super.read(buffer, offset, length);
    if (count > 0) {
      counts.addReceived(count);
    }
    return count;
  }

  @Override
  public long skip(long count) throws IOException {
    long skipped = super.skip(count);
    counts.addReceived(skipped);
    return skipped;
  }
}
