package dev.sheaf.bundle.history;

import dev.sheaf.bundle.msgpack.PackedMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The refs of a git repository, carried in a bundle's {@code meta.git} and answered by {@code
 * /refs}.
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
   * @throws dev.sheaf.bundle.SheafException of kind INVALID when {@code git} is there but has
   *     another shape
   */
  public static @Nullable GitRefs from(PackedMap meta) {
    return dev.sheaf.bundle.Pending.value();
  }

  /** Reads the map that {@link #toMap} makes. */
  public static GitRefs fromMap(Map<?, ?> git) {
    return dev.sheaf.bundle.Pending.value();
  }

  /** The refs as {@link dev.sheaf.bundle.msgpack.Msgpack} values: the value of {@code meta.git}. */
  public Map<String, Object> toMap() {
    return dev.sheaf.bundle.Pending.value();
  }
}
