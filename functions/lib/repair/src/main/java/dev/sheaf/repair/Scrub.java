package dev.sheaf.repair;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.sheaf.repair.presence.Kind;
import dev.sheaf.repository.inventory.Inventory;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * What a cleanup reads whole in turn, whatever it looks like: one round through bundles, packs, git
 * packs and objects, so many bytes of it each time, none left out. From the last object it goes on
 * with the first bundle.
 */
final class Scrub {
  private static final List<Kind> ROUND = List.of(Kind.values());
  private static final Place BEGINNING = new Place(Kind.BUNDLE, "");

  private final long budget;
  private final Counters counters;
  private Place read;

  /**
   * Behind this the round goes on.
   *
   * @param cursor of the last of its kind that has been read; empty before the first
   */
  private record Place(Kind kind, String cursor) implements Comparable<Place> {
    static Place parse(String text) {
      int colon = text.indexOf(':');
      if (text.isEmpty()) {
        return BEGINNING;
      }
      return colon < 0
          ? new Place(Kind.OBJECT, text) // as it was written when nothing else was read
          : new Place(
              Kind.valueOf(text.substring(0, colon).toUpperCase(Locale.ROOT)),
              text.substring(colon + 1));
    }

    @Override
    public String toString() {
      return equals(BEGINNING) ? "" : kind.label() + ":" + cursor;
    }

    /** As the catalog has them: by repository, then by what it is of it, each byte by byte. */
    @Override
    public int compareTo(Place other) {
      int byKind = kind.compareTo(other.kind);
      int slash = cursor.lastIndexOf('/');
      int otherSlash = other.cursor.lastIndexOf('/');
      if (byKind != 0) {
        return byKind;
      }
      int byRepository =
          compare(
              cursor.substring(0, Math.max(0, slash)),
              other.cursor.substring(0, Math.max(0, otherSlash)));
      return byRepository != 0
          ? byRepository
          : compare(cursor.substring(slash + 1), other.cursor.substring(otherSlash + 1));
    }

    private static int compare(String one, String another) {
      return Arrays.compareUnsigned(one.getBytes(UTF_8), another.getBytes(UTF_8));
    }
  }

  /**
   * @param position as {@link #position} gave it the last time
   * @param budget bytes that a cycle reads; 0 for none
   * @param counters of the cycle: what it has read of them
   */
  Scrub(String position, long budget, Counters counters) {
    this.read = Place.parse(position);
    this.budget = budget;
    this.counters = counters;
  }

  /** Where the next cleanup goes on. */
  String position() {
    return read.toString();
  }

  /**
   * Those of a batch that are to be read whole, as far as the budget goes.
   *
   * @param after the cursor behind which the batch begins
   */
  Set<String> turn(Kind kind, String after, List<Inventory.Item> batch) {
    Set<String> turn = new HashSet<>();
    long left = budget - counters.get(Counter.SCRUBBED_BYTES);
    if (!isReadUpTo(kind, after)) {
      return turn;
    }
    for (Inventory.Item item : batch) {
      if (new Place(kind, item.cursor()).compareTo(read) > 0) {
        // One that is larger than the whole budget is read as well, alone.
        boolean isFirst = left == budget && left > 0;
        if (item.sizeBytes() > left && !isFirst) {
          break;
        }
        left -= item.sizeBytes();
        turn.add(item.cursor());
      }
    }
    return turn;
  }

  /** Otherwise something before it has to wait for the next cleanup, and comes first then. */
  private boolean isReadUpTo(Kind kind, String after) {
    return budget > 0 && read.compareTo(new Place(kind, after)) >= 0;
  }

  /**
   * A batch is done.
   *
   * @param turn those of it that were to be read
   * @param steps that were taken; what is not there was not read
   * @param isLast whether it was the last of its kind
   */
  void done(
      Kind kind,
      String after,
      List<Inventory.Item> batch,
      Set<String> turn,
      List<Step> steps,
      boolean isLast) {
    if (!isReadUpTo(kind, after)) {
      return;
    }
    steps.stream()
        .filter(step -> step.action() == Step.Action.VERIFY)
        .filter(step -> turn.contains(step.item().cursor()))
        .forEach(step -> counters.add(Counter.SCRUBBED_BYTES, step.item().sizeBytes()));
    for (Inventory.Item item : batch) {
      Place place = new Place(kind, item.cursor());
      if (turn.contains(item.cursor())) {
        read = place;
      } else if (place.compareTo(read) > 0) {
        return;
      }
    }
    if (isLast && read.kind() == kind) {
      int next = ROUND.indexOf(kind) + 1;
      read = next == ROUND.size() ? BEGINNING : new Place(ROUND.get(next), "");
    }
  }
}
