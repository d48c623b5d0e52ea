package dev.sheaf.bundle.history;

import java.util.Comparator;

/**
 * Orders text by Unicode code point, which is also the order of its UTF-8 bytes. {@code
 * String.compareTo} differs: it puts the surrogates, and so everything above U+FFFF, before U+E000.
 */
final class CodePointOrder implements Comparator<String> {
  static final CodePointOrder INSTANCE = new CodePointOrder();

  private CodePointOrder() {}

  @Override
  public int compare(String a, String b) {
    int shared = Math.min(a.length(), b.length());
    for (int i = 0; i < shared; i++) {
      char x = a.charAt(i);
      char y = b.charAt(i);
      if (x != y) {
        boolean oneIsSurrogate = Character.isSurrogate(x) != Character.isSurrogate(y);
        return oneIsSurrogate ? rank(x) - rank(y) : x - y;
      }
    }
    return a.length() - b.length();
  }

  /** Moves the surrogates behind the rest of the basic plane. */
  private static int rank(char c) {
    return Character.isSurrogate(c) ? c + 0x10000 : c;
  }
}
