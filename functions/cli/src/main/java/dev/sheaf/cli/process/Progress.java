package dev.sheaf.cli.process;

/** Told how long work goes. Calls may come from any thread. */
public interface Progress {
  /** Tells nobody. */
  Progress NONE =
      new Progress() {
        @Override
        public void begin(String what, long total, Unit unit) {}

        @Override
        public void step(long amount) {}

        @Override
        public void end() {}

        @Override
        public void say(String line) {}
      };

  /** What is counted. */
  enum Unit {
    /** Bytes. */
    BYTES,
    /** Things. */
    ITEMS
  }

  /**
   * Begins a piece of work, and ends the one before.
   *
   * @param total how much there is to do, in units; 0 when unknown
   */
  void begin(String what, long total, Unit unit);

  /** So much more is done. */
  void step(long amount);

  /** Ends the piece of work. */
  void end();

  /** A line for the reader, whatever is in progress. */
  void say(String line);
}
