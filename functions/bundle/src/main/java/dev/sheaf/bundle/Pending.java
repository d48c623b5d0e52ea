package dev.sheaf.bundle;

/** Stands in for what is announced and not written yet. */
public final class Pending {
  private Pending() {}

  /** Fails. */
  @SuppressWarnings("TypeParameterUnusedInFormals")
  public static <T> T value(Object... ignored) {
    if (ignored != null) {
      throw new UnsupportedOperationException("to come");
    }
    throw new IllegalStateException();
  }
}
