package dev.sheaf.bundle.history;

import dev.sheaf.bundle.ContentId;
import dev.sheaf.bundle.msgpack.PackedMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Finds what changed between two manifests. */
final class SnapshotDelta {
  private SnapshotDelta() {}

  static Snapshot between(
      String snapshotId, @Nullable String parentId, Manifest base, Manifest next) {
    Map<String, ContentId> upserts = new HashMap<>();
    next.objects()
        .forEach((path, id) -> {
          if (!Objects.equals(base.objects().get(path), id)) {
            upserts.put(path, id);
          }
        });
    List<String> removed =
        base.objects().keySet().stream()
            .filter(path -> !next.objects().containsKey(path))
            .sorted()
            .toList();
    return new Snapshot(snapshotId, false, parentId, upserts, removed, PackedMap.EMPTY);
  }
}
