package dev.sheaf.journal;

import dev.sheaf.journal.json.Json;
import dev.sheaf.journal.json.JsonArray;
import dev.sheaf.journal.json.JsonObject;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Map keys as the original's entry queries print them: {@code <nil>}, {@code map[a:1 b:2]}. */
final class GoText {
  private GoText() {}

  static Json entries(JsonObject entries) {
    JsonObject.Builder printed = Json.object();
    for (int i = 0; i < entries.size(); i++) {
      String name = entries.name(i);
      printed.put(CanonicalKey.value(name).map(GoText::of).orElse(name), entries.value(i));
    }
    return JsonObjects.sorted(printed.build());
  }

  private static String of(Json value) {
    return switch (value) {
      case Json.Text(String text) -> text;
      case Json.Constant constant when constant.equals(Json.NULL) -> "<nil>";
      case JsonArray array ->
          array.elements().stream().map(GoText::of).collect(Collectors.joining(" ", "[", "]"));
      case JsonObject object ->
          IntStream.range(0, object.size())
              .mapToObj(i -> object.name(i) + ":" + of(object.value(i)))
              .collect(Collectors.joining(" ", "map[", "]"));
      default -> value.toString();
    };
  }
}
