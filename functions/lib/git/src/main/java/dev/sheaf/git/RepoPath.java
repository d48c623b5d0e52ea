package dev.sheaf.git;

import dev.sheaf.bundle.ObjectKeys;

/**
 * A repository's place.
 *
 * @param owner first segment of its URL
 * @param name second segment of its URL
 */
public record RepoPath(String owner, String name) {
  public RepoPath {
    if (!ObjectKeys.isName(owner) || !ObjectKeys.isPlace(name)) {
      throw new IllegalArgumentException("not a repository's place: " + owner + "/" + name);
    }
  }

  @Override
  public String toString() {
    return owner + "/" + name;
  }
}
