package dev.sheaf.storage.s3.direct;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.ProtocolException;
import org.jspecify.annotations.Nullable;

/** Bodies in chunks (RFC 9112, section 7.1), as S3 sends its listings. */
final class ChunkedBody {
  private ChunkedBody() {}

  /**
   * Reads a body to its end, and the trailers behind it; null, and the rest unread, when it is
   * longer than {@code most} bytes.
   *
   * @throws EOFException when the stream ends within it
   */
  static byte @Nullable [] read(AnswerStream in, int most) throws IOException {
    ByteArrayOutputStream body = new ByteArrayOutputStream(Math.min(most, 64 << 10));
    for (int size = size(in); size > 0; size = size(in)) {
      if (size > most - body.size()) {
        return null;
      }
      byte[] chunk = in.readNBytes(size);
      if (chunk.length < size || !in.line().isEmpty()) {
        throw new EOFException("a chunk is not as long as announced");
      }
      body.write(chunk);
    }
    while (!in.line().isEmpty()) { // Trailers.
    }
    return body.toByteArray();
  }

  /** The size of the chunk that begins here; 0 is the end of the body. */
  private static int size(AnswerStream in) throws IOException {
    String line = in.line();
    int extensions = line.indexOf(';');
    String size = (extensions < 0 ? line : line.substring(0, extensions)).strip();
    try {
      int bytes = Integer.parseInt(size, 16);
      if (bytes >= 0) {
        return bytes;
      }
    } catch (NumberFormatException e) {
      // Refused below.
    }
    throw new ProtocolException("the size of a chunk is " + size);
  }
}
