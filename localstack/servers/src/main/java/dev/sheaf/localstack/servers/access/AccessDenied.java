package dev.sheaf.localstack.servers.access;

/** A request that does not show what it has to; said as AWS says it, with status 403. */
public final class AccessDenied extends Exception {
  private final String type;

  AccessDenied(String type, String message) {
    super(message);
    this.type = type;
  }

  /** AWS's name of the error, such as {@code InvalidSignatureException}. */
  public String type() {
    return type;
  }

  /** What is wrong, in a sentence without secrets. */
  public String reason() {
    String message = getMessage();
    return message == null ? type : message;
  }
}
