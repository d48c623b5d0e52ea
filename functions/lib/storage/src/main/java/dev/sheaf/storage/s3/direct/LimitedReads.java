package dev.sheaf.storage.s3.direct;

import dev.sheaf.storage.Deadline;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.time.Duration;

/** What a socket receives; no read waits longer than a minute, or past the thread's deadline. */
final class LimitedReads extends InputStream {
  private static final int LONGEST_MILLIS = 60_000;

  private final Socket socket;
  private final InputStream in;
  private int limit;

  LimitedReads(Socket socket) throws IOException {
    this.socket = socket;
    this.in = socket.getInputStream();
  }

  @Override
  public int read() throws IOException {
    limit(millisLeft(LONGEST_MILLIS));
    return in.read();
  }

  @Override
  public int read(byte[] target, int offset, int length) throws IOException {
    limit(millisLeft(LONGEST_MILLIS));
    return in.read(target, offset, length);
  }

  private void limit(int millis) throws IOException {
    if (millis != limit) {
      socket.setSoTimeout(millis);
      limit = millis;
    }
  }

  /**
   * How long to wait.
   *
   * @param longest milliseconds, without a deadline
   * @throws SocketTimeoutException when the thread's deadline has passed
   */
  static int millisLeft(int longest) throws SocketTimeoutException {
    Duration left = Deadline.current().map(Deadline::remaining).orElse(Duration.ofMillis(longest));
    if (left.isZero()) {
      throw new SocketTimeoutException("the deadline has passed");
    }
    return Math.clamp(left.toMillis(), 1, longest);
  }
}
