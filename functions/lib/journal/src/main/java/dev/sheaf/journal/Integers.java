package dev.sheaf.journal;

import dev.sheaf.journal.json.Json;
import org.jspecify.annotations.Nullable;

/** The integer that any value stands for. */
final class Integers {
  private Integers() {}

  /**
   * An integer is itself, another number is truncated toward zero, and everything else is 0. A
   * number beyond 64 bits becomes the least one, as on the processors where the format was born.
   */
  static long of(@Nullable Json value) {
    return switch (value) {
      case Json.Whole(long number) -> number;
      case Json.Literal(String text) -> truncate(Double.parseDouble(text));
      case null, default -> 0;
    };
  }

  private static long truncate(double number) {
    return number >= -0x1p63 && number < 0x1p63 ? (long) number : Long.MIN_VALUE;
  }
}
