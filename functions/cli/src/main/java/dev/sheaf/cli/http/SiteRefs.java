package dev.sheaf.cli.http;

import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.RefName;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.cli.git.GitId;
import dev.sheaf.cli.git.Head;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The refs of a repository on a server.
 *
 * @param kind {@code git} or {@code muse}; null: nothing was pushed yet
 * @param head of a git repository; null when there is none yet
 * @param refs of a git repository, in git's order
 * @param defaultBranch the branch to show first; null when there is none yet
 * @param branchHeads branch to commit id, of a muse repository
 */
public record SiteRefs(
    @Nullable String kind,
    @Nullable Head head,
    SortedMap<RefName, GitId> refs,
    @Nullable String defaultBranch,
    Map<String, String> branchHeads) {
  /** Of a repository that is not there yet. */
  public static final SiteRefs NONE = new SiteRefs(null, null, new TreeMap<>(), null, Map.of());

  /** These and those of the next page. */
  SiteRefs and(SiteRefs more) {
    SortedMap<RefName, GitId> all = new TreeMap<>(refs);
    all.putAll(more.refs);
    Map<String, String> heads = new LinkedHashMap<>(branchHeads);
    heads.putAll(more.branchHeads);
    return new SiteRefs(kind, head, all, defaultBranch, heads);
  }

  /**
   * The same, if it is a repository of git's kind.
   *
   * @throws SheafException of kind INVALID when it is not
   */
  public SiteRefs requireGit(RemoteUrl url) {
    if ("muse".equals(kind)) {
      throw new SheafException(
          ErrorKind.INVALID,
          url
              + " is a repository of muse bundles, not of git; 'sheaf cat' and 'sheaf log' read it");
    }
    return this;
  }

  static SiteRefs of(Map<String, @Nullable Object> document) {
    SortedMap<RefName, GitId> refs = new TreeMap<>();
    for (Map<String, @Nullable Object> ref : AnswerFields.maps(document, "refs")) {
      refs.put(name(ref), new GitId(AnswerFields.text(ref, "target")));
    }
    return new SiteRefs(
        document.get("kind") instanceof String kind ? kind : null,
        document.get("head") instanceof Map<?, ?> head ? head(head) : null,
        refs,
        document.get("default_branch") instanceof String branch ? branch : null,
        AnswerFields.textMap(document, "branch_heads"));
  }

  private static @Nullable Head head(Map<?, ?> head) {
    if (head.get("detached") instanceof String id) {
      return new Head.Detached(new GitId(id));
    }
    RefName name =
        head.get("symref_b64") instanceof String base64
            ? RefName.ofBytes(decoded(base64))
            : head.get("symref") instanceof String text ? RefName.of(text) : null;
    if (name != null && !name.isBranch()) {
      throw new SheafException(
          ErrorKind.INVALID, "the server says that HEAD is " + name + ", which is no branch");
    }
    return name == null ? null : new Head.Branch(name);
  }

  /** The name in a document: text where it is UTF-8, else base64. */
  static RefName name(Map<String, @Nullable Object> document) {
    return document.get("name_b64") instanceof String base64
        ? RefName.ofBytes(decoded(base64))
        : RefName.of(AnswerFields.text(document, "name"));
  }

  private static byte[] decoded(String base64) {
    try {
      return Base64.getDecoder().decode(base64);
    } catch (IllegalArgumentException e) {
      throw new SheafException(
          ErrorKind.INVALID, "the server names a ref '" + base64 + "', which is not base64", e);
    }
  }

  static void putName(Map<String, @Nullable Object> document, String key, RefName name) {
    name.text()
        .ifPresentOrElse(
            text -> document.put(key, text), () -> document.put(key + "_b64", name.base64()));
  }
}
