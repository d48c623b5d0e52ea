package dev.sheaf.repository;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sheaf.ops.Ulid;
import org.jspecify.annotations.Nullable;

/**
 * Who writes a repository.
 *
 * @param home the URL of that site; null when nobody has said
 * @param epoch how often that has changed
 * @param seen what each home knew when it took over ({@link #seenKey})
 * @param loss what this site has lost of it
 */
record Tenure(@Nullable String home, Epoch epoch, JsonNode seen, Loss loss) {
  /**
   * What a home has lost of its own with its catalog, in ulids.
   *
   * @param isOpen whether it is still to be rebuilt ({@link LostHomes})
   * @param asOf up to where everything came back: what is not here of it was gone by then; null
   *     where nothing was ever lost
   * @param until when it was rebuilt: what it wrote behind {@code asOf} and before, peers may have
   *     heard of
   */
  record Loss(boolean isOpen, @Nullable String asOf, @Nullable String until) {
    /** Whether peers may know of a record what its home does not. */
    boolean mayHaveHad(Ulid ulid) {
      return isOpen
          || (asOf != null
              && until != null
              && asOf.compareTo(ulid.text()) < 0
              && ulid.text().compareTo(until) <= 0);
    }

    /** Whether what peers still have of it was gone when it was lost, unless it is here. */
    boolean hadGone(Ulid ulid) {
      return !isOpen && asOf != null && ulid.text().compareTo(asOf) <= 0;
    }
  }

  /** The place of an epoch in {@code seen}. */
  static String seenKey(Epoch ended) {
    return Long.toString(ended.value());
  }

  /** Whether a site may have been the home, now or before. */
  boolean mayHaveBeen(String host) {
    if (home == null || host.equals(home)) {
      return true;
    }
    for (JsonNode hosts : seen) {
      if (hosts.has(host)) {
        return true;
      }
    }
    return false;
  }

  /** The last op of a site that was known when an epoch ended; empty for none. */
  String seen(Epoch ended, String host) {
    return seen.path(seenKey(ended)).path(host).asText();
  }
}
