package dev.sheaf.repository.history;

import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.SheafException;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * How far the reader of a plan has come. A push between two pages moves nothing that was read: what
 * was taken in is ordered by its first commit, and a plan that began before a bundle was taken in
 * ({@code last}) goes on to find it among those that wait.
 *
 * @param last the newest commit when the plan began; 0 where it does not matter
 * @param after the last place that was read
 */
record PlanPosition(Part part, long last, long after) {
  /** Which bundles are being read. */
  enum Part {
    /** Those that brought what is wanted. */
    WANTED,
    /** All that were taken in. */
    TAKEN_IN,
    /** All others. */
    WAITING
  }

  static final PlanPosition WANTED = new PlanPosition(Part.WANTED, 0, 0);

  private static final Pattern FORM =
      Pattern.compile("(wanted|taken_in|waiting):([0-9]{1,10}):([0-9]{1,10})");

  static PlanPosition takenInUpTo(long last) {
    return new PlanPosition(Part.TAKEN_IN, last, 0);
  }

  /** The position that a client gives back; null at the beginning. */
  static @Nullable PlanPosition parse(@Nullable String text) {
    if (text == null) {
      return null;
    }
    Matcher form = FORM.matcher(text);
    if (!form.matches()) {
      throw new SheafException(
          ErrorKind.INVALID, "'" + text + "' is no place in a plan; give back 'next' as it came");
    }
    return new PlanPosition(
        Part.valueOf(form.group(1).toUpperCase(Locale.ROOT)),
        Long.parseLong(form.group(2)),
        Long.parseLong(form.group(3)));
  }

  PlanPosition at(long place) {
    return new PlanPosition(part, last, place);
  }

  PlanPosition waiting() {
    return new PlanPosition(Part.WAITING, last, 0);
  }

  @Override
  public String toString() {
    return part.name().toLowerCase(Locale.ROOT) + ":" + last + ":" + after;
  }
}
