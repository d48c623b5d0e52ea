package dev.sheaf.git;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import org.eclipse.jgit.internal.storage.dfs.DfsReader;
import org.eclipse.jgit.internal.storage.dfs.DfsRepository;
import org.eclipse.jgit.lib.AnyObjectId;
import org.eclipse.jgit.lib.Constants;
import org.eclipse.jgit.lib.FileMode;
import org.eclipse.jgit.lib.ObjectId;
import org.eclipse.jgit.lib.ObjectLoader;
import org.jspecify.annotations.Nullable;

/**
 * Shows trees to JGit as git sees them. JGit's walks end at an entry of a mode that they do not
 * know, and histories that git carries have such ones; see {@link EntryType}.
 *
 * <p>Only for walks: a tree whose bytes go anywhere must be read as it is.
 */
public final class WalkReader extends DfsReader {
  private boolean isWalking = true;
  private @Nullable ObjectId last;

  public WalkReader(DfsRepository repository) {
    super(repository.getObjectDatabase());
  }

  /** What was read last, in words: JGit does not say at which object it broke off. */
  public String where() {
    ObjectId id = last;
    return id == null ? "nothing was read" : "the last object read is " + id.name();
  }

  /** Whether what is read now is only looked at. */
  public void setWalking(boolean walking) {
    isWalking = walking;
  }

  @Override
  public ObjectLoader open(AnyObjectId id, int type) throws IOException {
    last = id.copy();
    ObjectLoader object = super.open(id, type);
    return isWalking && object.getType() == Constants.OBJ_TREE ? asGitSeesIt(object) : object;
  }

  private static ObjectLoader asGitSeesIt(ObjectLoader object) {
    byte[] tree = object.getCachedBytes();
    try {
      TreeEntries entries = new TreeEntries(tree);
      while (entries.next()) {
        if (!isKnown(entries.mode())) {
          return new ObjectLoader.SmallObject(Constants.OBJ_TREE, rewritten(tree));
        }
      }
      return object;
    } catch (IllegalArgumentException | IndexOutOfBoundsException e) {
      // JGit says what is wrong with it, and in which object.
      return object;
    }
  }

  private static boolean isKnown(int mode) {
    return FileMode.fromBits(mode).getObjectType() == EntryType.of(mode) && mode >>> 16 == 0;
  }

  private static byte[] rewritten(byte[] tree) {
    ByteArrayOutputStream out = new ByteArrayOutputStream(tree.length + 64);
    TreeEntries entries = new TreeEntries(tree);
    while (entries.next()) {
      if (isKnown(entries.mode())) {
        out.write(tree, entries.begin(), entries.end() - entries.begin());
      } else {
        out.writeBytes(Constants.encodeASCII(Integer.toOctalString(canonical(entries.mode()))));
        out.write(tree, entries.space(), entries.end() - entries.space());
      }
    }
    return out.toByteArray();
  }

  private static int canonical(int mode) {
    return switch (EntryType.of(mode)) {
      case Constants.OBJ_TREE -> FileMode.TYPE_TREE;
      case Constants.OBJ_BLOB -> mode & 0177777;
      default -> FileMode.TYPE_GITLINK;
    };
  }
}
