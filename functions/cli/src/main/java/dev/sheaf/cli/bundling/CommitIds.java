package dev.sheaf.cli.bundling;

import dev.sheaf.bundle.ContentId;
import dev.sheaf.cli.git.FixedWidthMap;
import org.eclipse.jgit.lib.Constants;
import org.eclipse.jgit.lib.ObjectId;

/** Git commits and their ids in Sheaf; parents come first. */
final class CommitIds {
  private final FixedWidthMap known =
      new FixedWidthMap(Constants.OBJECT_ID_LENGTH, ContentId.LENGTH);

  void put(ObjectId commit, String id) {
    known.put(raw(commit), ContentId.parse(id).toBytes());
  }

  /** The id in Sheaf of a commit that came before. */
  String of(ObjectId commit) {
    byte[] value = new byte[ContentId.LENGTH];
    if (!known.get(raw(commit), value)) {
      throw new IllegalStateException("a child came before its parent " + commit.name());
    }
    return ContentId.ofBytes(value).prefixed();
  }

  static byte[] raw(ObjectId id) {
    byte[] raw = new byte[Constants.OBJECT_ID_LENGTH];
    id.copyRawTo(raw, 0);
    return raw;
  }
}
