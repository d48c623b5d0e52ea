package dev.sheaf.api.http;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A path with named holes, as in {@code /{owner}/{repo}/jobs/{id}}; each hole is one segment.
 *
 * @param parts literal segments, and holes with their braces
 */
record PathTemplate(List<String> parts) {
  PathTemplate {
    parts = List.copyOf(parts);
  }

  static PathTemplate parse(String template) {
    return new PathTemplate(RequestPath.segments(template));
  }

  /** The values of the holes, if the path has this form. */
  Optional<Map<String, String>> match(List<String> path) {
    if (path.size() != parts.size()) {
      return Optional.empty();
    }
    Map<String, String> values = new HashMap<>();
    for (int i = 0; i < parts.size(); i++) {
      String part = parts.get(i);
      if (isHole(part)) {
        values.put(part.substring(1, part.length() - 1), path.get(i));
      } else if (!part.equals(path.get(i))) {
        return Optional.empty();
      }
    }
    return Optional.of(values);
  }

  private static boolean isHole(String part) {
    return part.startsWith("{") && part.endsWith("}");
  }

  @Override
  public String toString() {
    return "/" + String.join("/", parts);
  }
}
