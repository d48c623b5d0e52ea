package dev.sheaf.storage.s3;

import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.SheafException;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.exception.AbortedException;
import software.amazon.awssdk.core.exception.SdkException;

/**
 * What S3's answers mean for the caller, by HTTP status; the error code only where one status has
 * several meanings.
 */
final class S3Failures {
  /** 400s in which the bytes differ from what was announced, or the announcement is malformed. */
  private static final Set<String> BAD_BODY =
      Set.of(
          "BadDigest", "XAmzContentSHA256Mismatch", "InvalidDigest", "XAmzContentChecksumMismatch");

  /** 400s of a connection that broke or stalled while the body was sent. */
  private static final Set<String> BROKEN_UPLOAD = Set.of("RequestTimeout", "IncompleteBody");

  /** 400s of credentials that are no longer, or not at all, valid. */
  private static final Set<String> EXPIRED_CREDENTIALS = Set.of("ExpiredToken", "InvalidToken");

  /** 403s of credentials that S3 does not know, or of a signature that it does not accept. */
  private static final Set<String> WRONG_CREDENTIALS =
      Set.of("InvalidAccessKeyId", "SignatureDoesNotMatch", "RequestTimeTooSkewed");

  private S3Failures() {}

  /** The HTTP status of a failure, or 0 when no answer came. */
  static int status(SdkException e) {
    return e instanceof AwsServiceException service ? service.statusCode() : 0;
  }

  /** The failure as the port reports it. */
  static SheafException of(String action, String bucket, @Nullable String key, SdkException e) {
    String place = "s3://" + bucket + (key == null ? "" : "/" + key);
    if (e instanceof AbortedException) {
      Thread.currentThread().interrupt();
    }
    if (!(e instanceof AwsServiceException service)) {
      return new SheafException(
          ErrorKind.UNAVAILABLE,
          action + " of " + place + " failed: " + e.getMessage() + "; try again later",
          e);
    }
    String code = code(service);
    String message =
        "%s of %s failed: HTTP %d %s: %s; %s"
            .formatted(
                action,
                place,
                service.statusCode(),
                code,
                detail(service),
                advice(service, code, permission(action, key)));
    return new SheafException(kind(service.statusCode(), code), message, e);
  }

  private static ErrorKind kind(int status, String code) {
    return switch (status) {
      case 400 -> kindOfBadRequest(code);
      case 401, 403, 405, 411, 501 -> ErrorKind.SITE;
      case 404 -> code.equals("NoSuchBucket") ? ErrorKind.SITE : ErrorKind.NOT_FOUND;
      case 416 -> ErrorKind.INVALID;
      case 412 -> ErrorKind.CONFLICT;
      // ConditionalRequestConflict: another write of this key was under way.
      case 409 -> ErrorKind.UNAVAILABLE;
      case 413 -> ErrorKind.TOO_LARGE;
      default -> ErrorKind.UNAVAILABLE;
    };
  }

  private static ErrorKind kindOfBadRequest(String code) {
    if (BROKEN_UPLOAD.contains(code)) {
      return ErrorKind.UNAVAILABLE;
    }
    if (BAD_BODY.contains(code) || code.equals("KeyTooLongError")) {
      return ErrorKind.INVALID;
    }
    // What else S3 finds bad in a request is in how it was made, not in the bytes that it carries.
    return code.equals("EntityTooLarge") ? ErrorKind.TOO_LARGE : ErrorKind.SITE;
  }

  /** What IAM calls the right to do it. */
  private static String permission(String action, @Nullable String key) {
    if (key == null || action.equals("LIST")) {
      return "s3:ListBucket on the bucket";
    }
    return switch (action) {
      case "GET", "HEAD" -> "s3:GetObject on it";
      case "PUT" -> "s3:PutObject on it";
      default -> "s3:DeleteObject on them";
    };
  }

  private static String advice(AwsServiceException e, String code, String permission) {
    if (BAD_BODY.contains(code)) {
      return "the bytes do not match their SHA-256, nothing was stored";
    }
    return switch (kind(e.statusCode(), code)) {
      case SITE -> siteAdvice(e.statusCode(), code, permission);
      case NOT_FOUND, FORBIDDEN -> "check the bucket's name and region";
      case UNAVAILABLE -> "try again later";
      case CONFLICT -> "read the present state and decide again";
      case INVALID, TOO_LARGE, CORRUPT -> "change the request";
    };
  }

  private static String siteAdvice(int status, String code, String permission) {
    if (EXPIRED_CREDENTIALS.contains(code) || WRONG_CREDENTIALS.contains(code)) {
      return "check the credentials and the clock";
    }
    return switch (status) {
      case 401, 403 -> "allow the function's role " + permission;
      case 404 -> "check the bucket's name and region";
      default -> "an operator has to look: this store does not take the request as it was made";
    };
  }

  private static String code(AwsServiceException e) {
    String code = e.awsErrorDetails() == null ? null : e.awsErrorDetails().errorCode();
    return code == null ? "" : code;
  }

  private static String detail(AwsServiceException e) {
    String detail = e.awsErrorDetails() == null ? null : e.awsErrorDetails().errorMessage();
    return detail == null ? "no detail" : detail;
  }
}
