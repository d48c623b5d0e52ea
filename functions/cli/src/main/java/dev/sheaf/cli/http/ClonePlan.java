package dev.sheaf.cli.http;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What to download for a clone.
 *
 * @param bundles oldest first: each builds on the ones before it
 * @param refs the refs at the time of the plan
 */
public record ClonePlan(List<StoredFile> bundles, RemoteRefs refs) {
  static ClonePlan of(Map<String, @Nullable Object> document) {
    return new ClonePlan(
        Fields.maps(document, "bundles").stream()
            .map(bundle -> StoredFile.of(bundle, "url"))
            .toList(),
        RemoteRefs.of(document));
  }
}
