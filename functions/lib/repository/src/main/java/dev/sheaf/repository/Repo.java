package dev.sheaf.repository;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A repository's row.
 *
 * @param repoId its opaque id, which never changes
 * @param owner first segment of its URL
 * @param name with the owner, where its keys in the bucket are; it never changes
 * @param shown second segment of its URL: its name, unless another site had made one of that name
 *     before
 * @param isPublic whether it may be read without a token
 * @param defaultBranch what a clone checks out; null until the first push
 * @param kind what it holds; null until the first push is accepted
 */
public record Repo(
    String repoId,
    String owner,
    String name,
    String shown,
    boolean isPublic,
    @Nullable String defaultBranch,
    @Nullable Kind kind) {

  /** As people write it, {@code owner/name}. */
  public String path() {
    return owner + "/" + shown;
  }

  /** The same repository under another name. */
  public Repo shownAs(String other) {
    return new Repo(repoId, owner, name, other, isPublic, defaultBranch, kind);
  }

  /** What a repository holds; its first push decides it for good. */
  public enum Kind {
    /** A git history, kept in packs. */
    GIT,
    /** A history of commits, snapshots and objects under their ids. */
    MUSE;

    /** The text in the column and on the wire. */
    public String column() {
      return name().toLowerCase(Locale.ROOT);
    }

    /** The kind that a column names; null for none. */
    public static @Nullable Kind ofColumn(@Nullable String text) {
      return text == null ? null : valueOf(text.toUpperCase(Locale.ROOT));
    }
  }
}
