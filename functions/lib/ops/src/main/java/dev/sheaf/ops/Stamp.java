package dev.sheaf.ops;

import dev.sheaf.storage.catalog.Catalog;
import dev.sheaf.storage.catalog.Statement;
import java.time.Instant;
import java.util.Optional;
import java.util.random.RandomGenerator;

/**
 * The ulids of one transaction, each greater than the one before and than every one that was
 * committed before. Their milliseconds are the transaction's own: the row that counts them stays
 * locked until it ends. Where more than a thousand transactions a second append, they run ahead of
 * the clock.
 */
public final class Stamp {
  private static final int RANDOM_LETTERS = 12;
  private static final int ORDINAL_LETTERS = 4;
  private static final int BITS = 5;
  private static final int MASK = 31;

  private final Ulid first;
  private final RandomGenerator random;
  private int ordinal;

  private Stamp(Ulid first, RandomGenerator random) {
    this.first = first;
    this.random = random;
  }

  /**
   * Takes the end of the log.
   *
   * @param floor the least time of the ulids: now, or what is to lie below them
   */
  static Stamp take(Catalog transaction, Instant floor, RandomGenerator random) {
    long millis =
        transaction
            .execute(
                Statement.of(
                        """
                        update ops_tail set last_millis = greatest(last_millis + 1, :floor)
                        returning last_millis
                        """)
                    .number("floor", floor.toEpochMilli()))
            .first()
            .orElseThrow()
            .number("last_millis");
    return new Stamp(Ulid.least(Instant.ofEpochMilli(millis)), random);
  }

  /**
   * Where a log ends: no op that was committed is greater, and none that is still to be appended is
   * less.
   *
   * @param lastMillis as {@code ops_tail} has it
   * @return empty for a log that never had an op
   */
  public static Optional<Ulid> end(long lastMillis) {
    return lastMillis == 0
        ? Optional.empty()
        : Optional.of(Ulid.least(Instant.ofEpochMilli(lastMillis + 1)).previous());
  }

  /** The next ulid. */
  public Ulid next() {
    return new Ulid(time() + rest(ordinal++, random));
  }

  /** None of them is less. */
  Ulid least() {
    return first;
  }

  /** None of them is greater, and no other transaction's lies between them. */
  Ulid greatest() {
    return new Ulid(time() + "Z".repeat(ORDINAL_LETTERS + RANDOM_LETTERS));
  }

  private String time() {
    return first.text().substring(0, Ulid.LENGTH - ORDINAL_LETTERS - RANDOM_LETTERS);
  }

  /** What comes behind the time in the ulid of a transaction's op with this number. */
  static String rest(int ordinal, RandomGenerator random) {
    StringBuilder text = new StringBuilder(ORDINAL_LETTERS + RANDOM_LETTERS);
    for (int i = ORDINAL_LETTERS - 1; i >= 0; i--) {
      text.append(Ulid.ALPHABET.charAt(ordinal >> (BITS * i) & MASK));
    }
    // One draw: a secure generator takes its time for each.
    long drawn = random.nextLong();
    for (int i = 0; i < RANDOM_LETTERS; i++) {
      text.append(Ulid.ALPHABET.charAt((int) (drawn >>> (BITS * i)) & MASK));
    }
    return text.toString();
  }
}
