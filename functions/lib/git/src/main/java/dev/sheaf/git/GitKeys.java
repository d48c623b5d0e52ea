package dev.sheaf.git;

import dev.sheaf.bundle.ContentId;
import org.jspecify.annotations.Nullable;

/**
 * Every key below {@code git/}. A pack is named by the SHA-256 of its bytes; what is derived from
 * it stands beside it under the same name.
 */
public final class GitKeys {
  /** Where packs live: {@code git/<owner>/<repo>/<sha256>.pack}. */
  public static final String GIT = "git/";

  private static final String MANIFEST = "manifest.json";

  private GitKeys() {}

  /** A kind of file that a pack consists of. */
  public enum Part {
    /** The pack itself: the truth. */
    PACK("pack"),
    /** Its index, version 2, as {@code git index-pack} writes it. */
    INDEX("idx"),
    /** Which objects each of its chosen commits reaches. */
    BITMAP("bitmap");

    private final String extension;

    Part(String extension) {
      this.extension = extension;
    }
  }

  /** What the keys of a repository's packs begin with. */
  public static String of(RepoPath repo) {
    return GIT + repo + "/";
  }

  /** The key of a pack or of something derived from it. */
  public static String key(RepoPath repo, ContentId pack, Part part) {
    return of(repo) + pack.hex() + "." + part.extension;
  }

  /** The key of what is known of a repository without the catalog: its refs and its packs. */
  public static String manifest(RepoPath repo) {
    return of(repo) + MANIFEST;
  }

  /**
   * A stored file's place.
   *
   * @param pack the SHA-256 that names the pack
   */
  public record PackKey(RepoPath repo, ContentId pack, Part part) {}

  /** Takes a key apart; null when it is not one that {@link #key} writes. */
  public static @Nullable PackKey parse(String key) {
    String[] segments = key.split("/", -1);
    if (segments.length != 4 || !key.startsWith(GIT)) {
      return null;
    }
    for (Part part : Part.values()) {
      String end = "." + part.extension;
      if (segments[3].matches("[0-9a-f]{64}\\" + end)) {
        return packKey(segments, segments[3].substring(0, 2 * ContentId.LENGTH), part);
      }
    }
    return null;
  }

  private static @Nullable PackKey packKey(String[] segments, String pack, Part part) {
    try {
      return new PackKey(new RepoPath(segments[1], segments[2]), ContentId.parse(pack), part);
    } catch (IllegalArgumentException e) {
      return null;
    }
  }
}
