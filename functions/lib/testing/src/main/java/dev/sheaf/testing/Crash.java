package dev.sheaf.testing;

/**
 * The process died here. An {@link Error}, so that no handler of exceptions survives it; after it
 * every further request of the same {@link Faults} crashes too, for a dead process sends none.
 */
public final class Crash extends Error {
  Crash(String where) {
    super(where);
  }
}
