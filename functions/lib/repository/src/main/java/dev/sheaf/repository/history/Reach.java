package dev.sheaf.repository.history;

/**
 * The question whether a commit descends from another.
 *
 * @param head the younger one
 * @param ancestor the older one
 */
public record Reach(String head, String ancestor) {
  /** The same question the other way round. */
  public Reach reversed() {
    return new Reach(ancestor, head);
  }
}
