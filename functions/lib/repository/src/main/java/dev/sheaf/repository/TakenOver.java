package dev.sheaf.repository;

import com.fasterxml.jackson.databind.node.ObjectNode;

/**
 * Names for the refs that a home moved when it was the home no longer and did not know. They were
 * acknowledged; so the present home keeps where they pointed, beside its own.
 */
final class TakenOver {
  private static final String PREFIX = "taken-over/";

  private TakenOver() {}

  /**
   * The name under which a ref is kept, as a user can fetch, merge and delete it; empty for what is
   * a choice of the home and no history, such as HEAD.
   *
   * @param table the table of the ref, where branches have short names
   * @param epoch when the ref was moved
   */
  static String name(String table, String name, Epoch epoch) {
    String beside = PREFIX + epoch + "/";
    if (table.equals(HomeFence.BRANCHES)) {
      return beside + name;
    }
    for (String space : new String[] {Refs.HEADS, Refs.TAGS}) {
      if (name.startsWith(space)) {
        return space + beside + name.substring(space.length());
      }
    }
    return name.startsWith("refs/") ? "refs/" + beside + name.substring("refs/".length()) : "";
  }

  /** A record like one that was moved too late, under that name and of the present epoch. */
  static ObjectNode record(ObjectNode moved, String name, Epoch present) {
    return moved.deepCopy().put("name", name).put("epoch", present.value());
  }
}
