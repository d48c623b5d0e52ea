package dev.sheaf.journal;

import dev.sheaf.journal.json.Json;
import dev.sheaf.journal.json.JsonObject;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A set or a map while operations change it: an object that is shared and never touched, and the
 * differences to it. So a replay costs what it replays, however large the rollup below it is.
 */
final class Members implements Slot {
  private final JsonObject base;
  private final Map<String, @Nullable Json> changes = new HashMap<>();

  Members(JsonObject base) {
    this.base = base;
  }

  /** The value of a canonical key, or null. */
  @Nullable Json get(String name) {
    Json changed = changes.get(name);
    return changed != null || changes.containsKey(name) ? changed : base.get(name);
  }

  void put(String name, Json value) {
    changes.put(name, value);
  }

  void remove(String name) {
    if (base.get(name) == null) {
      changes.remove(name);
    } else {
      changes.put(name, null);
    }
  }

  @Override
  public JsonObject toJson() {
    return changes.isEmpty() ? base : base.with(changes);
  }
}
