package dev.sheaf.journal;

import dev.sheaf.journal.json.JsonObject;
import dev.sheaf.journal.json.JsonReader;

/** Objects as they come back from a store. */
final class JsonObjects {
  private JsonObjects() {}

  static JsonObject sorted(JsonObject built) {
    return (JsonObject) JsonReader.parse(built.toString());
  }
}
