package dev.sheaf.storage.s3.direct;

import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import java.time.Instant;

/** One kept-alive HTTP/1.1 connection, used by one thread at a time. */
final class Connection implements AutoCloseable {
  /** Up to here a body travels behind its head in one write: one packet train, one TLS record. */
  private static final int COPIED_BODY = 128 << 10;

  private final Socket socket;
  private final AnswerStream in;
  private final OutputStream out;

  /** When the last answer came; the epoch on a new connection. */
  private Instant lastUsed = Instant.EPOCH;

  Connection(Socket socket) throws IOException {
    this.socket = socket;
    this.in = new AnswerStream(socket.getInputStream());
    this.out = socket.getOutputStream();
  }

  /**
   * Sends a request and reads its answer; whoever gets an exception closes the connection.
   *
   * @param most bytes of a body that is kept; 0 when none is wanted
   */
  Answer exchange(byte[] head, byte[] body, int most) throws IOException {
    if (body.length <= COPIED_BODY) {
      byte[] request = new byte[head.length + body.length];
      System.arraycopy(head, 0, request, 0, head.length);
      System.arraycopy(body, 0, request, head.length, body.length);
      out.write(request);
    } else {
      out.write(head);
      out.write(body);
    }
    out.flush();
    return Answer.read(in, most);
  }

  boolean isNew() {
    return lastUsed.equals(Instant.EPOCH);
  }

  Instant lastUsed() {
    return lastUsed;
  }

  void used(Instant now) {
    lastUsed = now;
  }

  @Override
  public void close() {
    try {
      socket.close();
    } catch (IOException e) {
      // Nothing is lost with it: every answer wanted was read.
    }
  }
}
