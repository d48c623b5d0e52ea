package dev.sheaf.bundle.history;

import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.bundle.msgpack.PackedMap;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The refs of a git repository, carried in a bundle's {@code meta.git} and answered by {@code
 * /refs}: {@code {"head": name, "refs": {name: {"target", "commit", "tags"}}}}.
 *
 * @param head what HEAD points to, such as {@code refs/heads/main}; null when detached or unknown
 * @param refs full ref name ({@code refs/heads/x}, {@code refs/tags/v}) to where it points
 */
public record GitRefs(@Nullable String head, Map<String, GitRef> refs) {
  /**
   * Where one ref points.
   *
   * @param target SHA-1 in hex of the commit, or of the outermost tag object
   * @param commit id of the commit that is reached after peeling
   * @param tags raw content of the annotated tag objects on the way, outermost first
   */
  public record GitRef(String target, String commit, List<byte[]> tags) {}

  /**
   * The refs in a bundle's meta; null when it has none.
   *
   * @throws SheafException of kind INVALID when {@code git} is there but has another shape
   */
  public static @Nullable GitRefs from(PackedMap meta) {
    return switch (meta.get("git")) {
      case null -> null;
      case Map<?, ?> git -> fromMap(git);
      default -> throw malformed("git is no map");
    };
  }

  /**
   * Reads the map that {@link #toMap} makes; unknown keys are ignored.
   *
   * @throws SheafException of kind INVALID when it has another shape
   */
  public static GitRefs fromMap(Map<?, ?> git) {
    Map<String, GitRef> refs = new LinkedHashMap<>();
    Object given = git.get("refs");
    if (given instanceof Map<?, ?> map) {
      map.forEach((name, ref) -> refs.put(text(name, "the name of a ref"), ref(name, ref)));
    } else if (given != null) {
      throw malformed("refs is no map");
    }
    Object head = git.get("head");
    return new GitRefs(head == null ? null : text(head, "head"), refs);
  }

  /** The refs as {@link dev.sheaf.bundle.msgpack.Msgpack} values: the value of {@code meta.git}. */
  public Map<String, Object> toMap() {
    Map<String, Object> map = new LinkedHashMap<>();
    if (head != null) {
      map.put("head", head);
    }
    Map<String, Object> refMaps = new LinkedHashMap<>();
    refs.forEach((name, ref) -> refMaps.put(name, toMap(ref)));
    map.put("refs", refMaps);
    return map;
  }

  private static Map<String, Object> toMap(GitRef ref) {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("target", ref.target());
    map.put("commit", ref.commit());
    if (!ref.tags().isEmpty()) {
      map.put("tags", ref.tags());
    }
    return map;
  }

  private static GitRef ref(Object name, @Nullable Object value) {
    if (!(value instanceof Map<?, ?> ref)) {
      throw malformed(name + " is no map");
    }
    return new GitRef(
        text(ref.get("target"), name + " target"),
        text(ref.get("commit"), name + " commit"),
        tags(name, ref.get("tags")));
  }

  private static List<byte[]> tags(Object name, @Nullable Object value) {
    List<byte[]> tags = new ArrayList<>();
    if (value instanceof List<?> list) {
      for (Object tag : list) {
        if (!(tag instanceof byte[] bytes)) {
          throw malformed(name + " has a tag that is not binary");
        }
        tags.add(bytes);
      }
    } else if (value != null) {
      throw malformed(name + " tags is no list");
    }
    return tags;
  }

  private static String text(@Nullable Object value, String what) {
    if (value instanceof String text) {
      return text;
    }
    throw malformed(what + " is no text");
  }

  private static SheafException malformed(String problem) {
    return new SheafException(
        ErrorKind.INVALID, "meta.git: " + problem + "; make the bundle again with sheaf push");
  }
}
