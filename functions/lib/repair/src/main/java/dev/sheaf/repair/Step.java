package dev.sheaf.repair;

import dev.sheaf.repair.presence.Kind;
import dev.sheaf.repository.inventory.Inventory;
import java.util.Locale;

/**
 * One thing to do, and why.
 *
 * @param reason for people who read a plan
 */
public record Step(Action action, Kind kind, Inventory.Item item, String reason) {
  /** What there is to do. */
  public enum Action {
    /** It is missing: bring it back. */
    RESTORE,
    /** It may not be what its name says: read it, and delete it if it is not. */
    VERIFY,
    /** Nobody has noted its ETag: prove it once and note that. */
    NOTE_ETAG,
    /** A prepared answer is gone: forget it, the next who asks gets a new one. */
    FORGET,
    /** It is missing, and derived from what is there: make it anew. */
    REMAKE,
    /** Only other sites are to have it: delete it once they say that they do. */
    DROP,
    /** It was lost and is there again: say so in the ledger. */
    RECOVERED;

    /** As in a plan: {@code note-etag}. */
    public String label() {
      return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
  }

  /** As a line of a plan. */
  @Override
  public String toString() {
    return line(action.label(), item.key(), reason);
  }

  static String line(String what, String key, String reason) {
    return "%-9s %s: %s".formatted(what, key, reason);
  }
}
