package dev.sheaf.storage;

import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Makes a value when first asked for it; a failed attempt is repeated by the next caller. */
public final class Once<T> implements Supplier<T> {
  private final Supplier<T> maker;
  private @Nullable T value;

  public Once(Supplier<T> maker) {
    this.maker = maker;
  }

  @Override
  public synchronized T get() {
    if (value == null) {
      value = maker.get();
    }
    return value;
  }
}
