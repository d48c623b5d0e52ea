package dev.sheaf.repository.git;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sheaf.git.ReceivedPack;
import dev.sheaf.git.StoredPack;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a git bundle came to, as it is kept in its job.
 *
 * @param bundleBytes its length on the wire
 * @param pack what the repository got of it; null when nothing of it was needed
 * @param objects objects in its pack, completed
 * @param results one for each ref that it was about
 * @param odd what {@code git fsck} would say of its objects, 20 lines at most
 */
public record GitReport(
    long bundleBytes,
    @Nullable StoredPack pack,
    int objects,
    List<RefResult> results,
    List<String> odd) {
  private static final ObjectMapper JSON = new ObjectMapper();

  /** As many refs that were not moved are named. */
  private static final int NAMED = 100;

  static GitReport of(
      long bundleBytes, ReceivedPack pack, boolean isKept, List<RefResult> results) {
    StoredPack kept = isKept && pack.objects() > 0 ? pack.stored() : null;
    return new GitReport(bundleBytes, kept, pack.objects(), results, pack.odd());
  }

  private long moved() {
    return results.stream().filter(result -> result.status() == RefResult.Status.OK).count();
  }

  /** The result of the job, for more to be added. */
  public ObjectNode json() {
    ObjectNode json = JSON.createObjectNode();
    json.put("kind", "git").put("bundle_size_bytes", bundleBytes).put("objects", objects);
    if (pack != null) {
      json.put("pack", pack.name().hex()).put("pack_bytes", pack.packBytes());
    }
    json.put("refs_moved", moved());
    if (!odd.isEmpty()) {
      odd.forEach(json.putArray("odd")::add);
    }
    ArrayNode refs = json.putArray("refs_rejected");
    results.stream()
        .filter(RefResult::isRejected)
        .limit(NAMED)
        .forEach(result -> {
          ObjectNode ref = refs.addObject().put("ref", result.name().toString());
          ref.put("reason", result.reason() == null ? null : result.reason().text());
          ref.put("present", result.present() == null ? null : result.present().name());
        });
    return json;
  }

  /** For the log. */
  public String summary() {
    return "%d objects in %d bytes, %d refs moved, %d not"
        .formatted(
            objects, bundleBytes, moved(), results.stream().filter(RefResult::isRejected).count());
  }
}
