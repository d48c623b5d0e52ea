package dev.sheaf.repository.history;

import dev.sheaf.bundle.ContentId;
import dev.sheaf.bundle.history.Manifest;
import dev.sheaf.bundle.history.Snapshot;
import dev.sheaf.bundle.msgpack.PackedMap;
import dev.sheaf.repository.column.IdBlob;
import dev.sheaf.repository.column.Packed;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The bytes in {@code snapshot_chunks}: a manifest, or what changed since its base. */
final class SnapshotColumn {
  private SnapshotColumn() {}

  /** A snapshot in the form that it has: whole, or a delta. */
  static byte[] encode(Snapshot snapshot) {
    return encode(snapshot.entries(), snapshot.removed(), snapshot.extra());
  }

  /** A whole manifest, paths in order, which compresses best. */
  static byte[] encodeWhole(Manifest manifest, PackedMap extra) {
    return encode(new TreeMap<>(manifest.objects()), List.of(), extra);
  }

  private static byte[] encode(
      Map<String, ContentId> entries, List<String> removed, PackedMap extra) {
    List<String> paths = List.copyOf(entries.keySet());
    byte[] ids = IdBlob.of(List.copyOf(entries.values()));
    return Packed.encode(List.of(paths, ids, removed, extra.bytes()));
  }

  /**
   * @param baseId what the bytes are a delta to; null when they are whole
   */
  static Snapshot decode(String snapshotId, @Nullable String baseId, byte[] record) {
    List<?> values = Packed.decode(record, "snapshot " + snapshotId);
    return new Snapshot(
        snapshotId,
        baseId == null,
        baseId,
        entries((List<?>) values.get(0), (byte[]) values.get(1)),
        ((List<?>) values.get(2)).stream().map(String.class::cast).toList(),
        PackedMap.ofBytes((byte[]) values.get(3)));
  }

  private static Map<String, ContentId> entries(List<?> paths, byte[] ids) {
    Map<String, ContentId> entries = LinkedHashMap.newLinkedHashMap(paths.size());
    for (int i = 0; i < paths.size(); i++) {
      entries.put((String) paths.get(i), IdBlob.get(ids, i));
    }
    return entries;
  }
}
