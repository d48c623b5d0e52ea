package dev.sheaf.bundle.codec;

import dev.sheaf.bundle.ContentId;
import dev.sheaf.bundle.history.Snapshot;
import dev.sheaf.bundle.msgpack.MsgpackReader;
import dev.sheaf.bundle.msgpack.PackedMap;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** One snapshot while it is being read. */
final class SnapshotRecord {
  private final MsgpackReader in;
  private final RecordFields fields;

  private @Nullable String snapshotId;
  private @Nullable String parentId;
  private @Nullable Map<String, ContentId> manifest;
  private @Nullable Map<String, ContentId> upserts;
  private @Nullable Map<String, ContentId> additions;
  private List<String> removed = List.of();

  SnapshotRecord(MsgpackReader in, RecordFields fields) {
    this.in = in;
    this.fields = fields;
  }

  Snapshot read() throws IOException {
    PackedMap.Builder extra = new PackedMap.Builder();
    fields.record(this::field, extra);
    if (snapshotId == null) {
      throw in.fail("snapshot_id is missing");
    }
    return manifest != null
        ? new Snapshot(snapshotId, true, parentId, manifest, List.of(), extra.build())
        : new Snapshot(snapshotId, false, parentId, changed(), removed, extra.build());
  }

  private boolean field(String key) throws IOException {
    switch (key) {
      case "snapshot_id" -> snapshotId = fields.id(key);
      case "parent_snapshot_id" -> parentId = fields.id(key);
      case "manifest" -> manifest = fields.objectsByPath();
      case "delta_upsert" -> upserts = fields.objectsByPath();
      case "delta_add" -> additions = fields.objectsByPath();
      case "delta_remove" -> removed = fields.paths();
      default -> {
        return false;
      }
    }
    return true;
  }

  /** {@code delta_add} is what older writers call {@code delta_upsert}. */
  private Map<String, ContentId> changed() {
    if (upserts != null && !upserts.isEmpty()) {
      return upserts;
    }
    return additions == null ? Map.of() : additions;
  }
}
