package dev.sheaf.cli.http;

import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.SheafException;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.util.Objects;

/** An answer, whose body is read as it comes. Closing it gives the connection back. */
final class Response implements Closeable {
  /** No function of a site can answer more than 6 MB. */
  static final int MAX_ANSWER_BYTES = 16 << 20;

  private final HttpURLConnection connection;
  private final int status;
  private final InputStream body;

  /** Waits for the answer of a request that was sent. */
  Response(HttpURLConnection connection) throws IOException {
    this.connection = connection;
    this.status = connection.getResponseCode();
    if (status < 0) {
      throw new IOException("the answer is not HTTP");
    }
    InputStream stream = status < 400 ? connection.getInputStream() : connection.getErrorStream();
    this.body = Objects.requireNonNullElseGet(stream, InputStream::nullInputStream);
  }

  int status() {
    return status;
  }

  /** The first header of this name; empty when there is none. */
  String header(String name) {
    return Objects.requireNonNullElse(connection.getHeaderField(name), "");
  }

  InputStream body() {
    return body;
  }

  /**
   * Reads the whole body; one that is shorter than the server said is a failure.
   *
   * @throws SheafException of kind TOO_LARGE for a server that does not stop
   */
  Answer read() throws IOException {
    byte[] bytes = body.readNBytes(MAX_ANSWER_BYTES + 1);
    if (bytes.length > MAX_ANSWER_BYTES) {
      throw new SheafException(
          ErrorKind.TOO_LARGE,
          "%s answers with more than %d bytes, which no site does; check the URL"
              .formatted(connection.getURL(), MAX_ANSWER_BYTES));
    }
    return new Answer(status, header("Content-Type"), header("Sheaf-Pack"), bytes);
  }

  /** Leaves the rest of the body unread. */
  @Override
  public void close() throws IOException {
    body.close();
  }
}
