package dev.sheaf.ops;

import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * What dormant cleanup would delete.
 *
 * @param cutoff ops below it go; empty when cleanup is switched off
 * @param rows dormant table to the number of its ops below the cutoff, where there are any, at most
 *     {@link OpsAmount#MOST_ROWS}
 * @param bytes what these rows take in the table, estimated
 */
public record DormantPlan(Optional<Ulid> cutoff, Map<String, Long> rows, long bytes) {
  public DormantPlan {
    rows = Map.copyOf(new TreeMap<>(rows));
  }
}
