package dev.sheaf.bundle;

import org.jspecify.annotations.Nullable;

/** A failure whose message says what failed, on which key, and what the reader can do. */
public class SheafException extends RuntimeException {
  private final ErrorKind kind;

  public SheafException(ErrorKind kind, String message) {
    this(kind, message, null);
  }

  public SheafException(ErrorKind kind, String message, @Nullable Throwable cause) {
    super(message, cause);
    this.kind = kind;
  }

  /** What the caller must do. */
  public ErrorKind kind() {
    return kind;
  }
}
