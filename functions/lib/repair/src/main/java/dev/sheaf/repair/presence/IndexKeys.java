package dev.sheaf.repair.presence;

import dev.sheaf.bundle.ContentId;
import dev.sheaf.bundle.ObjectKeys;
import dev.sheaf.git.GitKeys;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Optional;

/**
 * The 32 bytes that stand for a key in an index: the id that names an object or a pack; of a bundle
 * and of a git repository's files, whose names are their own in each repository, the hash of the
 * key.
 */
final class IndexKeys {
  private static final int HEX = 2 * ContentId.LENGTH;

  private static final String MANIFEST = "/manifest.json";

  private IndexKeys() {}

  /** Empty for a key that the kind does not write: somebody else's. */
  static Optional<ContentId> of(Kind kind, String key) {
    return switch (kind) {
      case BUNDLE ->
          ObjectKeys.parseBundle(key) == null ? Optional.empty() : Optional.of(hash(key));
      case GIT ->
          GitKeys.parse(key) == null && !key.endsWith(MANIFEST)
              ? Optional.empty()
              : Optional.of(hash(key));
      case PACK -> named(key, Kind.PACK.prefix().length());
      case OBJECT -> named(key, Kind.OBJECT.prefix().length() + 3).filter(id -> isOwn(id, key));
    };
  }

  private static boolean isOwn(ContentId id, String key) {
    return key.regionMatches(Kind.OBJECT.prefix().length(), id.hex(), 0, 2);
  }

  private static Optional<ContentId> named(String key, int from) {
    if (key.length() != from + HEX || (from > 0 && key.charAt(from - 1) != '/')) {
      return Optional.empty();
    }
    byte[] bytes = new byte[ContentId.LENGTH];
    for (int i = 0; i < bytes.length; i++) {
      int high = digit(key.charAt(from + 2 * i));
      int low = digit(key.charAt(from + 2 * i + 1));
      if ((high | low) < 0) {
        return Optional.empty();
      }
      bytes[i] = (byte) (high << 4 | low);
    }
    return Optional.of(ContentId.ofBytes(bytes));
  }

  /** Lower case only: an alias would be a second key of one object. */
  private static int digit(char c) {
    if (c >= '0' && c <= '9') {
      return c - '0';
    }
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
  }

  private static ContentId hash(String key) {
    try {
      return ContentId.ofBytes(
          MessageDigest.getInstance("SHA-256").digest(key.getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
