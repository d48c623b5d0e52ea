package dev.sheaf.journal.json;

/** Numbers as texts. */
final class JsonNumbers {
  /** Digits of the longest texts that can be 64-bit integers, sign included. */
  private static final int LONGEST = 20;

  private JsonNumbers() {}

  /** The node for the text of a number: an integer if its decimal form is that very text. */
  static Json of(String text) {
    if (text.length() <= LONGEST && isInteger(text)) {
      try {
        long value = Long.parseLong(text);
        if (value != 0 || text.length() == 1) { // "-0" is not "0"
          return new Json.Whole(value);
        }
      } catch (NumberFormatException e) {
        return new Json.Literal(text); // nineteen digits, but more than 64 bits
      }
    }
    return new Json.Literal(text);
  }

  private static boolean isInteger(String text) {
    int first = text.startsWith("-") ? 1 : 0;
    for (int i = first; i < text.length(); i++) {
      if (text.charAt(i) < '0' || text.charAt(i) > '9') {
        return false;
      }
    }
    return text.length() > first;
  }
}
