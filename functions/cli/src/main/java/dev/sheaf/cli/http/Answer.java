package dev.sheaf.cli.http;

/** An answer that is small enough for memory. */
final class Answer {
  private final int status;
  private final String contentType;
  private final String pack;
  private final byte[] body;

  Answer(int status, String contentType, String pack, byte[] body) {
    this.status = status;
    this.contentType = contentType;
    this.pack = pack;
    this.body = body;
  }

  int status() {
    return status;
  }

  /** Empty when the server named none. */
  String contentType() {
    return contentType;
  }

  /** The header {@code Sheaf-Pack}; empty when there is none. */
  String pack() {
    return pack;
  }

  /** Shared, not copied: callers must not write to it. */
  byte[] body() {
    return body;
  }
}
