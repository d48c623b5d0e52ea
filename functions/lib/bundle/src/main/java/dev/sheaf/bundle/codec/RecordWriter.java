package dev.sheaf.bundle.codec;

import dev.sheaf.bundle.ContentId;
import dev.sheaf.bundle.history.Commit;
import dev.sheaf.bundle.history.IdDialect;
import dev.sheaf.bundle.history.Snapshot;
import dev.sheaf.bundle.msgpack.MsgpackWriter;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Writes single records; the counterpart of the classes named {@code ...Record}. */
final class RecordWriter {
  private final MsgpackWriter out;
  private final IdDialect dialect;

  RecordWriter(MsgpackWriter out, IdDialect dialect) {
    this.out = out;
    this.dialect = dialect;
  }

  void commit(Commit commit) throws IOException {
    Map<String, @Nullable Object> keys = new LinkedHashMap<>();
    keys.put("commit_id", commit.commitId());
    keys.put("snapshot_id", commit.snapshotId());
    keys.put("message", commit.message());
    keys.put("committed_at", commit.committedAt());
    List<String> parents = commit.parentIds();
    keys.put("parent_commit_id", parents.isEmpty() ? null : parents.getFirst());
    keys.put("parent2_commit_id", parents.size() < 2 ? null : parents.get(1));
    keys.put("parent_ids", parents.size() < 3 ? null : parents);
    keys.put("branch", commit.branch());
    keys.put("author", commit.author());
    keys.entrySet().removeIf(key -> mayBeLeftOut(key.getKey(), key.getValue()));
    out.writeMapHeader(keys.size() + commit.meta().entryCount());
    for (Map.Entry<String, @Nullable Object> key : keys.entrySet()) {
      out.writeString(key.getKey());
      out.writeValue(key.getValue());
    }
    out.writeEntriesOf(commit.meta());
  }

  /** The muse client is used to find every key; a reader of the bundle dialect is not. */
  private boolean mayBeLeftOut(String key, @Nullable Object value) {
    return switch (key) {
      case "commit_id", "message", "committed_at" -> false;
      case "parent_ids" -> value == null;
      default -> dialect == IdDialect.PREFIXED && (value == null || value.equals(""));
    };
  }

  void snapshot(Snapshot snapshot) throws IOException {
    boolean namesParent = !snapshot.full() || snapshot.parentId() != null;
    int keys = 1 + (namesParent ? 1 : 0) + (snapshot.full() ? 1 : 2);
    out.writeMapHeader(keys + snapshot.extra().entryCount());
    out.writeString("snapshot_id");
    out.writeString(snapshot.snapshotId());
    if (namesParent) {
      out.writeString("parent_snapshot_id");
      out.writeValue(snapshot.parentId());
    }
    out.writeString(snapshot.full() ? "manifest" : "delta_upsert");
    objects(snapshot.entries());
    if (!snapshot.full()) {
      out.writeString("delta_remove");
      out.writeValue(snapshot.removed());
    }
    out.writeEntriesOf(snapshot.extra());
  }

  /** Everything of an object but the bytes of its content, which must follow. */
  void objectHeader(WireObject object) throws IOException {
    String encoding = object.encoding().wireName();
    String path = object.path();
    out.writeMapHeader(2 + (encoding == null ? 0 : 1) + (path == null ? 0 : 1));
    out.writeString("object_id");
    out.writeString(dialect.write(object.id()));
    if (encoding != null) {
      out.writeString("encoding");
      out.writeString(encoding);
    }
    if (path != null) {
      out.writeString("path");
      out.writeString(path);
    }
    out.writeString("content");
    out.writeBinaryHeader(object.wire().size());
  }

  private void objects(Map<String, ContentId> entries) throws IOException {
    out.writeMapHeader(entries.size());
    for (Map.Entry<String, ContentId> entry : entries.entrySet()) {
      out.writeString(entry.getKey());
      out.writeString(dialect.write(entry.getValue()));
    }
  }
}
