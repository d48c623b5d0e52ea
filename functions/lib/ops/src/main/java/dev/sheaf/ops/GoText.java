package dev.sheaf.ops;

/**
 * JSON as Postgres prints it, brought into the form that Go's encoder gives: without blanks, and
 * inside texts {@code < > &} and U+2028 and U+2029 escaped, so that it can stand inside HTML.
 */
final class GoText {
  /**
   * So many bytes go into one row of an answer, and one record more, whatever its length: both
   * together keep below the 64 KB of a row.
   */
  static final int BYTES_A_ROW = 10_000;

  private GoText() {}

  /**
   * An expression in SQL whose text has no character left that Go escapes: they stand nowhere but
   * inside texts. Done there, so that the bytes of a page are counted as they will be sent.
   */
  static String escaped(String expression) {
    String sql = expression.strip();
    for (char c : new char[] {'<', '>', '&', '\u2028', '\u2029'}) {
      sql = "replace(%s, U&'\\%04x', '\\u%04x')".formatted(sql, (int) c, (int) c);
    }
    return sql;
  }

  /** The same JSON without the blanks between its values. */
  static String compact(String json) {
    StringBuilder out = new StringBuilder(json.length());
    boolean isInText = false;
    int from = 0;
    for (int i = 0; i < json.length(); i++) {
      char c = json.charAt(i);
      if (c == '\\') {
        i++;
      } else if (c == '"') {
        isInText = !isInText;
      } else if (c == ' ' && !isInText) {
        out.append(json, from, i);
        from = i + 1;
      }
    }
    return out.append(json, from, json.length()).toString();
  }
}
