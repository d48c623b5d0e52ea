package dev.sheaf.cli.bundling;

import dev.sheaf.bundle.ContentId;
import dev.sheaf.bundle.history.Ids;
import dev.sheaf.cli.git.FixedWidthMap;
import dev.sheaf.cli.git.GitHistory;
import java.io.IOException;
import org.eclipse.jgit.lib.Constants;
import org.eclipse.jgit.lib.ObjectId;

/** Git commits and their ids in Sheaf, which follow from the commit alone. */
public final class CommitIds {
  private final GitHistory history;
  private final FixedWidthMap known =
      new FixedWidthMap(Constants.OBJECT_ID_LENGTH, ContentId.LENGTH);

  public CommitIds(GitHistory history) {
    this.history = history;
  }

  /** The id in Sheaf of a commit of this repository. */
  public String of(ObjectId commit) throws IOException {
    byte[] key = new byte[Constants.OBJECT_ID_LENGTH];
    commit.copyRawTo(key, 0);
    byte[] value = new byte[ContentId.LENGTH];
    if (known.get(key, value)) {
      return ContentId.ofBytes(value).prefixed();
    }
    String id = Ids.gitCommit(history.commit(commit).raw());
    known.put(key, ContentId.parse(id).toBytes());
    return id;
  }
}
