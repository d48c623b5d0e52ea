package dev.sheaf.cli.git;

import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.SheafException;
import java.nio.charset.Charset;
import java.nio.charset.IllegalCharsetNameException;
import java.nio.charset.StandardCharsets;
import java.nio.charset.UnsupportedCharsetException;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import org.eclipse.jgit.lib.ObjectId;
import org.eclipse.jgit.util.RawParseUtils;

/**
 * A commit object, taken apart as far as a bundle needs it. The raw bytes stay the truth; author,
 * time and message are for people and may lose what text cannot hold.
 */
public final class CommitText {
  /** Longest message, in characters; a character has at most four bytes. */
  public static final int MESSAGE_LIMIT = 256 * 1024;

  private static final DateTimeFormatter ISO =
      DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ssxxx");

  private final byte[] raw;
  private final ObjectId tree;
  private final List<ObjectId> parents;

  private CommitText(byte[] raw, ObjectId tree, List<ObjectId> parents) {
    this.raw = raw;
    this.tree = tree;
    this.parents = parents;
  }

  /**
   * Takes a commit apart.
   *
   * @throws SheafException of kind INVALID when it does not begin as a commit does
   */
  public static CommitText parse(ObjectId id, byte[] raw) {
    if (!startsWith(raw, 0, "tree ") || raw.length < 46) {
      throw new SheafException(
          ErrorKind.INVALID, "commit " + id.name() + " is malformed; 'git fsck' reports it too");
    }
    List<ObjectId> parents = new ArrayList<>();
    int at = 46;
    while (startsWith(raw, at, "parent ")) {
      parents.add(ObjectId.fromString(raw, at + 7));
      at += 48;
    }
    return new CommitText(raw, ObjectId.fromString(raw, 5), List.copyOf(parents));
  }

  /** The object's content, shared: callers must not write to it. */
  public byte[] raw() {
    return raw;
  }

  /** Its root tree. */
  public ObjectId tree() {
    return tree;
  }

  /** Its parents, in order. */
  public List<ObjectId> parents() {
    return parents;
  }

  private static boolean startsWith(byte[] raw, int at, String text) {
    return RawParseUtils.match(raw, at, text.getBytes(StandardCharsets.US_ASCII)) >= 0;
  }

  private Charset charset() {
    try {
      Charset named = RawParseUtils.parseEncoding(raw);
      return named == null ? StandardCharsets.UTF_8 : named;
    } catch (UnsupportedCharsetException | IllegalCharsetNameException e) {
      return StandardCharsets.UTF_8;
    }
  }

  /** Name and address of the author, or empty. */
  public String author() {
    int start = RawParseUtils.author(raw, 0);
    if (start < 0) {
      return "";
    }
    String line = text(start, RawParseUtils.nextLF(raw, start) - 1);
    int end = line.lastIndexOf('>');
    return end < 0 ? line : line.substring(0, end + 1);
  }

  /** The message without U+0000, at most {@link #MESSAGE_LIMIT} characters of it. */
  public String message() {
    int start = RawParseUtils.commitMessage(raw, 0);
    if (start < 0) {
      return "";
    }
    String text = text(start, raw.length);
    return text.codePointCount(0, text.length()) <= MESSAGE_LIMIT
        ? text
        : text.substring(0, text.offsetByCodePoints(0, MESSAGE_LIMIT));
  }

  /** Decodes as git shows it, without what a database cannot hold. */
  private String text(int start, int end) {
    return RawParseUtils.decode(charset(), raw, start, Math.max(start, end))
        .replace('\0', '\ufffd');
  }

  /**
   * The committer's time and offset, ISO-8601; of a malformed or impossible one the nearest that
   * can be written.
   */
  public String committedAt() {
    int start = RawParseUtils.committer(raw, 0);
    String line =
        start < 0
            ? ""
            : new String(
                raw, start, RawParseUtils.nextLF(raw, start) - start, StandardCharsets.ISO_8859_1);
    String[] words = line.substring(line.lastIndexOf('>') + 1).strip().split(" ", -1);
    long seconds = number(words[0]);
    try {
      Instant time = Instant.ofEpochSecond(Math.clamp(seconds, 0, 253_402_214_400L));
      return OffsetDateTime.ofInstant(time, offset(words)).format(ISO);
    } catch (DateTimeException e) {
      return OffsetDateTime.ofInstant(Instant.EPOCH, ZoneOffset.UTC).format(ISO);
    }
  }

  private static long number(String word) {
    try {
      return Long.parseLong(word);
    } catch (NumberFormatException e) {
      return 0;
    }
  }

  private static ZoneOffset offset(String[] words) {
    try {
      return words.length < 2 ? ZoneOffset.UTC : ZoneOffset.of(words[1]);
    } catch (DateTimeException e) {
      return ZoneOffset.UTC;
    }
  }
}
