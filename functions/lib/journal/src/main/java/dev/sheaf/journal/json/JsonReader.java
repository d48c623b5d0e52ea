package dev.sheaf.journal.json;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Reads one JSON document strictly: no blanks but the four of the standard, no byte-order mark, no
 * comments, nothing after the value, at most {@value #MAX_DEPTH} levels. Numbers keep their text.
 * Bytes inside strings that are not UTF-8 become U+FFFD, one for each, as do lone surrogates.
 *
 * <p>{@link #parse} takes a whole document. An envelope whose members matter in the order in which
 * they were written is walked instead: {@link #beginObject}, {@link #nextName} until null, {@link
 * #beginArray}, {@link #nextElement} until false, {@link #value} for what lies inside, {@link
 * #end}.
 *
 * <p>Every method throws {@link JsonSyntaxException} on other input.
 */
public final class JsonReader {
  /** Deepest nesting that any replica reads; a body that is deeper would stop them all. */
  public static final int MAX_DEPTH = 10_000;

  private final byte[] bytes;
  private int at;
  private int depth;
  private boolean fresh; // the innermost container has had no member yet

  public JsonReader(byte[] bytes) {
    this.bytes = bytes;
  }

  /** The value of a whole document. */
  public static Json parse(byte[] document) {
    JsonReader reader = new JsonReader(document);
    Json value = reader.value();
    reader.end();
    return value;
  }

  /** The value of a whole document. */
  public static Json parse(String document) {
    return parse(document.getBytes(StandardCharsets.UTF_8));
  }

  /** Whether the next value is an object. */
  public boolean atObject() {
    return peek() == '{';
  }

  /** Whether the next value is an array. */
  public boolean atArray() {
    return peek() == '[';
  }

  /** Enters an object. */
  public void beginObject() {
    open('{');
  }

  /** Enters an array. */
  public void beginArray() {
    open('[');
  }

  /** The name of the next member, or null when the object has ended, which it leaves. */
  public @Nullable String nextName() {
    if (atEnd('}')) {
      return null;
    }
    return name();
  }

  /** Whether another element follows; otherwise the array has ended, and is left. */
  public boolean nextElement() {
    return !atEnd(']');
  }

  /** Checks that nothing but blanks is left. */
  public void end() {
    if (peek() != -1) {
      throw unexpected("the end of the text");
    }
  }

  /** Reads the next value, whatever it is. No recursion: depth costs heap, not stack. */
  public Json value() {
    JsonFrame top = null;
    while (true) {
      Json value;
      int c = peek();
      if (c == '{' || c == '[') {
        open((char) c);
        if (!closes(c)) {
          top = new JsonFrame(top, c == '{');
          nameInto(top);
          continue;
        }
        value = c == '{' ? JsonObject.EMPTY : JsonArray.EMPTY;
      } else {
        value = scalar(c);
      }
      while (top != null && !attach(top, value)) {
        value = top.finish();
        top = top.parent();
      }
      if (top == null) {
        fresh = false;
        return value;
      }
    }
  }

  /** Adds a value to its container; whether another one follows there. */
  private boolean attach(JsonFrame top, Json value) {
    top.add(value);
    int c = peek();
    if (c == ',') {
      at++;
      nameInto(top);
      return true;
    }
    if (!closes(top.isObject() ? '{' : '[')) {
      throw unexpected("',' or the end of the " + (top.isObject() ? "object" : "array"));
    }
    return false;
  }

  private void nameInto(JsonFrame frame) {
    if (frame.isObject()) {
      frame.name(name());
    }
  }

  private void open(char bracket) {
    expect(bracket);
    if (++depth > MAX_DEPTH) {
      throw new JsonSyntaxException("nested more than " + MAX_DEPTH + " levels deep");
    }
    fresh = true;
  }

  /** Consumes the bracket that closes this one, if it is next. */
  private boolean closes(int opening) {
    if (peek() != (opening == '{' ? '}' : ']')) {
      return false;
    }
    at++;
    depth--;
    fresh = false;
    return true;
  }

  private boolean atEnd(char closing) {
    if (closes(closing == '}' ? '{' : '[')) {
      return true;
    }
    if (!fresh) {
      expect(',');
    }
    fresh = false;
    return false;
  }

  private String name() {
    if (peek() != '"') {
      throw unexpected("a name in quotes");
    }
    String name = string();
    expect(':');
    return name;
  }

  private Json scalar(int c) {
    return switch (c) {
      case '"' -> new Json.Text(string());
      case 't' -> word("true", Json.TRUE);
      case 'f' -> word("false", Json.FALSE);
      case 'n' -> word("null", Json.NULL);
      default -> number();
    };
  }

  private Json word(String word, Json value) {
    for (int i = 0; i < word.length(); i++, at++) {
      if (at >= bytes.length || bytes[at] != word.charAt(i)) {
        throw unexpected("'" + word + "'");
      }
    }
    return value;
  }

  private Json number() {
    int start = at;
    if (here() == '-') {
      at++;
    }
    if (here() == '0') {
      at++;
    } else {
      digits();
    }
    if (here() == '.') {
      at++;
      digits();
    }
    if (here() == 'e' || here() == 'E') {
      at++;
      if (here() == '+' || here() == '-') {
        at++;
      }
      digits();
    }
    return JsonNumbers.of(new String(bytes, start, at - start, StandardCharsets.ISO_8859_1));
  }

  private void digits() {
    int start = at;
    while (here() >= '0' && here() <= '9') {
      at++;
    }
    if (at == start) {
      throw unexpected("a value");
    }
  }

  private String string() {
    JsonStrings strings = new JsonStrings(bytes, at + 1);
    String text = strings.read();
    at = strings.position();
    return text;
  }

  private void expect(char c) {
    if (peek() != c) {
      throw unexpected("'" + c + "'");
    }
    at++;
  }

  /** The next byte that is no blank, or -1 at the end. */
  private int peek() {
    while (at < bytes.length) {
      byte c = bytes[at];
      if (c != ' ' && c != '\n' && c != '\r' && c != '\t') {
        return c & 0xff;
      }
      at++;
    }
    return -1;
  }

  private int here() {
    return at < bytes.length ? bytes[at] & 0xff : -1;
  }

  private JsonSyntaxException unexpected(String wanted) {
    String found =
        at >= bytes.length ? "the text ends" : String.format("found byte 0x%02x", bytes[at]);
    return new JsonSyntaxException("at byte " + at + ": " + found + ", expected " + wanted);
  }

  /** A container that is being read. */
  private static final class JsonFrame {
    private final @Nullable JsonFrame parent;
    private final boolean object;
    private final List<String> names = new ArrayList<>();
    private final List<Json> values = new ArrayList<>();
    private boolean ascending = true;

    JsonFrame(@Nullable JsonFrame parent, boolean object) {
      this.parent = parent;
      this.object = object;
    }

    @Nullable JsonFrame parent() {
      return parent;
    }

    boolean isObject() {
      return object;
    }

    void name(String name) {
      ascending =
          ascending && (names.isEmpty() || Utf8Order.INSTANCE.compare(names.getLast(), name) < 0);
      names.add(name);
    }

    void add(Json value) {
      values.add(value);
    }

    Json finish() {
      if (!object) {
        return new JsonArray(values);
      }
      return ascending ? JsonObject.ofSorted(names, values) : JsonObject.sorting(names, values);
    }
  }
}
