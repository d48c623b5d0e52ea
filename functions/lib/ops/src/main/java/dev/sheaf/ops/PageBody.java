package dev.sheaf.ops;

import com.fasterxml.jackson.databind.node.TextNode;
import dev.sheaf.bundle.Content;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * A JSON array of ops and a line's end. JSON comes in as Postgres prints it, and goes out in the
 * form that Go's encoder gives: without blanks, and inside texts {@code < > &} and U+2028 and
 * U+2029 escaped, so that it can stand inside HTML.
 */
public final class PageBody {
  /**
   * So many bytes go into one row of an answer of the catalog, and one record more, whatever its
   * length: both together keep below the 64 KB of a row.
   */
  static final int BYTES_A_ROW = 10_000;

  /** The length of one without ops. */
  static final int BEGIN = 1;

  /** What a byte may become: an escape has six. */
  private static final int MOST_GROWTH = 6;

  private static final byte[] ULID = ascii("{\"ulid\":\"");
  private static final byte[] HOST = ascii("\",\"host\":");
  private static final byte[] ACTION = ascii(",\"action\":\"");
  private static final byte[] TABLE = ascii("\",\"table\":\"");
  private static final byte[] DATA = ascii("\",\"data\":");
  private static final byte[] REST = ascii(",\"transient\":false}");

  /** What all ops have in common. */
  private static final int ENVELOPE =
      ULID.length + HOST.length + ACTION.length + TABLE.length + DATA.length + REST.length;

  private static final byte[] HEX = "0123456789abcdef".getBytes(StandardCharsets.US_ASCII);

  private byte[] bytes = new byte[1 << 12];
  private int size;

  /** The host of the op before, and the same as JSON: mostly it is that of the next one too. */
  private byte[] host = {};

  private byte[] hostAsJson = {};

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  PageBody() {
    bytes[size++] = '[';
  }

  /**
   * Adds ops at the end.
   *
   * @param json one or several, separated by commas
   */
  void add(String json) {
    byte[] in = json.getBytes(StandardCharsets.UTF_8);
    reserve(1L + MOST_GROWTH * (long) in.length);
    comma();
    write(in, 0, in.length);
  }

  /**
   * Adds ops at the end.
   *
   * @param lines one or several, one a line: ulid, host, action and table, words that end with a
   *     blank and of which only the host can need to be escaped, and the data as Postgres prints it
   */
  void addOps(String lines) {
    byte[] in = lines.getBytes(StandardCharsets.UTF_8);
    int from = 0;
    while (from < in.length) {
      int to = end(in, from, '\n');
      reserve(1L + ENVELOPE + MOST_GROWTH * (long) (to - from));
      comma();
      addOp(in, from, to);
      from = to + 1;
    }
  }

  private void addOp(byte[] in, int from, int to) {
    int afterUlid = end(in, from, ' ');
    int afterHost = end(in, afterUlid + 1, ' ');
    int afterAction = end(in, afterHost + 1, ' ');
    int afterTable = end(in, afterAction + 1, ' ');
    put(ULID);
    put(in, from, afterUlid);
    put(HOST);
    putHost(in, afterUlid + 1, afterHost);
    put(ACTION);
    put(in, afterHost + 1, afterAction);
    put(TABLE);
    put(in, afterAction + 1, afterTable);
    put(DATA);
    write(in, afterTable + 1, to);
    put(REST);
  }

  private void putHost(byte[] in, int from, int to) {
    if (!Arrays.equals(in, from, to, host, 0, host.length)) {
      host = Arrays.copyOfRange(in, from, to);
      hostAsJson =
          OpJson.text(TextNode.valueOf(new String(host, StandardCharsets.UTF_8)))
              .getBytes(StandardCharsets.UTF_8);
    }
    put(hostAsJson);
  }

  private static int end(byte[] in, int from, char delimiter) {
    int at = from;
    while (at < in.length && in[at] != delimiter) {
      at++;
    }
    return at;
  }

  private void reserve(long more) {
    int most = Math.toIntExact(size + more);
    if (most > bytes.length) {
      bytes = Arrays.copyOf(bytes, Math.max(most, 2 * bytes.length));
    }
  }

  private void comma() {
    if (size > BEGIN) {
      bytes[size++] = ',';
    }
  }

  private void put(byte[] part) {
    put(part, 0, part.length);
  }

  private void put(byte[] in, int from, int to) {
    System.arraycopy(in, from, bytes, size, to - from);
    size += to - from;
  }

  private void write(byte[] json, int from, int to) {
    boolean isInText = false;
    for (int i = from; i < to; i++) {
      byte c = json[i];
      switch (c) {
        case '"' -> {
          isInText = !isInText;
          bytes[size++] = c;
        }
        case '\\' -> {
          bytes[size++] = c;
          bytes[size++] = json[++i];
        }
        case ' ' -> {
          if (isInText) {
            bytes[size++] = c;
          }
        }
        // They stand nowhere but inside texts.
        case '<', '>', '&' -> escape(c);
        case (byte) 0xe2 -> {
          if (isSeparator(json, i)) {
            escape(0x2000 | (json[i + 2] & 0x3f));
            i += 2;
          } else {
            bytes[size++] = c;
          }
        }
        default -> bytes[size++] = c;
      }
    }
  }

  /** Whether U+2028 or U+2029 begins there. */
  private static boolean isSeparator(byte[] json, int at) {
    return json[at + 1] == (byte) 0x80
        && (json[at + 2] == (byte) 0xa8 || json[at + 2] == (byte) 0xa9);
  }

  private void escape(int c) {
    bytes[size++] = '\\';
    bytes[size++] = 'u';
    for (int shift = 12; shift >= 0; shift -= 4) {
      bytes[size++] = HEX[(c >> shift) & 0xf];
    }
  }

  /** Its length so far, without its end. */
  int size() {
    return size;
  }

  /** Takes back what was added since it had this length. */
  void cut(int length) {
    size = length;
  }

  /** The whole of it. */
  public Content content() {
    byte[] whole = Arrays.copyOf(bytes, size + 2);
    whole[size] = ']';
    whole[size + 1] = '\n';
    return Content.of(whole);
  }

  /** The whole of it as a text. */
  public String text() {
    return new String(bytes, 0, size, StandardCharsets.UTF_8) + "]\n";
  }
}
