package dev.sheaf.journal.json;

import java.util.List;

/** An array. */
public final class JsonArray implements Json {
  /** {@code []}. */
  public static final JsonArray EMPTY = new JsonArray(List.of());

  private final List<Json> elements;

  /** An array of these elements, which are copied. */
  public JsonArray(List<Json> elements) {
    this.elements = List.copyOf(elements);
  }

  /** The elements in order. */
  public List<Json> elements() {
    return elements;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof JsonArray that && elements.equals(that.elements);
  }

  @Override
  public int hashCode() {
    return elements.hashCode();
  }

  @Override
  public String toString() {
    return JsonWriter.text(this);
  }
}
