package dev.sheaf.ops;

import java.util.Optional;

/** What an op does with its records. */
public enum Action {
  /** Writes records. */
  CREATE("create"),
  /** Writes records over what was there. */
  UPDATE("update"),
  /** Takes records away; its records need no more than their keys. */
  DELETE("delete");

  private final String text;

  Action(String text) {
    this.text = text;
  }

  /** As on the wire and in the column. */
  public String text() {
    return text;
  }

  static Optional<Action> of(String text) {
    for (Action action : values()) {
      if (action.text.equals(text)) {
        return Optional.of(action);
      }
    }
    return Optional.empty();
  }
}
