package dev.sheaf.journal;

import dev.sheaf.journal.json.Json;
import dev.sheaf.journal.json.JsonObject;
import dev.sheaf.journal.json.Utf8Order;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
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
    if (changes.isEmpty()) {
      return base;
    }
    List<String> changed = new ArrayList<>(changes.keySet());
    changed.sort(Utf8Order.INSTANCE);
    List<String> names = new ArrayList<>(base.size() + changed.size());
    List<Json> values = new ArrayList<>(base.size() + changed.size());
    int next = 0;
    for (String name : changed) {
      while (next < base.size() && Utf8Order.INSTANCE.compare(base.name(next), name) < 0) {
        names.add(base.name(next));
        values.add(base.value(next++));
      }
      if (next < base.size() && base.name(next).equals(name)) {
        next++;
      }
      Json value = changes.get(name);
      if (value != null) {
        names.add(name);
        values.add(value);
      }
    }
    for (; next < base.size(); next++) {
      names.add(base.name(next));
      values.add(base.value(next));
    }
    return JsonObject.ofSorted(names, values);
  }
}
