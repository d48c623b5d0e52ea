package dev.sheaf.bundle.codec;

import dev.sheaf.bundle.history.History;

/**
 * A sink that keeps everything but the objects. Subclasses override {@link #objects} to take those.
 */
public class HistoryCollector implements BundleSink {
  /**
   * What came in so far, each commit and snapshot once.
   *
   * <p>The sink's methods throw a {@link dev.sheaf.bundle.SheafException} of kind INVALID when an
   * id comes twice with different contents.
   */
  public final History history() {
    return dev.sheaf.bundle.Pending.value();
  }
}
