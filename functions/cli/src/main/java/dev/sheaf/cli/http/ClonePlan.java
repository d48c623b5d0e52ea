package dev.sheaf.cli.http;

import java.util.List;

/**
 * Which stored bundles make up a repository.
 *
 * @param bundles in the order in which they must be read
 * @param isComplete false when the store no longer has all that are needed
 */
public record ClonePlan(List<StoredFile> bundles, boolean isComplete) {
  public ClonePlan {
    bundles = List.copyOf(bundles);
  }
}
