package dev.sheaf.cli.receive;

import dev.sheaf.bundle.RefName;
import dev.sheaf.cli.git.GitId;
import dev.sheaf.cli.http.Traffic;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SortedMap;
import java.util.SortedSet;
import org.jspecify.annotations.Nullable;

/**
 * What a fetch did.
 *
 * @param moved refs here that were made or moved
 * @param deleted refs here that were deleted
 * @param stay refs here that are others there, and were left as they are: tags that have moved, and
 *     what is neither branch nor tag and does not go forward
 * @param packBytes bytes of packs that were downloaded
 * @param millis wall time by phase
 * @param traffic what went over the wire
 */
public record FetchReport(
    SortedMap<RefName, GitId> moved,
    SortedSet<RefName> deleted,
    SortedSet<RefName> stay,
    long packBytes,
    Map<String, Long> millis,
    Traffic traffic) {

  /** The report as JSON-able values. */
  public Map<String, @Nullable Object> toMap() {
    Map<String, @Nullable Object> map = new LinkedHashMap<>();
    Map<String, String> refs = new LinkedHashMap<>();
    moved.forEach((name, id) -> refs.put(name.toString(), id.hex()));
    map.put("refs", refs);
    map.put("deleted", deleted.stream().map(RefName::toString).toList());
    map.put("stay", stay.stream().map(RefName::toString).toList());
    map.put("pack_bytes", packBytes);
    map.put("millis", millis);
    map.put("traffic", traffic.toMap());
    return map;
  }
}
