package dev.sheaf.bundle.history;

import dev.sheaf.bundle.Content;
import dev.sheaf.bundle.ContentId;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How ids are made (bundle.md section 2). Writers and verification use this; a server takes the ids
 * that it is given.
 */
public final class Ids {
  private static final char NUL = '\0';

  private Ids() {}

  /** A new SHA-256, for those who hash as they stream. */
  public static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  /** The id of an object: SHA-256 of its bytes. */
  public static ContentId object(byte[] content) {
    return ContentId.ofBytes(sha256().digest(content));
  }

  /** The id of an object: SHA-256 of its bytes. */
  public static ContentId object(Content content) throws IOException {
    MessageDigest digest = sha256();
    byte[] buffer = new byte[1 << 16];
    try (InputStream in = content.open()) {
      for (int got = in.read(buffer); got >= 0; got = in.read(buffer)) {
        digest.update(buffer, 0, got);
      }
    }
    return ContentId.ofBytes(digest.digest());
  }

  /**
   * The id of a snapshot: SHA-256 over the NUL-joined strings {@code path NUL object_id}, in code
   * point order.
   */
  public static String snapshot(Manifest manifest, IdDialect dialect) {
    List<String> parts = new ArrayList<>(manifest.objects().size());
    manifest.objects().forEach((path, id) -> parts.add(path + NUL + dialect.write(id)));
    parts.sort(CodePointOrder.INSTANCE);
    return dialect.write(joined(parts));
  }

  /**
   * The id of a commit: sorted parents, snapshot, message and time; the author is no part of it.
   */
  public static String commit(
      Collection<String> parentIds,
      @Nullable String snapshotId,
      String message,
      String committedAt,
      IdDialect dialect) {
    List<String> parents = new ArrayList<>(parentIds);
    parents.sort(CodePointOrder.INSTANCE);
    return dialect.write(
        joined(
            List.of(
                String.join("\0", parents),
                snapshotId == null ? "" : snapshotId,
                message,
                committedAt)));
  }

  /** The SHA-256 of the parts in UTF-8 with a NUL between each two. */
  private static ContentId joined(List<String> parts) {
    MessageDigest digest = sha256();
    boolean first = true;
    for (String part : parts) {
      if (!first) {
        digest.update((byte) NUL);
      }
      first = false;
      digest.update(part.getBytes(StandardCharsets.UTF_8));
    }
    return ContentId.ofBytes(digest.digest());
  }
}
