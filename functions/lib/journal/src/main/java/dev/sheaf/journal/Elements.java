package dev.sheaf.journal;

import dev.sheaf.journal.json.Json;
import dev.sheaf.journal.json.JsonArray;
import java.util.ArrayList;
import java.util.List;

/** A list while operations append to it: an array that is shared, and what follows it. */
final class Elements implements Slot {
  private final JsonArray base;
  private final List<Json> tail = new ArrayList<>();

  Elements(JsonArray base) {
    this.base = base;
  }

  void append(Json value) {
    tail.add(value);
  }

  @Override
  public JsonArray toJson() {
    if (tail.isEmpty()) {
      return base;
    }
    List<Json> all = new ArrayList<>(base.elements().size() + tail.size());
    all.addAll(base.elements());
    all.addAll(tail);
    return new JsonArray(all);
  }
}
