package dev.sheaf.cli.send;

import dev.sheaf.bundle.RefName;
import dev.sheaf.cli.git.GitId;
import dev.sheaf.cli.http.Traffic;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.SortedSet;
import org.jspecify.annotations.Nullable;

/**
 * What a push did.
 *
 * @param pack what was sent; null: nothing but refs, or nothing at all
 * @param moved refs that were made or moved, and to what
 * @param deleted refs that were deleted
 * @param head what HEAD was made, in words; null: it was left as it is
 * @param headStays why HEAD as it is here was not carried, and what is lost by that; null: it was,
 *     or nothing is
 * @param onlyThere refs that are on the server and not here, and were left there
 * @param onlyHere refs that are about this copy alone, and were not sent
 * @param jobs jobs that prove what was sent
 * @param millis wall time by phase
 * @param traffic what went over the wire
 */
public record PushReport(
    @Nullable SentPack pack,
    SortedMap<RefName, GitId> moved,
    SortedSet<RefName> deleted,
    @Nullable String head,
    @Nullable String headStays,
    SortedSet<RefName> onlyThere,
    SortedSet<String> onlyHere,
    List<String> jobs,
    Map<String, Long> millis,
    Traffic traffic) {

  /** Whether there was nothing to do. */
  public boolean upToDate() {
    return moved.isEmpty() && deleted.isEmpty() && head == null;
  }

  /** Bytes that were uploaded now. */
  public long uploadedBytes() {
    return pack != null && pack.uploaded() ? pack.sizeBytes() : 0;
  }

  /** The report as JSON-able values. */
  public Map<String, @Nullable Object> toMap() {
    Map<String, @Nullable Object> map = new LinkedHashMap<>();
    map.put("up_to_date", upToDate());
    map.put("objects", pack == null ? 0 : pack.objects());
    map.put("bundle_key", pack == null ? null : pack.id().prefixed());
    map.put("bundle_bytes", pack == null ? 0 : pack.sizeBytes());
    map.put("uploaded_bytes", uploadedBytes());
    Map<String, String> refs = new LinkedHashMap<>();
    moved.forEach((name, id) -> refs.put(name.toString(), id.hex()));
    map.put("refs", refs);
    map.put("deleted", deleted.stream().map(RefName::toString).toList());
    map.put("head", head);
    map.put("head_stays", headStays);
    map.put("only_there", onlyThere.stream().map(RefName::toString).toList());
    map.put("only_here", onlyHere);
    map.put("jobs", jobs);
    map.put("millis", millis);
    map.put("traffic", traffic.toMap());
    return map;
  }
}
