package dev.sheaf.peersync.http;

import dev.sheaf.storage.Deadline;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * How long a peer may take. A body that is not whole by then breaks off: whoever sends a byte a
 * minute holds nobody up. Nobody waits for longer than the thread's {@link Deadline} leaves.
 *
 * @param headers until an answer begins
 * @param page for a page as a whole
 * @param blob for a blob as a whole
 */
public record Patience(
    Duration headers, Duration page, Duration blob, InstantSource clock, LongSupplier ticker) {
  /** What is waited for. */
  enum Of {
    PAGE,
    BLOB
  }

  /** The same bytes, or an IOException when time is up. */
  InputStream limit(InputStream body, Of kind) {
    Deadline deadline = Deadline.in(kind == Of.PAGE ? page : blob, clock, ticker);
    Limited limited = new Limited(body);
    deadline.run(() -> limited.cut = Deadline.cut(limited::breakOff));
    return limited;
  }

  private static final class Limited extends FilterInputStream {
    private Deadline.@Nullable Cut cut;
    private volatile boolean isLate;

    Limited(InputStream in) {
      super(in);
    }

    private void breakOff() {
      isLate = true;
      try {
        in.close();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    @Override
    public int read() throws IOException {
      try {
        return super.read();
      } catch (IOException e) {
        throw explained(e);
      }
    }

    @Override
    public int read(byte[] buffer, int offset, int length) throws IOException {
      try {
        return super.read(buffer, offset, length);
      } catch (IOException e) {
        throw explained(e);
      }
    }

    private IOException explained(IOException e) {
      return isLate ? new IOException("the answer was not whole in time", e) : e;
    }

    @Override
    public void close() throws IOException {
      if (cut != null) {
        cut.close();
      }
      super.close();
    }
  }
}
