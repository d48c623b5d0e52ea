package dev.sheaf.ops;

import java.util.Optional;
import java.util.Set;

/**
 * Tables that nobody has written for long.
 *
 * @param cutoff their ops below it go; empty when cleanup is switched off
 */
public record DormantTables(Optional<Ulid> cutoff, Set<String> names) {
  public DormantTables {
    names = Set.copyOf(names);
  }
}
