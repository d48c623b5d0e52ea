package dev.sheaf.bundle.history;

import dev.sheaf.bundle.msgpack.PackedMap;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One commit as the wire has it (bundle.md section 1). Ids are opaque strings in the writer's
 * dialect.
 *
 * @param commitId its id, at most 128 characters
 * @param snapshotId the snapshot it records, or null when the writer gave none
 * @param message any text without U+0000
 * @param committedAt ISO-8601, verbatim: the text is part of the id
 * @param parentIds all parents, first parent first; from {@code parent_ids} where present, else
 *     {@code parent_commit_id} and {@code parent2_commit_id}
 * @param author empty when absent
 * @param branch the branch it was made on, empty when absent
 * @param meta every other key, known or not, untouched
 */
public record Commit(
    String commitId,
    @Nullable String snapshotId,
    String message,
    String committedAt,
    List<String> parentIds,
    String author,
    String branch,
    PackedMap meta) {

  public Commit {
    parentIds = List.copyOf(parentIds);
  }

  /** A commit with nothing but what every reader needs. */
  public static Commit of(
      String commitId,
      String snapshotId,
      String message,
      String committedAt,
      List<String> parents) {
    return new Commit(commitId, snapshotId, message, committedAt, parents, "", "", PackedMap.EMPTY);
  }

  /** The other keys in MessagePack, to store; {@link PackedMap#ofBytes} reads them back. */
  public byte[] metaBytes() {
    return meta.bytes();
  }
}
