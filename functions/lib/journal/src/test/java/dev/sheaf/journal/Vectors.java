package dev.sheaf.journal;

import dev.sheaf.journal.json.Json;
import dev.sheaf.journal.json.JsonArray;
import dev.sheaf.journal.json.JsonObject;
import dev.sheaf.journal.json.JsonReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** The recorded buckets and tables in {@code src/test/resources/vectors}; see their README. */
final class Vectors {
  static final Path ROOT = Path.of("src/test/resources/vectors");

  private Vectors() {}

  /** The rows of a table. */
  static Stream<JsonObject> table(String name) {
    return array(read(ROOT.resolve("tables").resolve(name + ".json"))).stream()
        .map(JsonObject.class::cast);
  }

  static Json read(Path file) {
    try {
      return JsonReader.parse(Files.readAllBytes(file));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static List<Json> array(Json json) {
    return ((JsonArray) json).elements();
  }

  /** A member that must be there. */
  static Json member(JsonObject object, String name) {
    Json value = object.get(name);
    if (value == null) {
      throw new AssertionError("no member '" + name + "' in " + object);
    }
    return value;
  }

  static String text(JsonObject object, String name) {
    return ((Json.Text) member(object, name)).value();
  }

  static byte[] bytes(JsonObject object, String name) {
    return text(object, name).getBytes(StandardCharsets.UTF_8);
  }

  static boolean has(JsonObject object, String name) {
    Json value = object.get(name);
    return value != null && !value.equals(Json.NULL);
  }
}
