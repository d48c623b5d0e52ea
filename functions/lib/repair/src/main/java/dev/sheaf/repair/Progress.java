package dev.sheaf.repair;

/** Is told now and then how far a cycle is, by any thread. */
public interface Progress {
  /** Tells nobody. */
  Progress NONE = _ -> {};

  /**
   * While the bucket is listed.
   *
   * @param keys seen so far
   */
  void listed(long keys);

  /**
   * Before anything that may take its time: a batch, a bundle, a pull.
   *
   * @param counters of the cycle so far
   */
  default void working(Counters counters) {}
}
