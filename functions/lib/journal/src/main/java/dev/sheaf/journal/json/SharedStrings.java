package dev.sheaf.journal.json;

import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Short strings that come again and again, as the names of members, structures and counters do:
 * made once and shared. Ten thousand segments say the same few words.
 *
 * <p>A slot forgets its string when another one takes it. Threads may race for a slot: strings are
 * immutable, so the worst is one copy more.
 */
final class SharedStrings {
  private static final int SLOTS = 1 << 11;

  /** Longer ones are mostly ids, which do not come again. */
  private static final int LONGEST = 24;

  private static final @Nullable String[] KNOWN = new String[SLOTS];

  private SharedStrings() {}

  /** The string of these ASCII bytes. */
  static String ascii(byte[] bytes, int from, int length) {
    if (length > LONGEST) {
      return made(bytes, from, length);
    }
    int hash = 0;
    for (int i = 0; i < length; i++) {
      hash = 31 * hash + bytes[from + i];
    }
    int slot = (hash ^ (hash >>> 11)) & (SLOTS - 1);
    String known = KNOWN[slot];
    if (known == null || !isThat(known, bytes, from, length)) {
      known = made(bytes, from, length);
      KNOWN[slot] = known;
    }
    return known;
  }

  private static String made(byte[] bytes, int from, int length) {
    return new String(bytes, from, length, StandardCharsets.ISO_8859_1);
  }

  private static boolean isThat(String known, byte[] bytes, int from, int length) {
    if (known.length() != length) {
      return false;
    }
    for (int i = 0; i < length; i++) {
      if (known.charAt(i) != bytes[from + i]) {
        return false;
      }
    }
    return true;
  }
}
