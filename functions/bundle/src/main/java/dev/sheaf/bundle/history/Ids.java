package dev.sheaf.bundle.history;

import dev.sheaf.bundle.Content;
import dev.sheaf.bundle.ContentId;
import java.io.IOException;
import java.util.Collection;
import org.jspecify.annotations.Nullable;

/**
 * How ids are made (bundle.md section 2). Writers and verification use this; a server takes the ids
 * that it is given.
 */
public final class Ids {
  private Ids() {}

  /** The id of an object: SHA-256 of its bytes. */
  public static ContentId object(byte[] content) {
    return dev.sheaf.bundle.Pending.value();
  }

  /** The id of an object: SHA-256 of its bytes. */
  public static ContentId object(Content content) throws IOException {
    return dev.sheaf.bundle.Pending.value();
  }

  /**
   * The id of a snapshot: SHA-256 over the NUL-joined strings {@code path NUL object_id}, in code
   * point order. For snapshots made from git also one string {@code path NUL NUL mode} for each
   * mode, or a changed mode alone would not change the id, and one {@code NUL NUL NUL sha1} for
   * each raw tree.
   *
   * @param gitTrees SHA-1s in hex of the raw trees carried; empty for others
   */
  public static String snapshot(Manifest manifest, Collection<String> gitTrees, IdDialect dialect) {
    return dev.sheaf.bundle.Pending.value();
  }

  /**
   * The id of a commit that was not made from git: sorted parents, snapshot, message and time; the
   * author is no part of it.
   */
  public static String commit(
      Collection<String> parentIds,
      @Nullable String snapshotId,
      String message,
      String committedAt,
      IdDialect dialect) {
    return dev.sheaf.bundle.Pending.value();
  }

  /**
   * The id of a commit made from git: {@code sha256:} and the SHA-256 of the raw commit object's
   * content, which covers author, committer and signature as well.
   */
  public static String gitCommit(byte[] rawCommit) {
    return dev.sheaf.bundle.Pending.value();
  }
}
