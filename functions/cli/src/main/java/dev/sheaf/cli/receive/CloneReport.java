package dev.sheaf.cli.receive;

import dev.sheaf.cli.http.Traffic;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a clone did.
 *
 * @param refs number of refs
 * @param packs number of packs and bundles
 * @param packBytes their bytes
 * @param incomplete why the work tree could not be filled; null: it was
 * @param millis wall time by phase
 * @param traffic what went over the wire
 */
public record CloneReport(
    int refs,
    int packs,
    long packBytes,
    @Nullable String incomplete,
    Map<String, Long> millis,
    Traffic traffic) {

  /** The report as JSON-able values. */
  public Map<String, @Nullable Object> toMap() {
    Map<String, @Nullable Object> map = new LinkedHashMap<>();
    map.put("refs", refs);
    map.put("packs", packs);
    map.put("pack_bytes", packBytes);
    map.put("incomplete", incomplete);
    map.put("millis", millis);
    map.put("traffic", traffic.toMap());
    return map;
  }
}
