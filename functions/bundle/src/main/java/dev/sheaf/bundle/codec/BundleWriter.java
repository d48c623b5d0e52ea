package dev.sheaf.bundle.codec;

import dev.sheaf.bundle.history.History;
import dev.sheaf.bundle.history.IdDialect;
import java.io.IOException;
import java.io.OutputStream;

/**
 * Writes a bundle as a stream and hashes it on the way: first the history, then the announced
 * number of objects, then {@link #finish}.
 */
public final class BundleWriter {
  /**
   * @param dialect how object ids are spelled; commit and snapshot ids are written as they are
   */
  public BundleWriter(OutputStream out, IdDialect dialect) {
    dev.sheaf.bundle.Pending.value(out, dialect);
  }

  /**
   * Writes everything but the objects; snapshots parents first, empty optional keys left out.
   *
   * @param objectCount how many objects will follow
   */
  public void history(History history, long objectCount) throws IOException {
    dev.sheaf.bundle.Pending.value();
  }

  /**
   * Writes the next object as it is.
   *
   * @throws IllegalStateException when more come than were announced, or when a {@link
   *     Encoding#ZSTD_CHAIN} object is the first
   */
  public void object(WireObject object) throws IOException {
    dev.sheaf.bundle.Pending.value();
  }

  /**
   * Completes the bundle and flushes the stream, which stays open.
   *
   * @throws IllegalStateException when fewer objects came than were announced
   */
  public BundleSummary finish() throws IOException {
    return dev.sheaf.bundle.Pending.value();
  }
}
