package dev.sheaf.cli.http;

import dev.sheaf.bundle.RefName;
import dev.sheaf.cli.git.GitId;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One ref to be moved, made or deleted.
 *
 * @param old what it has to be now
 * @param target what it is to be; null: deleted
 * @param force whether it may move to what does not build on its present place
 */
public record RefUpdate(RefName name, Expected old, @Nullable GitId target, boolean force) {
  /** What a ref has to be before it moves. */
  public sealed interface Expected {
    /** Anything. */
    Expected ANYTHING = new Anything();

    /** Not there. */
    Expected NOTHING = new Nothing();

    /** This. */
    static Expected of(@Nullable GitId id) {
      return id == null ? NOTHING : new At(id);
    }
  }

  private record Anything() implements Expected {}

  private record Nothing() implements Expected {}

  private record At(GitId id) implements Expected {}

  Map<String, @Nullable Object> toMap() {
    Map<String, @Nullable Object> map = new LinkedHashMap<>();
    SiteRefs.putName(map, "name", name);
    switch (old) {
      case Anything _ -> {}
      case Nothing _ -> map.put("old", null);
      case At at -> map.put("old", at.id().hex());
    }
    map.put("new", target == null ? null : target.hex());
    if (force) {
      map.put("force", true);
    }
    return map;
  }
}
