package dev.sheaf.journal.json;

/** Bytes that are not the JSON that was expected; the message names the position. */
public final class JsonSyntaxException extends RuntimeException {
  public JsonSyntaxException(String message) {
    super(message);
  }
}
