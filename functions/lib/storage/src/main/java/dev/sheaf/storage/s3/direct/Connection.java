package dev.sheaf.storage.s3.direct;

import dev.sheaf.storage.Deadline;
import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import java.time.Instant;

/**
 * One kept-alive HTTP/1.1 connection, used by one thread at a time. No wait on it outlasts the
 * thread's {@link Deadline}.
 */
final class Connection implements AutoCloseable {
  /** Up to here a body travels behind its head in one write: one packet train, one TLS record. */
  private static final int COPIED_BODY = 128 << 10;

  /** What a fresh connection takes without waiting for its peer: ten packets, less their heads. */
  private static final int UNACKNOWLEDGED = 12 << 10;

  private final Socket wire;
  private final Socket socket;
  private final AnswerStream in;
  private final OutputStream out;

  /** When the last answer came; the epoch on a new connection. */
  private Instant lastUsed = Instant.EPOCH;

  /**
   * A connection that is open.
   *
   * @param wire what bytes travel on
   * @param socket what to read and write: the same, or TLS over it
   */
  Connection(Socket wire, Socket socket) throws IOException {
    this.wire = wire;
    this.socket = socket;
    this.in = new AnswerStream(new LimitedReads(socket));
    this.out = socket.getOutputStream();
  }

  /**
   * Sends a request and reads its answer; whoever gets an exception closes the connection.
   *
   * @param most what of the answer's body is kept; see {@link Answer#read}
   */
  Answer exchange(byte[] head, byte[] body, int most) throws IOException {
    if (head.length + body.length <= UNACKNOWLEDGED) {
      send(head, body);
    } else {
      // Java knows no limit for a write, but closing what it writes to ends it.
      try (Deadline.Cut _ = Deadline.cut(() -> close(wire))) {
        send(head, body);
      }
    }
    return Answer.read(in, most);
  }

  private void send(byte[] head, byte[] body) throws IOException {
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
    close(socket);
  }

  private static void close(Socket socket) {
    try {
      socket.close();
    } catch (IOException e) {
      // Nothing is lost with it: every answer wanted was read.
    }
  }
}
