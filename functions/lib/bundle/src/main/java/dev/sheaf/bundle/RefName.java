package dev.sheaf.bundle;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

/**
 * The full name of a git ref, such as {@code refs/heads/main}: bytes, usually UTF-8 but by no rule.
 * A value of this type is a name that {@code git check-ref-format} accepts, begins with {@code
 * refs/}, and is no longer than git can write it as a file; so it names no file outside a
 * repository, breaks no line of {@code packed-refs}, moves no terminal's cursor, and whoever
 * fetches it can have it.
 *
 * <p>On the wire a name is the field {@code name} where its bytes are UTF-8, else {@code name_b64}
 * (standard base64). Ordered as unsigned bytes, as git orders refs.
 */
public final class RefName implements Comparable<RefName> {
  /** What a branch's full name begins with. */
  public static final String HEADS = "refs/heads/";

  /** The longest name, in bytes. */
  public static final int MAX_BYTES = 1_024;

  /** The longest name of a folder, in bytes, on the file systems that git runs on. */
  public static final int MAX_FOLDER_BYTES = 255;

  private static final String ROOT = "refs/";
  private static final String LOCK = ".lock";

  /** The longest last part: git writes a ref as a file of this name and {@code .lock} first. */
  public static final int MAX_FILE_BYTES = MAX_FOLDER_BYTES - LOCK.length();

  private static final String FORBIDDEN = " ~^:?*[\\";

  private final byte[] bytes;

  private RefName(byte[] bytes) {
    this.bytes = bytes;
  }

  /**
   * The ref whose name are these bytes, which are copied.
   *
   * @throws SheafException of kind INVALID that shows the name and says what is wrong with it
   */
  public static RefName ofBytes(byte[] name) {
    fault(name)
        .ifPresent(fault -> {
          throw new SheafException(
              ErrorKind.INVALID, "'" + shown(name) + "' is no name of a git ref: " + fault);
        });
    return new RefName(name.clone());
  }

  /** The ref whose name is this text in UTF-8; see {@link #ofBytes}. */
  public static RefName of(String name) {
    return ofBytes(name.getBytes(StandardCharsets.UTF_8));
  }

  /** The branch whose full name is {@code refs/heads/} and this text. */
  public static RefName ofBranch(String branch) {
    return of(HEADS + branch);
  }

  /** Whether bytes may be the name of a ref. */
  public static boolean isValid(byte[] name) {
    return fault(name).isEmpty();
  }

  /** What keeps bytes from being a name; empty for nothing. */
  public static Optional<String> fault(byte[] name) {
    if (name.length > MAX_BYTES) {
      return Optional.of("it has " + name.length + " bytes, " + MAX_BYTES + " are the most");
    }
    // One char a byte: every rule is about bytes below 0x80.
    String text = new String(name, StandardCharsets.ISO_8859_1);
    if (!text.startsWith(ROOT)) {
      return Optional.of("it does not begin with " + ROOT);
    }
    if (text.chars().anyMatch(c -> c < ' ' || c == 0x7f || FORBIDDEN.indexOf(c) >= 0)) {
      return Optional.of("it holds a control character, a space or one of ~^:?*[\\");
    }
    if (text.contains("..") || text.contains("@{") || text.endsWith(".")) {
      return Optional.of("it holds '..' or '@{', or ends with '.'");
    }
    String[] parts = text.split("/", -1);
    for (String part : parts) {
      if (part.isEmpty() || part.startsWith(".") || part.endsWith(LOCK)) {
        return Optional.of("a part of it is empty, begins with '.' or ends with '" + LOCK + "'");
      }
    }
    return tooLong(parts);
  }

  private static Optional<String> tooLong(String[] parts) {
    for (int i = 0; i < parts.length; i++) {
      int bytes = parts[i].length();
      if (i == parts.length - 1 && bytes > MAX_FILE_BYTES) {
        return Optional.of(
            "its last part has %d bytes, %d are the most: git could write no '%s' beside it"
                .formatted(bytes, MAX_FILE_BYTES, LOCK));
      }
      if (bytes > MAX_FOLDER_BYTES) {
        return Optional.of(
            "a part of it has %d bytes, %d are the most".formatted(bytes, MAX_FOLDER_BYTES));
      }
    }
    return Optional.empty();
  }

  /** Bytes for people, whatever they are: printable ASCII as it is, all else as {@code \xNN}. */
  public static String shown(byte[] name) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < Math.min(name.length, 255); i++) {
      int c = name[i] & 0xff;
      if (c < ' ' || c >= 0x7f) {
        text.append("\\x").append(HexFormat.of().toHexDigits((byte) c));
      } else {
        text.append((char) c);
      }
    }
    return name.length > 255 ? text.append("...").toString() : text.toString();
  }

  /** A copy of the name's bytes. */
  public byte[] toBytes() {
    return bytes.clone();
  }

  /** The name's bytes in lowercase hex. */
  public String hex() {
    return HexFormat.of().formatHex(bytes);
  }

  /** The name's bytes in base64, for names that are no text. */
  public String base64() {
    return Base64.getEncoder().encodeToString(bytes);
  }

  /** The name as text, where its bytes are UTF-8. */
  public Optional<String> text() {
    try {
      return Optional.of(
          StandardCharsets.UTF_8
              .newDecoder()
              .onMalformedInput(CodingErrorAction.REPORT)
              .onUnmappableCharacter(CodingErrorAction.REPORT)
              .decode(ByteBuffer.wrap(bytes))
              .toString());
    } catch (CharacterCodingException e) {
      return Optional.empty();
    }
  }

  /** Whether this is a branch. */
  public boolean isBranch() {
    return startsWith(HEADS);
  }

  /** The branch's short name, where this is one whose name is text. */
  public Optional<String> branch() {
    return isBranch() ? text().map(name -> name.substring(HEADS.length())) : Optional.empty();
  }

  private boolean startsWith(String prefix) {
    byte[] start = prefix.getBytes(StandardCharsets.US_ASCII);
    return bytes.length > start.length
        && Arrays.equals(bytes, 0, start.length, start, 0, start.length);
  }

  /**
   * The names that no other ref may have beside this one, as it lies below them: of {@code
   * refs/heads/a/b/c} these are {@code refs/heads}, {@code refs/heads/a} and {@code
   * refs/heads/a/b}.
   */
  public List<RefName> folders() {
    List<RefName> folders = new ArrayList<>();
    for (int i = ROOT.length(); i < bytes.length; i++) {
      if (bytes[i] == '/') {
        folders.add(new RefName(Arrays.copyOf(bytes, i)));
      }
    }
    return folders;
  }

  @Override
  public int compareTo(RefName other) {
    return Arrays.compareUnsigned(bytes, other.bytes);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof RefName that && Arrays.equals(bytes, that.bytes);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(bytes);
  }

  /** The name for people: see {@link #shown}. */
  @Override
  public String toString() {
    return text().filter(name -> name.codePoints().noneMatch(RefName::isOdd)).orElse(shown(bytes));
  }

  /** What a terminal takes as an order, or shows as nothing or backwards. */
  private static boolean isOdd(int c) {
    return switch (Character.getType(c)) {
      case Character.CONTROL,
          Character.FORMAT,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR,
          Character.UNASSIGNED,
          Character.PRIVATE_USE ->
          true;
      default -> false;
    };
  }
}
