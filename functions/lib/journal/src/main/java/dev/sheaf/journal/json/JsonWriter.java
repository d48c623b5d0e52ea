package dev.sheaf.journal.json;

import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Arrays;

/** Writes compact JSON into a growing array of bytes. */
public final class JsonWriter {
  private static final byte[] HEX = "0123456789abcdef".getBytes(StandardCharsets.US_ASCII);

  /** How an ASCII character is written: 0 as it is, 'u' in hex, otherwise after a backslash. */
  private static final byte[] ESCAPES = escapes();

  /** As large as an array may be. */
  private static final int MOST = Integer.MAX_VALUE - 8;

  private byte[] bytes;
  private int length;

  public JsonWriter() {
    this(256);
  }

  /** A writer with room for this many bytes. */
  public JsonWriter(int room) {
    bytes = new byte[Math.max(16, room)];
  }

  /** The compact text of a value. */
  public static String text(Json value) {
    return new JsonWriter().value(value).toString();
  }

  /** Writes punctuation or any other ASCII text as it is. */
  public JsonWriter raw(String ascii) {
    room(ascii.length());
    for (int i = 0; i < ascii.length(); i++) {
      bytes[length++] = (byte) ascii.charAt(i);
    }
    return this;
  }

  /** Writes bytes that are JSON already. */
  public JsonWriter raw(byte[] json) {
    room(json.length);
    System.arraycopy(json, 0, bytes, length, json.length);
    length += json.length;
    return this;
  }

  /** Writes a value. No recursion: values may be nested as deeply as memory allows. */
  public JsonWriter value(Json value) {
    ArrayDeque<Open> open = new ArrayDeque<>();
    begin(value, open);
    while (!open.isEmpty()) {
      Open top = open.peek();
      if (top.next == top.size()) {
        raw(top.closing());
        open.pop();
      } else {
        begin(step(top), open);
      }
    }
    return this;
  }

  private Json step(Open top) {
    if (top.next > 0) {
      raw(",");
    }
    int index = top.next++;
    return switch (top.container) {
      case JsonObject object -> {
        string(object.name(index)).raw(":");
        yield object.value(index);
      }
      case JsonArray array -> array.elements().get(index);
      case Json other -> throw new IllegalStateException("no container: " + other);
    };
  }

  private void begin(Json value, ArrayDeque<Open> open) {
    switch (value) {
      case Json.Text text -> string(text.value());
      case Json.Whole whole -> number(whole.value());
      case Json.Literal literal -> raw(literal.text());
      case Json.Constant constant ->
          raw(
              switch (constant) {
                case NULL -> "null";
                case TRUE -> "true";
                case FALSE -> "false";
              });
      case JsonObject object -> {
        raw("{");
        open.push(new Open(object));
      }
      case JsonArray array -> {
        raw("[");
        open.push(new Open(array));
      }
    }
  }

  /** Writes an integer. */
  public JsonWriter number(long number) {
    return raw(Long.toString(number));
  }

  /** Writes a string in quotes. */
  public JsonWriter string(String text) {
    room(text.length() + 2);
    bytes[length++] = '"';
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c < 0x80) {
        ascii(c);
      } else if (Character.isSurrogate(c)) {
        i += surrogate(text, i);
      } else {
        codePoint(c);
      }
    }
    room(1);
    bytes[length++] = '"';
    return this;
  }

  private void ascii(char c) {
    byte escape = ESCAPES[c];
    if (escape == 0) {
      room(1);
      bytes[length++] = (byte) c;
    } else if (escape == 'u') {
      unicodeEscape(c);
    } else {
      room(2);
      bytes[length++] = '\\';
      bytes[length++] = escape;
    }
  }

  /** Writes a pair as one code point and a lone one as U+FFFD; returns the extra units taken. */
  private int surrogate(String text, int at) {
    int point = text.codePointAt(at);
    if (Character.isSupplementaryCodePoint(point)) {
      room(4);
      bytes[length++] = (byte) (0xf0 | (point >> 18));
      bytes[length++] = (byte) (0x80 | ((point >> 12) & 0x3f));
      bytes[length++] = (byte) (0x80 | ((point >> 6) & 0x3f));
      bytes[length++] = (byte) (0x80 | (point & 0x3f));
      return 1;
    }
    unicodeEscape('\ufffd');
    return 0;
  }

  private void codePoint(char c) {
    if (c == '\u2028' || c == '\u2029') { // line ends to JavaScript
      unicodeEscape(c);
    } else if (c < 0x800) {
      room(2);
      bytes[length++] = (byte) (0xc0 | (c >> 6));
      bytes[length++] = (byte) (0x80 | (c & 0x3f));
    } else {
      room(3);
      bytes[length++] = (byte) (0xe0 | (c >> 12));
      bytes[length++] = (byte) (0x80 | ((c >> 6) & 0x3f));
      bytes[length++] = (byte) (0x80 | (c & 0x3f));
    }
  }

  private void unicodeEscape(char c) {
    room(6);
    bytes[length++] = '\\';
    bytes[length++] = 'u';
    for (int shift = 12; shift >= 0; shift -= 4) {
      bytes[length++] = HEX[(c >> shift) & 0xf];
    }
  }

  private static byte[] escapes() {
    byte[] escapes = new byte[0x80];
    Arrays.fill(escapes, 0, 0x20, (byte) 'u');
    for (char c : "<>&".toCharArray()) { // safe inside HTML, and part of map keys
      escapes[c] = 'u';
    }
    escapes['"'] = '"';
    escapes['\\'] = '\\';
    escapes['\b'] = 'b';
    escapes['\f'] = 'f';
    escapes['\n'] = 'n';
    escapes['\r'] = 'r';
    escapes['\t'] = 't';
    return escapes;
  }

  private void room(int more) {
    long least = (long) length + more;
    if (least > MOST) {
      throw new IllegalStateException("a JSON text must stay below 2 GiB; this is one too large");
    }
    if (least > bytes.length) {
      long wanted = Math.max(least, length + (length >> 1) + 64L); // half as much again
      bytes = Arrays.copyOf(bytes, (int) Math.min(wanted, MOST));
    }
  }

  /** What was written. */
  public byte[] toBytes() {
    return Arrays.copyOf(bytes, length);
  }

  @Override
  public String toString() {
    return new String(bytes, 0, length, StandardCharsets.UTF_8);
  }

  /** A container that is being written. */
  private static final class Open {
    final Json container;
    int next;

    Open(Json container) {
      this.container = container;
    }

    int size() {
      return container instanceof JsonObject object
          ? object.size()
          : ((JsonArray) container).elements().size();
    }

    String closing() {
      return container instanceof JsonObject ? "}" : "]";
    }
  }
}
