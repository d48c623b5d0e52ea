package dev.sheaf.api.http;

import dev.sheaf.bundle.Content;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;

/**
 * What one call of a function can carry: AWS Lambda takes and gives at most 6 MB as JSON, with
 * binary bodies as base64 and text bodies with their quotes escaped.
 */
public final class GatewayLimits {
  /** A request's document. The gateway has refused anything that Lambda does not take. */
  public static final int DOCUMENT_BYTES = 4_500_000;

  /** A request of a few fields. */
  public static final int SMALL_DOCUMENT_BYTES = 256 << 10;

  /** The most raw bytes that an answer holds: two thirds of Lambda's limit. */
  public static final int INLINE_BYTES = 4 << 20;

  /** Lambda's limit less room for status and headers. */
  private static final long ENCODED_BYTES = (6L << 20) - (32 << 10);

  private GatewayLimits() {}

  /**
   * Refuses an answer that Lambda would refuse, where the client would only see a 502.
   *
   * @throws HttpFailure 413
   */
  static void requireAnswerFits(Content body, boolean binary) {
    // At worst every byte of a text becomes six, as in \u0000.
    if (body.size() * 6 <= ENCODED_BYTES) {
      return;
    }
    long encoded = binary ? (body.size() + 2) / 3 * 4 : escapedLength(body);
    if (encoded > ENCODED_BYTES) {
      throw HttpFailure.tooLarge(
          "the answer is larger than a function may send ("
              + encoded
              + " bytes encoded, limit "
              + ENCODED_BYTES
              + "); ask for less, or for msgpack with 'Accept: application/x-msgpack'");
    }
  }

  private static long escapedLength(Content body) {
    long length = 0;
    try (InputStream in = body.open()) {
      byte[] buffer = new byte[8192];
      for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
        for (int i = 0; i < n; i++) {
          byte b = buffer[i];
          boolean control = b >= 0 && b < 0x20;
          length += control ? 6 : b == '"' || b == '\\' ? 2 : 1;
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return length;
  }
}
