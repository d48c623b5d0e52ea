package dev.sheaf.storage.rds;

import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.SheafException;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.exception.AbortedException;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.rdsdata.model.DatabaseResumingException;
import software.amazon.awssdk.services.rdsdata.model.StatementTimeoutException;
import software.amazon.awssdk.services.rdsdata.model.TransactionNotFoundException;
import software.amazon.awssdk.services.rdsdata.model.UnsupportedResultException;

/** What the Data API's errors mean for the caller. */
final class DataApiFailures {
  /** How the Data API quotes Postgres: {@code ERROR: ...; SQLState: 23505}. */
  private static final Pattern SQL_STATE = Pattern.compile("SQLState: ?([0-9A-Z]{5})");

  private static final Pattern EXPIRED_TRANSACTION =
      Pattern.compile("(?i)transaction .*(not found|expired|has ended|timed out)");

  private DataApiFailures() {}

  /** Whether the database is waking up: nothing was done, and in some seconds it will be. */
  static boolean isResuming(SdkException e) {
    // Serverless v1 wakes with a 400 "Communications link failure", v2 with an exception of its
    // own.
    String message = messageOf(e);
    return e instanceof DatabaseResumingException
        || message.contains("is resuming after being auto-paused")
        || message.contains("Communications link failure");
  }

  /** The failure as the port reports it. */
  static SheafException of(String action, SdkException e) {
    if (e instanceof AbortedException) {
      Thread.currentThread().interrupt();
    }
    ErrorKind kind = kind(e);
    return new SheafException(
        kind, "the catalog failed at %s: %s; %s".formatted(action, messageOf(e), advice(kind)), e);
  }

  private static ErrorKind kind(SdkException e) {
    return switch (e) {
      case StatementTimeoutException _, TransactionNotFoundException _ -> ErrorKind.UNAVAILABLE;
      case UnsupportedResultException _ -> ErrorKind.SITE;
      case AwsServiceException service -> kindOfAnswer(service);
      default -> ErrorKind.UNAVAILABLE;
    };
  }

  private static ErrorKind kindOfAnswer(AwsServiceException e) {
    String message = messageOf(e);
    if (isTooLarge(message, e.statusCode())) {
      return ErrorKind.TOO_LARGE;
    }
    Matcher state = SQL_STATE.matcher(message);
    if (state.find()) {
      return kindOfSqlState(state.group(1));
    }
    return switch (e.statusCode()) {
      // A bad request without a SQLSTATE is never about the values in it.
      case 400 -> isPassing(e, message) ? ErrorKind.UNAVAILABLE : ErrorKind.SITE;
      case 401, 403, 404 -> ErrorKind.SITE;
      default -> ErrorKind.UNAVAILABLE;
    };
  }

  /** Whether the same work, begun anew, will find things otherwise. */
  private static boolean isPassing(AwsServiceException e, String message) {
    return isResuming(e) || EXPIRED_TRANSACTION.matcher(message).find();
  }

  private static boolean isTooLarge(String message, int status) {
    String text = message.toLowerCase(Locale.ROOT);
    return status == 413
        || text.contains("response size limit")
        || text.contains("maximum row size")
        || text.contains("row size limit")
        || (text.contains("size limit") && text.contains("exceed"));
  }

  private static ErrorKind kindOfSqlState(String state) {
    return switch (state) {
      case "40001", "40P01", "55P03" -> ErrorKind.CONFLICT;
      // The transaction had failed or idled away before.
      case "25P02", "25P03" -> ErrorKind.UNAVAILABLE;
      default ->
          switch (state.substring(0, 2)) {
            case "22" -> ErrorKind.INVALID;
            case "23" -> ErrorKind.CONFLICT;
            case "08", "53", "57", "58" -> ErrorKind.UNAVAILABLE;
            case "54" -> ErrorKind.TOO_LARGE;
            // Among them 25006 (read-only), 28P01 (the secret was rotated), 42501 (no right),
            // XX000.
            default -> ErrorKind.SITE;
          };
    };
  }

  private static String advice(ErrorKind kind) {
    return switch (kind) {
      case UNAVAILABLE -> "try again later";
      case CONFLICT -> "read the present state and decide again";
      case TOO_LARGE -> "ask for less at once (a result holds 1 MiB, a row 64 KB, a request 4 MiB)";
      case SITE ->
          "an operator has to look: is the cluster's Data API on, does it take writes, are its ARN,"
              + " the secret's ARN, its password and the database's name right, do the function's"
              + " policy and the database user's rights suffice?";
      case INVALID, NOT_FOUND, FORBIDDEN, CORRUPT -> "change the values";
    };
  }

  private static String messageOf(SdkException e) {
    String message = e.getMessage();
    return message == null ? e.getClass().getSimpleName() : message;
  }
}
