package dev.sheaf.journal.json;

import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;

/**
 * The order of strings by their UTF-8 bytes, which is that of their code points. {@link
 * String#compareTo} orders UTF-16 units instead: it has U+1F600 before U+FFFF.
 */
public final class Utf8Order implements Comparator<String> {
  public static final Utf8Order INSTANCE = new Utf8Order();

  /** Below this many strings sorting them as numbers gains nothing. */
  private static final int FEW = 1_000;

  /** A number to sort by holds so many characters, and in the bits below the string's index. */
  private static final int BEGINNING = 5;

  private static final int CHARACTER_BITS = 7;
  private static final int LAST_ASCII = 0x7f;
  private static final int INDEX_BITS = 28;
  private static final int MOST = 1 << INDEX_BITS;

  private Utf8Order() {}

  @Override
  public int compare(String a, String b) {
    int common = Math.min(a.length(), b.length());
    for (int i = 0; i < common; i++) {
      char x = a.charAt(i);
      char y = b.charAt(i);
      if (x != y) {
        return rank(x) - rank(y);
      }
    }
    return a.length() - b.length();
  }

  /**
   * Strings in this order. What comes behind their common beginning is sorted as numbers first: to
   * compare two of a million strings means to wait for memory, which decides how long it takes.
   */
  static String[] sorted(Collection<String> strings) {
    String[] all = strings.toArray(String[]::new);
    if (all.length < FEW || all.length > MOST) {
      Arrays.sort(all, INSTANCE);
      return all;
    }
    int common = commonBeginning(all);
    long[] order = new long[all.length];
    for (int i = 0; i < all.length; i++) {
      order[i] = (beginning(all[i], common) << INDEX_BITS) | i;
    }
    Arrays.sort(order);
    String[] sorted = new String[all.length];
    for (int from = 0, to; from < order.length; from = to) {
      long beginning = order[from] >>> INDEX_BITS;
      for (to = from; to < order.length && order[to] >>> INDEX_BITS == beginning; to++) {
        sorted[to] = all[(int) order[to] & (MOST - 1)];
      }
      Arrays.sort(sorted, from, to, INSTANCE);
    }
    return sorted;
  }

  private static int commonBeginning(String[] strings) {
    int common = strings[0].length();
    for (String string : strings) {
      int i = 0;
      while (i < common && i < string.length() && string.charAt(i) == strings[0].charAt(i)) {
        i++;
      }
      common = i;
    }
    return common;
  }

  /** The next characters in a row of bits; all from the first beyond ASCII are one and a tie. */
  private static long beginning(String string, int from) {
    long row = 0;
    boolean ascii = true;
    for (int i = from; i < from + BEGINNING; i++) {
      int c = i < string.length() ? string.charAt(i) : 0;
      ascii &= c < LAST_ASCII;
      row = (row << CHARACTER_BITS) | (ascii ? c : LAST_ASCII);
    }
    return row;
  }

  /** Surrogates stand for code points above all others, so they go behind U+FFFF. */
  private static int rank(char c) {
    if (c < Character.MIN_SURROGATE) {
      return c;
    }
    return c <= Character.MAX_SURROGATE ? c + 0x2000 : c - 0x800;
  }
}
