package dev.sheaf.infra;

/** A context value is missing or wrong; the message names it and says what it may be. */
final class InvalidContextException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  InvalidContextException(String message) {
    super(message);
  }
}
