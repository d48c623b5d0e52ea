package dev.sheaf.bundle.msgpack;

import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.SheafException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The bytes below a {@link MsgpackReader}: a buffer over a stream, or an array alone. Counts what
 * is consumed, keeps it below a ceiling, keeps a copy of a stretch of it, and knows how to say
 * where an error is.
 */
final class Input {
  private static final String ADVICE =
      "; it is damaged or was not written as bundles are: make it again";
  private static final int BUFFER = 1 << 16;
  private static final int FIRST_PIECE = 1 << 20;

  private final @Nullable InputStream in;
  private final byte[] buffer;
  private int next;
  private int end;
  private long offsetOfBuffer;

  private String place = "";
  private long index = -1;
  private long ceiling = Long.MAX_VALUE;
  private String ceilingName = "";
  private @Nullable ByteArrayOutputStream kept;
  private int keptFrom;

  Input(InputStream in) {
    this.in = in;
    this.buffer = new byte[BUFFER];
  }

  /** The whole input is one array, which is read in place. */
  Input(byte[] bytes) {
    this.in = null;
    this.buffer = bytes;
    this.end = bytes.length;
  }

  long position() {
    return offsetOfBuffer + next;
  }

  void at(String newPlace, long newIndex) {
    place = newPlace;
    index = newIndex;
  }

  /** Refuses to consume more than so many bytes from here on. */
  void limit(long bytes, String limitName) {
    ceiling = position() + bytes;
    ceilingName = limitName;
  }

  void unlimit() {
    refuseAbove(0);
    ceiling = Long.MAX_VALUE;
  }

  /** Begins to keep a copy of what is consumed. */
  void keep() {
    kept = new ByteArrayOutputStream(64);
    keptFrom = next;
  }

  /** What was consumed since {@link #keep}. */
  byte[] kept() {
    ByteArrayOutputStream bytes = kept;
    if (bytes == null) {
      throw new IllegalStateException("nothing is being kept");
    }
    bytes.write(buffer, keptFrom, next - keptFrom);
    kept = null;
    return bytes.toByteArray();
  }

  int peek() throws IOException {
    require(1);
    return buffer[next] & 0xff;
  }

  int take() throws IOException {
    int value = peek();
    next++;
    return value;
  }

  /** A big-endian number of 1 to 8 bytes. */
  long take(int bytes) throws IOException {
    require(bytes);
    long value = 0;
    for (int i = 0; i < bytes; i++) {
      value = (value << 8) | (buffer[next++] & 0xff);
    }
    return value;
  }

  String takeText(int length) throws IOException {
    refuseAbove(length);
    if (length > buffer.length) {
      byte[] bytes = takeArray(length);
      return text(bytes, 0, length);
    }
    require(length);
    String text = text(buffer, next, length);
    next += length;
    return text;
  }

  /** Passes over text in pieces that fit the buffer, each cut between two characters. */
  void skipText(int length) throws IOException {
    refuseAbove(length);
    int rest = length;
    while (rest > 0) {
      int piece = Math.min(rest, buffer.length);
      require(piece);
      int whole = piece == rest ? piece : wholeCharacters(piece);
      text(buffer, next, whole);
      next += whole;
      rest -= whole;
    }
  }

  /** An array of its own, which grows only with bytes that came. */
  byte[] takeArray(int length) throws IOException {
    refuseAbove(length);
    if (in == null) {
      require(length);
    }
    byte[] bytes = new byte[Math.min(length, FIRST_PIECE)];
    fill(bytes, 0);
    while (bytes.length < length) {
      int filled = bytes.length;
      bytes = Arrays.copyOf(bytes, (int) Math.min(length, filled * 2L));
      fill(bytes, filled);
    }
    return bytes;
  }

  void copy(long length, OutputStream out) throws IOException {
    refuseAbove(length);
    long rest = length;
    while (rest > 0) {
      require(1);
      int step = (int) Math.min(rest, end - next);
      out.write(buffer, next, step);
      next += step;
      rest -= step;
    }
  }

  /** Whether nothing is left. */
  boolean isAtEnd() throws IOException {
    return next == end && !refill();
  }

  /** An error that says where. */
  SheafException fail(String problem) {
    String where = index < 0 ? place : place + "[" + index + "]";
    return malformed((where.isEmpty() ? "" : where + ": ") + problem + ", at byte " + position());
  }

  static SheafException malformed(String problem) {
    return new SheafException(ErrorKind.INVALID, problem + ADVICE);
  }

  private void fill(byte[] target, int from) throws IOException {
    int filled = from;
    while (filled < target.length) {
      if (next == end && kept == null && target.length - filled >= BUFFER && in != null) {
        fillPastBuffer(in, target, filled);
        return;
      }
      require(1);
      int step = Math.min(target.length - filled, end - next);
      System.arraycopy(buffer, next, target, filled, step);
      next += step;
      filled += step;
    }
  }

  private void fillPastBuffer(InputStream stream, byte[] target, int from) throws IOException {
    int got = stream.readNBytes(target, from, target.length - from);
    offsetOfBuffer += got;
    if (from + got < target.length) {
      throw fail("cut short");
    }
  }

  /** Makes so many bytes available in one piece, at most the size of the buffer. */
  private void require(int length) throws IOException {
    while (end - next < length) {
      if (!refill()) {
        next = end;
        throw fail("cut short");
      }
    }
  }

  private boolean refill() throws IOException {
    refuseAbove(0);
    if (in == null) {
      return false;
    }
    if (next == end || end == buffer.length) {
      moveToFront();
    }
    int got = in.read(buffer, end, buffer.length - end);
    end += Math.max(got, 0);
    return got > 0;
  }

  /** Makes room behind what has not been consumed. */
  private void moveToFront() {
    if (kept != null) {
      kept.write(buffer, keptFrom, next - keptFrom);
      keptFrom = 0;
    }
    System.arraycopy(buffer, next, buffer, 0, end - next);
    offsetOfBuffer += next;
    end -= next;
    next = 0;
  }

  private void refuseAbove(long ahead) {
    if (position() + ahead > ceiling) {
      throw fail("passes the limit " + ceilingName);
    }
  }

  /** Length of the longest prefix of a piece that does not end inside a character. */
  private int wholeCharacters(int piece) {
    int last = piece - 1;
    while (last > piece - 4 && (buffer[next + last] & 0xc0) == 0x80) {
      last--;
    }
    return buffer[next + last] >= 0 ? piece : last;
  }

  private String text(byte[] bytes, int offset, int length) {
    String text = new String(bytes, offset, length, StandardCharsets.UTF_8);
    // The decoder puts U+FFFD for what is not UTF-8: only then is a second look needed.
    if (text.indexOf('\uFFFD') >= 0) {
      byte[] again = text.getBytes(StandardCharsets.UTF_8);
      if (!Arrays.equals(again, 0, again.length, bytes, offset, offset + length)) {
        throw fail("a string is not UTF-8");
      }
    }
    return text;
  }
}
