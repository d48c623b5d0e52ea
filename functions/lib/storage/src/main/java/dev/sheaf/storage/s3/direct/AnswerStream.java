package dev.sheaf.storage.s3.direct;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.ProtocolException;
import java.nio.charset.StandardCharsets;

/**
 * What a server sends, line by line and byte by byte. Buffered for one thread: the JDK's buffer
 * takes a lock for every byte, and half of a small answer is its head.
 */
final class AnswerStream extends InputStream {
  private static final int MAX_LINE = 64 << 10;

  private final InputStream in;
  private final byte[] buffer = new byte[2 << 10];
  private int at;
  private int end;

  AnswerStream(InputStream in) {
    this.in = in;
  }

  /** The next line, without its end. */
  String line() throws IOException {
    StringBuilder line = new StringBuilder();
    boolean ended = false;
    while (!ended) {
      if (at == end && !fill()) {
        throw new EOFException("the connection ended within an answer");
      }
      int start = at;
      while (at < end && buffer[at] != '\n') {
        at++;
      }
      line.append(new String(buffer, start, at - start, StandardCharsets.ISO_8859_1));
      ended = at < end;
      at += ended ? 1 : 0;
      if (line.length() > MAX_LINE) {
        throw new ProtocolException("a line of an answer is longer than " + MAX_LINE + " bytes");
      }
    }
    int length = line.length();
    boolean hasReturn = length > 0 && line.charAt(length - 1) == '\r';
    return line.substring(0, hasReturn ? length - 1 : length);
  }

  @Override
  public int read() throws IOException {
    return at < end || fill() ? buffer[at++] & 0xff : -1;
  }

  @Override
  public int read(byte[] target, int offset, int length) throws IOException {
    if (at == end && length >= buffer.length) {
      return in.read(target, offset, length);
    }
    if (length == 0 || (at == end && !fill())) {
      return length == 0 ? 0 : -1;
    }
    int count = Math.min(length, end - at);
    System.arraycopy(buffer, at, target, offset, count);
    at += count;
    return count;
  }

  private boolean fill() throws IOException {
    int count = in.read(buffer);
    at = 0;
    end = Math.max(0, count);
    return count > 0;
  }
}
