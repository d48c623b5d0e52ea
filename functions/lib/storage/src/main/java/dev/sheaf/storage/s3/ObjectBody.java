package dev.sheaf.storage.s3;

import dev.sheaf.storage.Deadline;
import java.io.FilterInputStream;
import java.io.IOException;
import software.amazon.awssdk.core.ResponseInputStream;
import software.amazon.awssdk.core.exception.SdkException;

/**
 * The body of a GET. Ends only after exactly the announced number of bytes; whatever else happens
 * is an IOException. Closed early, or when the deadline passes under which it was opened, it gives
 * up its connection instead of reading the rest.
 */
final class ObjectBody extends FilterInputStream {
  private final ResponseInputStream<?> response;
  private final String place;
  private final Deadline.Cut cut;
  private long left;

  /**
   * @param length number of bytes that the answer announced
   */
  ObjectBody(ResponseInputStream<?> response, long length, String place) {
    super(response);
    this.response = response;
    this.left = length;
    this.place = place;
    this.cut = Deadline.cut(response::abort);
  }

  @Override
  public int read() throws IOException {
    try {
      int value = super.read();
      count(value < 0 ? -1 : 1);
      return value;
    } catch (SdkException e) {
      throw broken(e);
    }
  }

  @Override
  public int read(byte[] buffer, int offset, int length) throws IOException {
    try {
      int count = super.read(buffer, offset, length);
      count(count);
      return count;
    } catch (SdkException e) {
      throw broken(e);
    }
  }

  @Override
  public long skip(long count) throws IOException {
    long skipped = super.skip(count);
    left -= skipped;
    return skipped;
  }

  @Override
  public boolean markSupported() {
    return false;
  }

  @Override
  public void close() throws IOException {
    cut.close();
    if (left > 0) {
      response.abort();
    } else {
      super.close();
    }
  }

  private void count(int read) throws IOException {
    if (read >= 0) {
      left -= read;
    } else if (left > 0) {
      throw new IOException(place + " ended " + left + " bytes early; read it again");
    }
  }

  private IOException broken(SdkException e) {
    return new IOException("the read of " + place + " broke off; read it again", e);
  }
}
