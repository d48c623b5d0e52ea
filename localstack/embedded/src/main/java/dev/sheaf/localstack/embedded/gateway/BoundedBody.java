package dev.sheaf.localstack.embedded.gateway;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.util.BufferUtil;
import org.jspecify.annotations.Nullable;

/**
 * Reads a request's body within a number of bytes and a time for all of them, however slowly they
 * come. Memory grows with what has arrived, never with what is announced.
 */
final class BoundedBody {
  private final int mostBytes;
  private final Duration patience;

  BoundedBody(int mostBytes, Duration patience) {
    this.mostBytes = mostBytes;
    this.patience = patience;
  }

  /** The body is longer than may be, or is said to be. */
  static final class TooLongException extends Exception {
    private static final long serialVersionUID = 1;
  }

  /**
   * Reads to the end.
   *
   * @throws TimeoutException when the time is up
   * @throws IOException when the client has gone
   */
  byte[] read(Request request)
      throws TooLongException, TimeoutException, IOException, InterruptedException {
    if (request.getHeaders().getLongField(HttpHeader.CONTENT_LENGTH) > mostBytes) {
      throw new TooLongException();
    }
    long deadline = System.nanoTime() + patience.toNanos();
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    while (true) {
      Content.Chunk chunk = request.read();
      if (chunk == null) {
        awaitMore(request, deadline);
        continue;
      }
      if (Content.Chunk.isFailure(chunk)) {
        throw failure(chunk.getFailure());
      }
      body.writeBytes(BufferUtil.toArray(chunk.getByteBuffer()));
      chunk.release();
      if (body.size() > mostBytes) {
        throw new TooLongException();
      }
      if (chunk.isLast()) {
        return body.toByteArray();
      }
    }
  }

  /** The connection's own time-out may be the first to strike. */
  private static IOException failure(@Nullable Throwable failure) throws TimeoutException {
    if (failure instanceof TimeoutException timeout) {
      throw timeout;
    }
    return new IOException("the request's body broke off", failure);
  }

  private static void awaitMore(Request request, long deadline)
      throws TimeoutException, InterruptedException {
    CountDownLatch more = new CountDownLatch(1);
    request.demand(more::countDown);
    if (!more.await(deadline - System.nanoTime(), TimeUnit.NANOSECONDS)) {
      throw new TimeoutException("the request's body did not come in time");
    }
  }
}
