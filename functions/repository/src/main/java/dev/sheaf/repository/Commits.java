package dev.sheaf.repository;

import dev.sheaf.bundle.Pending;
import dev.sheaf.bundle.history.Commit;
import dev.sheaf.storage.catalog.Catalog;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/** The table {@code commits}. */
public final class Commits {
  private final Catalog catalog;

  public Commits(Catalog catalog) {
    this.catalog = catalog;
  }

  /**
   * A line of a log.
   *
   * @param subject first line of the message, at most 200 characters
   * @param committedAt verbatim
   */
  public record Summary(
      String commitId,
      @org.jspecify.annotations.Nullable String snapshotId,
      List<String> parentIds,
      String author,
      String subject,
      String committedAt,
      String branch) {}

  /** Which of these commits the repository has. */
  public Set<String> known(String repoId, Collection<String> commitIds) {
    return Pending.value(catalog);
  }

  /** One commit, whole. */
  public Optional<Commit> find(String repoId, String commitId) {
    return Pending.value();
  }

  /** Gives out commits whole, parents first, in as few statements as their sizes allow. */
  public void read(String repoId, CommitSet commits, Consumer<Commit> consumer) {
    Pending.value();
  }

  /** The lines of a log, newest first. */
  public List<Summary> summaries(String repoId, CommitSet commits) {
    return Pending.value();
  }

  /** The snapshots of these commits, each once, in the order in which they are first needed. */
  public List<String> snapshots(String repoId, CommitSet commits) {
    return Pending.value();
  }
}
