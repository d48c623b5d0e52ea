package dev.sheaf.journal.json;

import java.util.List;

/**
 * A JSON value. Values never change, so they can be shared between a segment, a state and a caller.
 *
 * <p>{@code toString()} is the compact text that {@link JsonWriter} writes.
 */
public sealed interface Json
    permits Json.Constant, Json.Text, Json.Whole, Json.Literal, JsonArray, JsonObject {
  Json NULL = Constant.NULL;
  Json TRUE = Constant.TRUE;
  Json FALSE = Constant.FALSE;

  /** A string. A lone surrogate is written as U+FFFD. */
  static Json of(String text) {
    return new Text(text);
  }

  /** An integer. */
  static Json of(long number) {
    return new Whole(number);
  }

  /**
   * A floating-point number, in the fewest digits that read back as the same double: {@code 1.0} is
   * {@code 1}, {@code 1e21} is {@code 1e+21}. NaN and the infinities have no JSON text: a value
   * that holds one can be built, but not written to a journal.
   */
  static Json of(double number) {
    return DoubleText.of(number);
  }

  /** {@code true} or {@code false}. */
  static Json of(boolean truth) {
    return truth ? TRUE : FALSE;
  }

  /** An array of these values. */
  static Json array(Json... elements) {
    return new JsonArray(List.of(elements));
  }

  /** An empty object to which members are added in the order in which they shall be written. */
  static JsonObject.Builder object() {
    return new JsonObject.Builder();
  }

  /** {@code null}, {@code true} and {@code false}. */
  enum Constant implements Json {
    NULL,
    TRUE,
    FALSE;

    @Override
    public String toString() {
      return JsonWriter.text(this);
    }
  }

  /** A string. */
  record Text(String value) implements Json {
    @Override
    public String toString() {
      return JsonWriter.text(this);
    }
  }

  /** A number whose text is the decimal form of a 64-bit integer. */
  record Whole(long value) implements Json {
    @Override
    public String toString() {
      return Long.toString(value);
    }
  }

  /**
   * Every other number, kept as the text it was read with: {@code 1.50}, {@code 1E5}, {@code -0},
   * thirty digits.
   */
  record Literal(String text) implements Json {
    @Override
    public String toString() {
      return text;
    }
  }
}
