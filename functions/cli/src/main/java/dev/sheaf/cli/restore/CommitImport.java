package dev.sheaf.cli.restore;

import dev.sheaf.bundle.Content;
import dev.sheaf.bundle.ContentId;
import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.bundle.history.Commit;
import dev.sheaf.bundle.history.CommitOrder;
import dev.sheaf.bundle.history.History;
import dev.sheaf.bundle.history.Ids;
import dev.sheaf.bundle.history.Snapshot;
import dev.sheaf.cli.git.CommitText;
import dev.sheaf.cli.git.Tree;
import dev.sheaf.cli.git.TreeEntry;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.eclipse.jgit.lib.Constants;
import org.eclipse.jgit.lib.ObjectId;
import org.jspecify.annotations.Nullable;

/** Turns commits and snapshots into git's commits and trees. One thread. */
public final class CommitImport {
  private final PackFile pack;
  private final ObjectPacker packer;
  private final TreeWriter trees;
  private final IdMap blobs;
  private final IdMap commits = new IdMap();
  private final IdMap snapshotTrees = new IdMap();
  private long commitCount;
  private long madeUp;

  CommitImport(PackFile pack, ObjectPacker packer, TreeWriter trees, IdMap blobs) {
    this.pack = pack;
    this.packer = packer;
    this.trees = trees;
    this.blobs = blobs;
  }

  /** The commit in git; null when it was in no bundle. */
  public @Nullable ObjectId find(String commitId) {
    return commits.get(commitId);
  }

  /** Number of commits so far. */
  public long commitCount() {
    return commitCount;
  }

  /** Number of commits that were not made from git and got a git commit made up for them. */
  public long madeUpCount() {
    return madeUp;
  }

  /** Adds the commits of a bundle, whose blobs are in the pack. */
  void add(History history) throws IOException {
    Map<String, Snapshot> snapshots = new HashMap<>();
    history.snapshots().forEach(snapshot -> snapshots.put(snapshot.snapshotId(), snapshot));
    for (Commit commit : CommitOrder.parentsFirst(history.commits())) {
      if (commits.get(commit.commitId()) == null) {
        add(commit, snapshots);
      }
    }
    // A later bundle may build on a snapshot that none of these commits needed.
    for (Snapshot snapshot : history.snapshots()) {
      tree(snapshot.snapshotId(), snapshots);
      trees.settle();
    }
  }

  private void add(Commit commit, Map<String, Snapshot> snapshots) throws IOException {
    String snapshotId = commit.snapshotId();
    ObjectId tree = snapshotId == null ? Tree.EMPTY_ID : tree(snapshotId, snapshots);
    byte[] raw = commit.gitCommit();
    if (raw == null) {
      raw = MadeUpCommit.of(commit, tree, parents(commit));
      madeUp++;
    } else {
      requireOwnBytes(commit, raw);
    }
    Content content = Content.of(raw);
    ObjectId id = packer.name(Constants.OBJ_COMMIT, content);
    CommitText text = CommitText.parse(id, raw);
    requireParents(id, text);
    writeTree(id, text.tree(), snapshotId == null ? null : snapshots.get(snapshotId));
    pack.append(packer.whole(id, Constants.OBJ_COMMIT, content));
    commits.put(commit.commitId(), id);
    commitCount++;
  }

  private static void requireOwnBytes(Commit commit, byte[] raw) {
    String id = commit.commitId();
    if (!ContentId.isValid(id) || !ContentId.parse(id).equals(Ids.object(raw))) {
      throw new SheafException(
          ErrorKind.CORRUPT,
          "commit " + id + " has other bytes than its id says; the clone was given up");
    }
  }

  private List<ObjectId> parents(Commit commit) {
    List<ObjectId> parents = new ArrayList<>();
    for (String parent : commit.parentIds()) {
      ObjectId id = commits.get(parent);
      if (id == null) {
        throw damaged("commit " + commit.commitId() + " builds on " + parent);
      }
      parents.add(id);
    }
    return parents;
  }

  private void requireParents(ObjectId id, CommitText commit) {
    for (ObjectId parent : commit.parents()) {
      if (!pack.contains(parent)) {
        throw damaged("commit " + id.name() + " builds on " + parent.name());
      }
    }
  }

