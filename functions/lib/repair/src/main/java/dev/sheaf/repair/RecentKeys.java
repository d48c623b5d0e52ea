package dev.sheaf.repair;

import dev.sheaf.bundle.SheafException;
import dev.sheaf.journal.site.KnownPresent;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keys that functions have noted as written since the bucket was listed, read from the journal when
 * first asked for, and once an invocation. They answer for what was written after the listing had
 * passed; of what came before the listing itself tells.
 */
final class RecentKeys {
  private static final Logger log = LoggerFactory.getLogger(RecentKeys.class);

  private final Optional<KnownPresent.Noted> journal;
  private final Map<Character, Set<String>> ranges = new HashMap<>();

  private RecentKeys(Optional<KnownPresent.Noted> journal) {
    this.journal = journal;
  }

  /**
   * @param listed when the listing began
   */
  static RecentKeys of(KnownPresent journal, Instant listed) {
    return new RecentKeys(Optional.of(journal.since(listed)));
  }

  /** Knows of none: whoever reads a journal first also writes to it. */
  static RecentKeys none() {
    return new RecentKeys(Optional.empty());
  }

  boolean contains(String key) {
    char digit = key.charAt(key.lastIndexOf('/') + 1);
    return ranges.computeIfAbsent(digit, this::read).contains(key);
  }

  /** A journal that cannot be read answers nothing: the store is asked instead. */
  private Set<String> read(char range) {
    try {
      return journal.isEmpty() ? Set.of() : journal.get().keys(range);
    } catch (SheafException e) {
      log.warn("keys known to be present cannot be read: {}", e.getMessage());
      return Set.of();
    }
  }
}
