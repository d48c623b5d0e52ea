package dev.sheaf.ops;

import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.SheafException;
import java.time.Duration;
import java.time.Instant;
import java.util.BitSet;
import java.util.Optional;

/**
 * A ULID: 48 bits of milliseconds and 80 further bits, as 26 letters of Crockford's base32. Order
 * of texts is order of values, hence of time.
 *
 * @param text in the one spelling that is accepted: upper case, without I, L, O and U
 */
public record Ulid(String text) implements Comparable<Ulid> {
  /** The number of letters. */
  public static final int LENGTH = 26;

  static final String ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

  /** Above it the 128 bits have no room. */
  private static final char GREATEST_FIRST = '7';

  /** The letters, by their codes. */
  private static final BitSet LETTERS = new BitSet();

  static {
    ALPHABET.chars().forEach(LETTERS::set);
  }

  private static final int TIME_LENGTH = 10;
  private static final int BITS = 5;
  private static final int MASK = 31;

  /** No site wrote operations before. */
  private static final Instant EPOCH = Instant.parse("2024-01-01T00:00:00Z");

  /** No ulid is less. */
  static final Ulid LEAST = least(Instant.EPOCH);

  /** The least that is credible. */
  static final Ulid OLDEST = least(EPOCH);

  /** How far the clocks of two sites may be apart. */
  private static final Duration SKEW = Duration.ofMinutes(30);

  public Ulid {
    if (!isSpelledWell(text)) {
      throw new SheafException(
          ErrorKind.INVALID, "'" + text + "' is no ULID: those have 26 letters of " + ALPHABET);
    }
  }

  /** Reads a text that a stranger sent; empty when it is spelled any other way than ours. */
  public static Optional<Ulid> parse(String text) {
    return isSpelledWell(text) ? Optional.of(new Ulid(text)) : Optional.empty();
  }

  /** Letter by letter: a log has very many of them. */
  private static boolean isSpelledWell(String text) {
    if (text.length() != LENGTH || text.charAt(0) > GREATEST_FIRST) {
      return false;
    }
    for (int i = 0; i < LENGTH; i++) {
      if (!LETTERS.get(text.charAt(i))) {
        return false;
      }
    }
    return true;
  }

  /** The least ULID of a time. */
  public static Ulid least(Instant time) {
    char[] letters = "0".repeat(LENGTH).toCharArray();
    long millis = time.toEpochMilli();
    for (int i = TIME_LENGTH - 1; i >= 0; i--) {
      letters[i] = ALPHABET.charAt((int) (millis & MASK));
      millis >>>= BITS;
    }
    return new Ulid(new String(letters));
  }

  /** The time in it, in whole milliseconds. */
  public Instant time() {
    long millis = 0;
    for (int i = 0; i < TIME_LENGTH; i++) {
      millis = millis << BITS | ALPHABET.indexOf(text.charAt(i));
    }
    return Instant.ofEpochMilli(millis);
  }

  /**
   * Whether a site may have written it by now. A peer that sends anything else would stop us from
   * reading it for as long as the clock needs to get there.
   */
  public boolean isCredible(Instant now) {
    Instant time = time();
    return !time.isBefore(EPOCH) && time.isBefore(now.plus(SKEW));
  }

  /** The one right after it; of the greatest, itself. */
  public Ulid next() {
    return step(ALPHABET.charAt(MASK), '0', 1);
  }

  /** The one right before it; of the least, itself. */
  public Ulid previous() {
    return step('0', ALPHABET.charAt(MASK), -1);
  }

  /** Changes the last letter that can still be changed, and turns those behind it over. */
  private Ulid step(char end, char begin, int by) {
    char[] letters = text.toCharArray();
    int at = LENGTH - 1;
    while (at >= 0 && letters[at] == end) {
      letters[at--] = begin;
    }
    if (at < 0 || (at == 0 && by > 0 && letters[0] == GREATEST_FIRST)) {
      return this;
    }
    letters[at] = ALPHABET.charAt(ALPHABET.indexOf(letters[at]) + by);
    return new Ulid(new String(letters));
  }

  @Override
  public int compareTo(Ulid other) {
    return text.compareTo(other.text);
  }

  @Override
  public String toString() {
    return text;
  }
}
