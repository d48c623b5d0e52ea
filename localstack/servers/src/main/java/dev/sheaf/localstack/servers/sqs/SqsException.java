package dev.sheaf.localstack.servers.sqs;

/** An error as SQS reports it. */
final class SqsException extends Exception {
  private final int status;
  private final String type;

  private SqsException(int status, String type, String message) {
    super(message);
    this.status = status;
    this.type = type;
  }

  int status() {
    return status;
  }

  /** The service's name of the error, such as {@code QueueDoesNotExist}. */
  String type() {
    return type;
  }

  static SqsException denied(String type, String message) {
    return new SqsException(403, type, message);
  }

  static SqsException noSuchQueue(String name) {
    return new SqsException(
        400, "QueueDoesNotExist", "The specified queue does not exist: " + name);
  }

  static SqsException invalid(String type, String message) {
    return new SqsException(400, type, message);
  }

  static SqsException invalidParameter(String message) {
    return invalid("InvalidParameterValue", message);
  }

  static SqsException tooLarge(String what, int limit) {
    return invalidParameter(
        "One or more parameters are invalid. Reason: "
            + what
            + " must be shorter than "
            + limit
            + " bytes.");
  }
}
