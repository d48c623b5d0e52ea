package dev.sheaf.ops;

import java.io.IOException;
import java.io.InputStream;
import java.util.Optional;

/** Another site, as far as following it goes. */
public interface SweepPeer {
  /** Its base URL, lower case, without a slash at its end. */
  String host();

  /**
   * Asks for a page.
   *
   * @param after where it is to begin, exclusive; empty for the beginning
   * @throws IOException when no whole answer came
   */
  Answer sweep(String after) throws IOException;

  /**
   * Asks for a page of the records that it has.
   *
   * @param table a registered table
   * @param after where it is to begin, as the page before said; empty for the beginning
   * @throws IOException when no whole answer came
   */
  Answer snapshot(String table, String after) throws IOException;

  /**
   * An answer, to be closed.
   *
   * @param status of HTTP
   * @param header a header by its name, whatever its case
   * @param body what came, no compression left
   */
  record Answer(int status, Header header, InputStream body) implements AutoCloseable {
    @Override
    public void close() throws IOException {
      body.close();
    }
  }

  /** The headers of an answer. */
  @FunctionalInterface
  interface Header {
    /** The value of a header, empty where there is none. */
    Optional<String> value(String name);
  }
}
