package dev.sheaf.api.http;

import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.SheafException;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A failure that says for itself with which status, code and headers it is answered. */
public final class HttpFailure extends SheafException {
  private final int status;
  private final String code;
  private final transient Map<String, String> headers;

  private HttpFailure(
      ErrorKind kind,
      int status,
      String code,
      String detail,
      Map<String, String> headers,
      @Nullable Throwable cause) {
    super(kind, detail, cause);
    this.status = status;
    this.code = code;
    this.headers = Map.copyOf(headers);
  }

  /** 400: the bytes are not what they should be, before anybody looked at what they mean. */
  public static HttpFailure malformed(String detail, @Nullable Throwable cause) {
    return new HttpFailure(ErrorKind.INVALID, 400, "malformed", detail, Map.of(), cause);
  }

  /** 400: bytes in the store are not those that were named. */
  public static HttpFailure checksumMismatch(String detail) {
    return new HttpFailure(ErrorKind.INVALID, 400, "checksum_mismatch", detail, Map.of(), null);
  }

  /** 401: no token, or one that opens nothing. */
  public static HttpFailure unauthenticated(String detail) {
    Map<String, String> challenge = Map.of("WWW-Authenticate", "Bearer realm=\"sheaf\"");
    return new HttpFailure(ErrorKind.FORBIDDEN, 401, "unauthenticated", detail, challenge, null);
  }

  /** 403: a good token without the right. */
  public static HttpFailure forbidden(String detail) {
    return new HttpFailure(ErrorKind.FORBIDDEN, 403, "forbidden", detail, Map.of(), null);
  }

  /** 404: not there, or not for this caller to see. */
  public static HttpFailure notFound(String code, String detail) {
    return new HttpFailure(ErrorKind.NOT_FOUND, 404, code, detail, Map.of(), null);
  }

  /** 405: the path exists, with other methods. */
  public static HttpFailure methodNotAllowed(String method, String allowed) {
    return new HttpFailure(
        ErrorKind.INVALID,
        405,
        "method_not_allowed",
        "this path does not take " + method + "; it takes " + allowed,
        Map.of("Allow", allowed),
        null);
  }

  /** 409: the state is no longer what the caller built on. */
  public static HttpFailure conflict(String code, String detail) {
    return new HttpFailure(ErrorKind.CONFLICT, 409, code, detail, Map.of(), null);
  }

  /** 413: more than a limit allows. */
  public static HttpFailure tooLarge(String detail) {
    return new HttpFailure(ErrorKind.TOO_LARGE, 413, "too_large", detail, Map.of(), null);
  }

  /** 415: a body in a format that is not understood here. */
  public static HttpFailure unsupportedMediaType(String detail) {
    return new HttpFailure(
        ErrorKind.INVALID, 415, "unsupported_media_type", detail, Map.of(), null);
  }

  /** 416: no such part of the object. */
  public static HttpFailure unsatisfiableRange(String detail, long size) {
    return new HttpFailure(
        ErrorKind.INVALID,
        416,
        "range_not_satisfiable",
        detail,
        Map.of("Content-Range", "bytes */" + size),
        null);
  }

  /** 503: somebody else is at it; ask again after some seconds. */
  public static HttpFailure busy(String detail, int retryAfterSeconds) {
    return new HttpFailure(
        ErrorKind.UNAVAILABLE,
        503,
        "busy",
        detail,
        Map.of("Retry-After", Integer.toString(retryAfterSeconds)),
        null);
  }

  int status() {
    return status;
  }

  String code() {
    return code;
  }

  Map<String, String> headers() {
    return headers;
  }
}
