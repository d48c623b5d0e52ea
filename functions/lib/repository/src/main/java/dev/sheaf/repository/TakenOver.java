package dev.sheaf.repository;

import com.fasterxml.jackson.databind.node.ObjectNode;

/**
 * Names for the branches that a home moved when it was the home no longer and did not know. They
 * were acknowledged; so the present home keeps where they pointed, beside its own.
 */
final class TakenOver {
  private static final String PREFIX = "taken-over/";

  private TakenOver() {}

  /**
   * The name under which a branch is kept, as a user can fetch, merge and delete it.
   *
   * @param epoch when the branch was moved
   */
  static String name(String branch, Epoch epoch) {
    return PREFIX + epoch + "/" + branch;
  }

  /** A record like one that was moved too late, under that name and of the present epoch. */
  static ObjectNode record(ObjectNode moved, String name, Epoch present) {
    return moved.deepCopy().put("name", name).put("epoch", present.value());
  }
}
