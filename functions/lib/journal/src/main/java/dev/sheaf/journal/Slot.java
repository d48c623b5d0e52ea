package dev.sheaf.journal;

import dev.sheaf.journal.json.Json;

/** What a state holds under one key. */
sealed interface Slot permits Slot.Plain, Members, Elements {
  /** The value as it stands in a rollup. */
  Json toJson();

  /** A value that no operation has changed from inside. */
  record Plain(Json toJson) implements Slot {}
}
