package dev.sheaf.cli.clone;

import dev.sheaf.cli.http.Traffic;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What a clone did.
 *
 * @param refs number of branches and tags
 * @param commits number of commits
 * @param objects number of git objects
 * @param madeUpCommits commits that were not made from git and got a git commit made up for them
 * @param bundles number of bundles read
 * @param bundleBytes their length together
 * @param downloadMillis wall time of their download, which goes on beside the phases below
 * @param millis wall time by phase
 * @param traffic what went over the wire
 */
public record CloneReport(
    int refs,
    long commits,
    long objects,
    long madeUpCommits,
    int bundles,
    long bundleBytes,
    long downloadMillis,
    Map<String, Long> millis,
    Traffic traffic) {

  /** The report as JSON-able values. */
  public Map<String, Object> toMap() {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("refs", refs);
    map.put("commits", commits);
    map.put("objects", objects);
    map.put("made_up_commits", madeUpCommits);
    map.put("bundles", bundles);
    map.put("bundle_bytes", bundleBytes);
    map.put("download_millis", downloadMillis);
    map.put("millis", millis);
    map.put("traffic", traffic.toMap());
    return map;
  }
}
