package dev.sheaf.bundle.check;

import dev.sheaf.bundle.history.Commit;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What git itself says about the commits and tags that a bundle carries. */
final class GitCommitChecks {
  private final Map<String, String> sha1s = new HashMap<>();

  /** The SHA-1 that git gives to an object, in hex. */
  static String sha1(String type, byte[] content) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-1");
      ByteArrayOutputStream header = new ByteArrayOutputStream();
      header.writeBytes((type + " " + content.length + '\0').getBytes(StandardCharsets.UTF_8));
      digest.update(header.toByteArray());
      return HexFormat.of().formatHex(digest.digest(content));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-1", e);
    }
  }

  /** Notes a commit that others may name as a parent. */
  void add(String commitId, byte[] raw) {
    sha1s.put(commitId, sha1("commit", raw));
  }

  /** The SHA-1 of a commit of the bundle that was made from git; null for others. */
  @Nullable String sha1Of(String commitId) {
    return sha1s.get(commitId);
  }

  /** Whether the parents in the raw commit are those of the record, as far as they are known. */
  boolean parentsAgree(Commit commit, byte[] raw) {
    List<String> named = parents(raw);
    if (named.size() != commit.parentIds().size()) {
      return false;
    }
    for (int i = 0; i < named.size(); i++) {
      String known = sha1s.get(commit.parentIds().get(i));
      if (known != null && !known.equals(named.get(i))) {
        return false;
      }
    }
    return true;
  }

  /** The {@code parent} lines of a commit's header. */
  private static List<String> parents(byte[] raw) {
    String text = new String(raw, StandardCharsets.ISO_8859_1);
    int end = text.indexOf("\n\n");
    List<String> parents = new ArrayList<>();
    (end < 0 ? text : text.substring(0, end))
        .lines()
        .filter(line -> line.startsWith("parent "))
        .forEach(line -> parents.add(line.substring("parent ".length())));
    return parents;
  }
}
