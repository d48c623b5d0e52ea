package dev.sheaf.testing;

import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;

/** Ids that are the same in every run: {@code id-00000001}, {@code id-00000002}, ... */
public final class SequentialIds implements Supplier<String> {
  private final AtomicLong last = new AtomicLong();

  @Override
  public String get() {
    return "id-%08d".formatted(last.incrementAndGet());
  }
}