  private void writeTree(ObjectId commit, ObjectId tree, @Nullable Snapshot snapshot)
      throws IOException {
    Map<ObjectId, byte[]> given = new HashMap<>();
    if (snapshot != null) {
      for (byte[] raw : snapshot.gitTrees().values()) {
        given.put(packer.name(Constants.OBJ_TREE, Content.of(raw)), raw);
      }
    }
    try {
      trees.write(tree, given);
    } catch (SheafException e) {
      throw new SheafException(e.kind(), "commit " + commit.name() + ": " + e.getMessage(), e);
    }
    trees.settle();
  }

  private static SheafException damaged(String what) {
    return new SheafException(
        ErrorKind.CORRUPT, what + ", which is in none of the bundles; the clone was given up");
  }

  /**
   * The tree of a snapshot, after those that it builds on. A snapshot that came before is not made
   * again: its id says that it is the same.
   */
  private ObjectId tree(String snapshotId, Map<String, Snapshot> snapshots) throws IOException {
    Deque<Snapshot> waiting = new ArrayDeque<>();
    String at = snapshotId;
    while (at != null && snapshotTrees.get(at) == null) {
      Snapshot snapshot = snapshots.get(at);
      if (snapshot == null || waiting.size() > snapshots.size()) {
        throw damaged("snapshot " + snapshotId + " builds on " + at);
      }
      waiting.push(snapshot);
      at = snapshot.full() ? null : snapshot.parentId();
    }
    ObjectId tree = at == null ? Tree.EMPTY_ID : known(at);
    for (Snapshot snapshot : waiting) {
      tree = trees.make(tree, edit(snapshot));
      snapshotTrees.put(snapshot.snapshotId(), tree);
    }
    return tree;
  }

  private ObjectId known(String snapshotId) {
    ObjectId tree = snapshotTrees.get(snapshotId);
    if (tree == null) {
      throw new IllegalStateException("snapshot " + snapshotId + " was just found");
    }
    return tree;
  }

  private FolderEdit edit(Snapshot snapshot) {
    FolderEdit edit = new FolderEdit();
    for (String path : snapshot.removed()) {
      edit.set(path, 0, null);
    }
    snapshot
        .entries()
        .forEach((path, object) -> {
          if (path.indexOf('\0') >= 0) {
            throw new SheafException(
                ErrorKind.CORRUPT,
                "snapshot " + snapshot.snapshotId() + " has a path that no folder can hold");
          }
          ObjectId blob = blobs.get(object);
          if (blob == null) {
            throw damaged("snapshot " + snapshot.snapshotId() + " names object " + object);
          }
          edit.set(path, TreeEntry.modeOf(snapshot.modes().get(path)), blob);
        });
    snapshot
        .modes()
        .forEach((path, mode) -> {
          if (TreeEntry.modeOf(mode) == TreeEntry.SUBMODULE) {
            ObjectId commit = ObjectId.fromString(mode.substring("160000 ".length()));
            edit.set(path, TreeEntry.SUBMODULE, commit);
          }
        });
    return edit;
  }

  /** Adds the raw content of an annotated tag object, which has to name an object; gives its id. */
  ObjectId addTag(byte[] raw, ObjectId named) throws IOException {
    Content content = Content.of(raw);
    ObjectId id = packer.name(Constants.OBJ_TAG, content);
    byte[] begin = ("object " + named.name() + "\n").getBytes(StandardCharsets.US_ASCII);
    if (raw.length < begin.length || Arrays.mismatch(raw, begin) < begin.length) {
      throw new SheafException(
          ErrorKind.CORRUPT,
          "tag " + id.name() + " does not name " + named.name() + "; the clone was given up");
    }
    pack.append(packer.whole(id, Constants.OBJ_TAG, content));
    return id;
  }

  /** The id, if there is a commit of this id. */
  public ObjectId require(ObjectId commit) {
    if (!pack.contains(commit) || pack.type(commit) != Constants.OBJ_COMMIT) {
      throw damaged("HEAD names commit " + commit.name());
    }
    return commit;
  }
}
