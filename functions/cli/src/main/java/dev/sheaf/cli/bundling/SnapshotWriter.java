package dev.sheaf.cli.bundling;

import dev.sheaf.bundle.ContentId;
import dev.sheaf.bundle.history.Snapshot;
import dev.sheaf.bundle.msgpack.PackedMap;
import dev.sheaf.cli.git.CommitText;
import dev.sheaf.cli.git.FixedWidthMap;
import dev.sheaf.cli.git.GitHistory;
import dev.sheaf.cli.git.SnapshotIds;
import dev.sheaf.cli.git.TreeChanges;
import dev.sheaf.cli.git.TreeEntry;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.eclipse.jgit.lib.Constants;
import org.eclipse.jgit.lib.ObjectId;
import org.jspecify.annotations.Nullable;

/**
 * Makes the snapshot of each commit: what changed since the first parent's. One that was written is
 * not written again.
 */
final class SnapshotWriter {
  private static final long TEXT_MEMORY = 48L << 20;

  private final GitHistory history;
  private final SnapshotIds.Blobs blobs;
  private final SnapshotIds ids;
  private final FixedWidthMap idOfTree =
      new FixedWidthMap(Constants.OBJECT_ID_LENGTH, ContentId.LENGTH);
  private final Set<String> written = new HashSet<>();

  SnapshotWriter(GitHistory history, SnapshotIds.Blobs blobs) {
    this.history = history;
    this.blobs = blobs;
    this.ids = new SnapshotIds(history.trees(), blobs, TEXT_MEMORY);
  }

  /** The id of the snapshot that a root tree is. */
  String id(ObjectId tree) throws IOException {
    byte[] value = new byte[ContentId.LENGTH];
    if (idOfTree.get(raw(tree), value)) {
      return ContentId.ofBytes(value).prefixed();
    }
    String id = ids.of(tree);
    idOfTree.put(raw(tree), ContentId.parse(id).toBytes());
    return id;
  }

  /** The commit's snapshot; null when it was written before. */
  @Nullable Snapshot write(CommitText commit) throws IOException {
    String id = id(commit.tree());
    if (!written.add(id)) {
      return null;
    }
    ObjectId base = history.baseTree(commit);
    Delta delta = new Delta();
    history.trees().diff(base, commit.tree(), delta);
    return new Snapshot(
        id,
        false,
        commit.parents().isEmpty() ? null : id(base),
        delta.entries(),
        delta.removed,
        PackedMap.EMPTY);
  }

  private static byte[] raw(ObjectId id) {
    byte[] raw = new byte[Constants.OBJECT_ID_LENGTH];
    id.copyRawTo(raw, 0);
    return raw;
  }

  private final class Delta implements TreeChanges {
    private final Map<String, ObjectId> upserts = new LinkedHashMap<>();
    private final List<String> removed = new ArrayList<>();

    @Override
    public void set(String path, TreeEntry entry) {
      if (entry.isBlob()) {
        upserts.put(path, entry.id());
      } else {
        // What becomes a submodule is no file any more.
        removed.add(path);
      }
    }

    @Override
    public void removed(String path) {
      removed.add(path);
    }

    Map<String, ContentId> entries() throws IOException {
      Map<String, ContentId> entries = new LinkedHashMap<>();
      for (Map.Entry<String, ObjectId> upsert : upserts.entrySet()) {
        entries.put(upsert.getKey(), blobs.id(upsert.getValue()));
      }
      return entries;
    }
  }
}
