package dev.sheaf.storage.s3.direct;

import java.net.ProtocolException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/**
 * Walks through an answer of S3's, which is XML at its simplest: elements that hold either elements
 * or text. What else XML may have (comments, CDATA, document types, another encoding than UTF-8) is
 * refused rather than understood, and so is what is not well formed.
 *
 * <p>{@link #root} comes first. Then, for every element that was entered: {@link #child} until it
 * is null, or {@link #text}, or {@link #skip}; each of them leaves the element.
 */
final class XmlReader {
  private static final int MAX_DEPTH = 32;

  private final byte[] document;
  private int at;
  private final Deque<String> open = new ArrayDeque<>();
  private boolean empty; // the element entered last is of the form <name/>

  XmlReader(byte[] document) {
    this.document = document;
  }

  /** Enters the outermost element; its name. */
  String root() throws ProtocolException {
    skipBlanks();
    if (comes("<?xml")) {
      int end = find("?>");
      String declaration = new String(document, at, end - at, StandardCharsets.ISO_8859_1);
      if (declaration.contains("encoding") && !declaration.matches(".*[\"'](?i)utf-8[\"'].*")) {
        throw new ProtocolException("not in UTF-8: " + declaration);
      }
      at = end + 2;
      skipBlanks();
    }
    return enter();
  }

  /** Enters the next element inside the present one; its name, or null when there is none. */
  @Nullable String child() throws ProtocolException {
    if (!empty) {
      skipBlanks();
      if (!comes("</")) {
        return enter();
      }
    }
    leave();
    return null;
  }

  /** The text of the present element, which has no others inside. */
  String text() throws ProtocolException {
    String text = empty ? "" : textUntil(find("<"));
    leave();
    return text;
  }

  /** Passes over the present element with all that it holds. */
  void skip() throws ProtocolException {
    int depth = open.size();
    while (open.size() >= depth) {
      if (!empty) {
        at = find("<");
        if (!comes("</")) {
          enter();
          continue;
        }
      }
      leave();
    }
  }

  /** Makes sure that nothing follows the outermost element. */
  void end() throws ProtocolException {
    skipBlanks();
    if (at < document.length || !open.isEmpty()) {
      throw refused("the end");
    }
  }

  private String enter() throws ProtocolException {
    expect('<');
    String name = name();
    if (open.size() == MAX_DEPTH) {
      throw refused("less depth");
    }
    open.push(name);
    skipAttributes();
    empty = comes("/>");
    at += empty ? 2 : 1;
    return name;
  }

  private void leave() throws ProtocolException {
    String name = open.pop();
    if (!empty) {
      expect('<');
      expect('/');
      if (!name().equals(name)) {
        throw refused("the end of " + name);
      }
      skipBlanks();
      expect('>');
    }
    empty = false;
  }

  private String name() throws ProtocolException {
    int start = at;
    while (at < document.length && isOfName(document[at])) {
      at++;
    }
    if (at == start) {
      throw refused("a name");
    }
    return new String(document, start, at - start, StandardCharsets.ISO_8859_1);
  }

  private static boolean isOfName(byte b) {
    return Character.isLetterOrDigit(b) || b == ':' || b == '-' || b == '_' || b == '.';
  }

  /** Up to the end of a tag; attributes say nothing here, but their values may hold an end. */
  private void skipAttributes() throws ProtocolException {
    while (!comes(">") && !comes("/>")) {
      byte b = at < document.length ? document[at++] : 0;
      if (b == '"' || b == '\'') {
        at = find(Character.toString(b)) + 1;
      } else if (b == 0 || b == '<') {
        throw refused("the end of a tag");
      }
    }
  }

  private String textUntil(int end) throws ProtocolException {
    StringBuilder resolved = null;
    int start = at;
    for (; at < end; at++) {
      if (document[at] == '&') {
        resolved = resolved == null ? new StringBuilder() : resolved;
        resolved.append(utf8(start, at));
        resolved.appendCodePoint(reference());
        start = at + 1;
      } else if (document[at] == '\r') {
        throw refused("a line end as XML has it");
      }
    }
    String rest = utf8(start, end);
    return resolved == null ? rest : resolved.append(rest).toString();
  }

  /** What a reference, named or by number, stands for; stops at its end. */
  private int reference() throws ProtocolException {
    int start = at + 1;
    at = find(";");
    String name = new String(document, start, at - start, StandardCharsets.ISO_8859_1);
    return switch (name) {
      case "amp" -> '&';
      case "lt" -> '<';
      case "gt" -> '>';
      case "quot" -> '"';
      case "apos" -> '\'';
      default -> character(name);
    };
  }

  private static int character(String reference) throws ProtocolException {
    try {
      int code =
          reference.startsWith("#x")
              ? Integer.parseInt(reference, 2, reference.length(), 16)
              : Integer.parseInt(reference, 1, reference.length(), 10);
      if (reference.startsWith("#") && Character.isValidCodePoint(code)) {
        return code;
      }
    } catch (NumberFormatException | IndexOutOfBoundsException e) {
      // Refused below.
    }
    throw new ProtocolException("unknown reference &" + reference + ";");
  }

  private String utf8(int from, int to) throws ProtocolException {
    for (int i = from; i < to; i++) {
      if (document[i] < 0) {
        return strictUtf8(from, to);
      }
    }
    return new String(document, from, to - from, StandardCharsets.ISO_8859_1);
  }

  private String strictUtf8(int from, int to) throws ProtocolException {
    try {
      ByteBuffer bytes = ByteBuffer.wrap(document, from, to - from);
      return StandardCharsets.UTF_8.newDecoder().decode(bytes).toString();
    } catch (CharacterCodingException e) {
      throw new ProtocolException("not in UTF-8: " + e);
    }
  }

  private void skipBlanks() {
    while (at < document.length && document[at] <= ' ' && document[at] > 0) {
      at++;
    }
  }

  private boolean comes(String ascii) {
    for (int i = 0; i < ascii.length(); i++) {
      if (at + i >= document.length || document[at + i] != ascii.charAt(i)) {
        return false;
      }
    }
    return true;
  }

  private void expect(char c) throws ProtocolException {
    if (at >= document.length || document[at] != c) {
      throw refused("'" + c + "'");
    }
    at++;
  }

  /** Where this comes next. */
  private int find(String ascii) throws ProtocolException {
    int start = at;
    while (at < document.length && !comes(ascii)) {
      at++;
    }
    int found = at;
    at = start;
    if (found == document.length) {
      throw refused("'" + ascii + "'");
    }
    return found;
  }

  private ProtocolException refused(String wanted) {
    return new ProtocolException("XML at byte " + at + " has no " + wanted);
  }
}
