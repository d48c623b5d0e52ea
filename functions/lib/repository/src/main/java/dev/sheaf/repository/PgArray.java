package dev.sheaf.repository;

import dev.sheaf.storage.catalog.EncodedSize;
import java.util.function.Function;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/**
 * Literals of Postgres arrays: how a column of a bulk write travels, as one text parameter that the
 * statement casts ({@code :sizes::bigint[]}) and unnests.
 */
final class PgArray {
  private PgArray() {}

  /** An array of texts, some perhaps null. */
  static <T> String texts(Iterable<T> rows, Function<? super T, @Nullable String> text) {
    StringBuilder literal = new StringBuilder("{");
    for (T row : rows) {
      if (literal.length() > 1) {
        literal.append(',');
      }
      append(text.apply(row), literal);
    }
    return literal.append('}').toString();
  }

  /** An array of texts. */
  static String texts(Iterable<String> rows) {
    return texts(rows, text -> text);
  }

  /** An array of texts, some of which are null. */
  static String nullableTexts(Iterable<@Nullable String> rows) {
    StringBuilder literal = new StringBuilder("{");
    for (@Nullable String row : rows) {
      if (literal.length() > 1) {
        literal.append(',');
      }
      append(row, literal);
    }
    return literal.append('}').toString();
  }

  /** An array of integers. */
  static <T> String numbers(Iterable<T> rows, ToLongFunction<? super T> number) {
    StringBuilder literal = new StringBuilder("{");
    for (T row : rows) {
      if (literal.length() > 1) {
        literal.append(',');
      }
      literal.append(number.applyAsLong(row));
    }
    return literal.append('}').toString();
  }

  /** What an element takes in a request, comma included. */
  static long encodedBytes(@Nullable String text) {
    StringBuilder element = new StringBuilder();
    append(text, element);
    return EncodedSize.ofText(element.toString()) + 1;
  }

  private static void append(@Nullable String text, StringBuilder literal) {
    if (text == null) {
      literal.append("NULL");
      return;
    }
    literal.append('"');
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '"' || c == '\\') {
        literal.append('\\');
      }
      literal.append(c);
    }
    literal.append('"');
  }
}
