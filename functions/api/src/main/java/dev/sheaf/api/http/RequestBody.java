package dev.sheaf.api.http;

import java.nio.charset.StandardCharsets;
import java.util.Base64;

/** A request's body as it was delivered; its length is known before a byte is decoded. */
public final class RequestBody {
  /** No body. */
  public static final RequestBody EMPTY = new RequestBody("", false);

  private final String text;
  private final boolean base64;

  private RequestBody(String text, boolean base64) {
    this.text = text;
    this.base64 = base64;
  }

  /** A body that came as text. */
  public static RequestBody ofText(String text) {
    return new RequestBody(text, false);
  }

  /** A body that came as base64. */
  public static RequestBody ofBase64(String base64) {
    return new RequestBody(base64, true);
  }

  /** Length in bytes, at most two more than there are (base64) or fewer (text outside ASCII). */
  public long length() {
    return base64 ? text.length() / 4L * 3 : text.length();
  }

  /**
   * The bytes.
   *
   * @throws HttpFailure 413 when there are more than {@code max}, before they are decoded; 400 when
   *     they are not the base64 that they were said to be
   */
  public byte[] bytes(int max) {
    if (length() > max + (base64 ? 2 : 0)) {
      throw tooLarge(max);
    }
    byte[] bytes = decode();
    if (bytes.length > max) {
      throw tooLarge(max);
    }
    return bytes;
  }

  private byte[] decode() {
    if (!base64) {
      return text.getBytes(StandardCharsets.UTF_8);
    }
    try {
      return Base64.getDecoder().decode(text);
    } catch (IllegalArgumentException e) {
      throw HttpFailure.malformed("the body is not the base64 that it is said to be", e);
    }
  }

  private static HttpFailure tooLarge(int max) {
    return HttpFailure.tooLarge(
        "the request body is larger than the " + max + " bytes that this route takes; send less");
  }
}
