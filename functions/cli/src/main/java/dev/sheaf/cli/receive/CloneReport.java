package dev.sheaf.cli.receive;

import dev.sheaf.bundle.RefName;
import dev.sheaf.cli.http.Traffic;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SortedSet;
import org.jspecify.annotations.Nullable;

/**
 * What a clone did.
 *
 * @param refs number of refs
 * @param leftOut refs that are there and would make git show another history, or are about another
 *     copy
 * @param packs number of packs and bundles
 * @param packBytes their bytes
 * @param incomplete why the work tree could not be filled; null: it was
 * @param millis wall time by phase
 * @param traffic what went over the wire
 */
public record CloneReport(
    int refs,
    SortedSet<RefName> leftOut,
    int packs,
    long packBytes,
    @Nullable String incomplete,
    Map<String, Long> millis,
    Traffic traffic) {

  /** The report as JSON-able values. */
  public Map<String, @Nullable Object> toMap() {
    Map<String, @Nullable Object> map = new LinkedHashMap<>();
    map.put("refs", refs);
    map.put("left_out", leftOut.stream().map(RefName::toString).toList());
    map.put("packs", packs);
    map.put("pack_bytes", packBytes);
    map.put("incomplete", incomplete);
    map.put("millis", millis);
    map.put("traffic", traffic.toMap());
    return map;
  }
}
