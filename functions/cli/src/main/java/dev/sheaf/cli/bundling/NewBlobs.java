package dev.sheaf.cli.bundling;

import dev.sheaf.cli.git.CommitText;
import dev.sheaf.cli.git.FixedWidthMap;
import dev.sheaf.cli.git.GitHistory;
import dev.sheaf.cli.git.TreeChanges;
import dev.sheaf.cli.git.TreeEntry;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.eclipse.jgit.lib.Constants;
import org.eclipse.jgit.lib.ObjectId;

/**
 * Finds the blobs that each commit brings in, if commits come parents first: what differs from the
 * first parent and was not met before.
 */
final class NewBlobs {
  private static final byte[] NO_VALUE = {};

  private final GitHistory history;
  private final FixedWidthMap met = new FixedWidthMap(Constants.OBJECT_ID_LENGTH, 0);
  private int sequence;

  NewBlobs(GitHistory history) {
    this.history = history;
  }

  /** The blobs that this commit brings in. */
  List<NewBlob> of(CommitText commit) throws IOException {
    List<NewBlob> found = new ArrayList<>();
    history
        .trees()
        .diff(
            history.baseTree(commit),
            commit.tree(),
            new TreeChanges() {
              @Override
              public void set(String path, TreeEntry entry) {
                if (entry.isBlob() && met.put(raw(entry.id()), NO_VALUE)) {
                  found.add(new NewBlob(entry.id(), path, sequence++));
                }
              }

              @Override
              public void removed(String path) {}
            });
    return found;
  }

  private static byte[] raw(ObjectId id) {
    byte[] raw = new byte[Constants.OBJECT_ID_LENGTH];
    id.copyRawTo(raw, 0);
    return raw;
  }
}
