package dev.sheaf.cli.push;

import dev.sheaf.cli.http.Traffic;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a push did.
 *
 * @param upToDate whether there was nothing to send
 * @param commits number of commits sent
 * @param objects number of objects sent
 * @param bundles the bundles, in order
 * @param branches branches that were pushed, and their heads
 * @param jobs jobs that index the bundles, in order
 * @param millis wall time by phase
 * @param traffic what went over the wire
 */
public record PushReport(
    boolean upToDate,
    long commits,
    long objects,
    List<SentBundle> bundles,
    Map<String, String> branches,
    List<String> jobs,
    Map<String, Long> millis,
    Traffic traffic) {

  /**
   * One bundle.
   *
   * @param key its name
   * @param sizeBytes its length
   * @param uploaded false when the server had it already
   */
  public record SentBundle(String key, long sizeBytes, boolean uploaded) {}

  /** Bytes of bundles that were uploaded now. */
  public long uploadedBytes() {
    return bundles.stream().filter(SentBundle::uploaded).mapToLong(SentBundle::sizeBytes).sum();
  }

  /** Bytes of all bundles of this push. */
  public long bundleBytes() {
    return bundles.stream().mapToLong(SentBundle::sizeBytes).sum();
  }

  /** The report as JSON-able values. */
  public Map<String, @Nullable Object> toMap() {
    Map<String, @Nullable Object> map = new LinkedHashMap<>();
    map.put("up_to_date", upToDate);
    map.put("commits", commits);
    map.put("objects", objects);
    map.put("bundle_bytes", bundleBytes());
    map.put("uploaded_bytes", uploadedBytes());
    map.put(
        "bundles",
        bundles.stream()
            .map(bundle ->
                Map.of(
                    "bundle_key", bundle.key(),
                    "size_bytes", bundle.sizeBytes(),
                    "uploaded", bundle.uploaded()))
            .toList());
    map.put("branches", branches);
    map.put("jobs", jobs);
    map.put("millis", millis);
    map.put("traffic", traffic.toMap());
    return map;
  }
}
