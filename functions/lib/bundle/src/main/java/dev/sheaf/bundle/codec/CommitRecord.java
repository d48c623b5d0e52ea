package dev.sheaf.bundle.codec;

import dev.sheaf.bundle.history.Commit;
import dev.sheaf.bundle.msgpack.MsgpackReader;
import dev.sheaf.bundle.msgpack.PackedMap;
import java.io.IOException;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** One commit while it is being read. */
final class CommitRecord {
  private final MsgpackReader in;
  private final RecordFields fields;
  private final BundleLimits limits;

  private @Nullable String commitId;
  private @Nullable String snapshotId;
  private @Nullable String message;
  private @Nullable String committedAt;
  private @Nullable String parent;
  private @Nullable String parent2;
  private List<String> allParents = List.of();
  private @Nullable String author;
  private @Nullable String branch;

  CommitRecord(MsgpackReader in, RecordFields fields, BundleLimits limits) {
    this.in = in;
    this.fields = fields;
    this.limits = limits;
  }

  Commit read() throws IOException {
    PackedMap.Builder meta = new PackedMap.Builder();
    fields.begin(limits.commitBytes(), "commitBytes");
    fields.record(this::field, meta);
    fields.end();
    return new Commit(
        required("commit_id", commitId),
        snapshotId,
        required("message", message),
        required("committed_at", committedAt),
        parents(),
        Objects.requireNonNullElse(author, ""),
        Objects.requireNonNullElse(branch, ""),
        meta.build());
  }

  private boolean field(String key) throws IOException {
    switch (key) {
      case "commit_id" -> commitId = fields.id(key);
      case "snapshot_id" -> snapshotId = fields.id(key);
      case "message" -> message = text(key);
      case "committed_at" -> committedAt = fields.text(key, limits.idLength(), "idLength");
      case "parent_commit_id" -> parent = fields.id(key);
      case "parent2_commit_id" -> parent2 = fields.id(key);
      case "parent_ids" -> allParents = fields.ids(key);
      case "author" -> author = text(key);
      case "branch" -> branch = fields.text(key, limits.pathBytes(), "pathBytes");
      default -> {
        return false;
      }
    }
    return true;
  }

  private @Nullable String text(String key) throws IOException {
    return fields.text(key, limits.messageBytes(), "messageBytes");
  }

  private List<String> parents() {
    return allParents.isEmpty()
        ? Stream.of(parent, parent2).filter(Objects::nonNull).map(id -> id).toList()
        : allParents;
  }

  private String required(String key, @Nullable String value) {
    if (value == null) {
      throw in.fail(key + " is missing");
    }
    return value;
  }
}
