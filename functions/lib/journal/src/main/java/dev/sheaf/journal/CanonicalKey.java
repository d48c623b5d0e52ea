package dev.sheaf.journal;

import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.journal.json.Json;
import dev.sheaf.journal.json.JsonReader;
import dev.sheaf.journal.json.JsonSyntaxException;
import dev.sheaf.journal.json.JsonWriter;
import java.util.Optional;

/**
 * The text by which a set knows a member and a map its key: compact JSON, members sorted, escapes
 * included, so that {@code "<"} is the eight characters <code>"&#92;u003c"</code>.
 */
final class CanonicalKey {
  private CanonicalKey() {}

  /** The key of a value that came from a segment: such values are sorted already. */
  static String ofRead(Json value) {
    return value.toString();
  }

  /** The key of a value that a caller built, whose members may be in any order. */
  static String of(Json value) {
    String text = JsonWriter.text(value);
    if (value instanceof Json.Whole || value instanceof Json.Constant) {
      return text;
    }
    try {
      return JsonReader.parse(text).toString();
    } catch (JsonSyntaxException e) {
      throw new SheafException(
          ErrorKind.INVALID, "a key of a set or a map must be a JSON value, not " + text, e);
    }
  }

  /** The value behind a key; empty for a name that is no JSON, as an object scalar may have. */
  static Optional<Json> value(String key) {
    try {
      return Optional.of(JsonReader.parse(key));
    } catch (JsonSyntaxException e) {
      return Optional.empty();
    }
  }
}
