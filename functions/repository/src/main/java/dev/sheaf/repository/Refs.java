package dev.sheaf.repository;

import dev.sheaf.bundle.Pending;
import dev.sheaf.bundle.history.GitRefs;
import dev.sheaf.storage.catalog.Catalog;
import java.util.SortedMap;
import org.jspecify.annotations.Nullable;

/** The tables {@code branches} and {@code git_refs}. */
public final class Refs {
  private final Catalog catalog;

  public Refs(Catalog catalog) {
    this.catalog = catalog;
  }

  /**
   * Everything that names a commit.
   *
   * @param defaultBranch what a clone checks out; null before the first push
   * @param branchHeads branch to head commit
   * @param git the refs of the git repository that was pushed; null if none was. A branch whose
   *     head has moved on since git last named it is left out
   */
  public record View(
      @Nullable String defaultBranch,
      SortedMap<String, String> branchHeads,
      @Nullable GitRefs git) {}

  /** Everything that names a commit of the repository. */
  public View read(Repo repo) {
    return Pending.value(catalog);
  }

  /** Branch to head commit. */
  public SortedMap<String, String> branchHeads(String repoId) {
    return Pending.value();
  }
}
