package dev.sheaf.localstack.servers.dataapi;

import java.sql.SQLException;

/** An error as the Data API reports it: a status, a type in a header, a message in the body. */
final class DataApiException extends Exception {
  private final int status;
  private final String type;

  private DataApiException(int status, String type, String message, Throwable cause) {
    super(message, cause);
    this.status = status;
    this.type = type;
  }

  DataApiException(int status, String type, String message) {
    super(message);
    this.status = status;
    this.type = type;
  }

  int status() {
    return status;
  }

  /** The service's name of the error, such as {@code BadRequestException}. */
  String type() {
    return type;
  }

  static DataApiException badRequest(String message) {
    return new DataApiException(400, "BadRequestException", message);
  }

  static DataApiException unknownTransaction(String id) {
    return new DataApiException(
        404, "TransactionNotFoundException", "Transaction " + id + " is not found");
  }

  static DataApiException resultTooLarge() {
    return badRequest("Database returned more than the allowed response size limit");
  }

  static DataApiException rowTooLarge() {
    return badRequest("Database returned a row that exceeds the row size limit of 64 KB");
  }

  static DataApiException resuming() {
    return new DataApiException(
        400,
        "DatabaseResumingException",
        "The Aurora DB instance is resuming after being auto-paused. Please wait a few seconds"
            + " and try again.");
  }

  /** What Postgres or its driver says, in the Data API's words. */
  static DataApiException of(SQLException e) {
    String state = e.getSQLState() == null ? "" : e.getSQLState();
    String message = e.getMessage() == null ? "" : e.getMessage();
    if (message.contains("maxResultBuffer")) {
      return resultTooLarge();
    }
    if (state.equals("3D000")) {
      return new DataApiException(404, "DatabaseNotFoundException", message, e);
    }
    if (state.startsWith("08") || state.startsWith("57P")) {
      return new DataApiException(504, "DatabaseUnavailableException", message, e);
    }
    // Only the server's own limit cancels a statement here: nobody else knows its connection.
    if (state.equals("57014") && message.contains("statement timeout")) {
      return new DataApiException(400, "StatementTimeoutException", "Request timed out", e);
    }
    return new DataApiException(400, "DatabaseErrorException", message + "; SQLState: " + state, e);
  }
}
