package dev.sheaf.repository;

/**
 * The question whether a commit descends from another.
 *
 * @param head the younger one
 * @param ancestor the older one
 */
record Reach(String head, String ancestor) {
  /** The same question the other way round. */
  Reach reversed() {
    return new Reach(ancestor, head);
  }
}
