package dev.sheaf.repair;

import dev.sheaf.bundle.SheafException;
import dev.sheaf.journal.site.KnownPresent;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keys that functions have noted as written, read from the journal when first asked for, and once a
 * cycle. They answer for what was written after the listing had passed.
 */
final class RecentKeys {
  private static final Logger log = LoggerFactory.getLogger(RecentKeys.class);

  private final Optional<KnownPresent> journal;
  private final Map<Character, Set<String>> ranges = new HashMap<>();

  private RecentKeys(Optional<KnownPresent> journal) {
    this.journal = journal;
  }

  static RecentKeys of(KnownPresent journal) {
    return new RecentKeys(Optional.of(journal));
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
      return journal.isEmpty() ? Set.of() : journal.get().read(range);
    } catch (SheafException e) {
      log.warn("keys known to be present cannot be read: {}", e.getMessage());
      return Set.of();
    }
  }
}
