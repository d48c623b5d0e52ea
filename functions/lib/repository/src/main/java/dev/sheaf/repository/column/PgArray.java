package dev.sheaf.repository.column;

import dev.sheaf.storage.catalog.EncodedSize;
import java.util.function.Function;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/**
 * Literals of Postgres arrays: how a column of a bulk write travels, as one text parameter that the
 * statement casts ({@code :sizes::bigint[]}) and unnests.
 */
public final class PgArray {
  private PgArray() {}

  /** An array of texts, some perhaps null. */
  public static <T> String texts(Iterable<T> rows, Function<? super T, @Nullable String> text) {
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
  public static String texts(Iterable<String> rows) {
    return texts(rows, text -> text);
  }

  /** An array of texts, some of which are null. */
  public static String nullableTexts(Iterable<@Nullable String> rows) {
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
  public static <T> String numbers(Iterable<T> rows, ToLongFunction<? super T> number) {
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
  public static long encodedBytes(@Nullable String text) {
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
