package dev.sheaf.git.read;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.eclipse.jgit.errors.IncorrectObjectTypeException;
import org.eclipse.jgit.errors.MissingObjectException;
import org.eclipse.jgit.internal.storage.dfs.DfsRepository;
import org.eclipse.jgit.lib.ObjectId;
import org.eclipse.jgit.revwalk.RevCommit;
import org.eclipse.jgit.revwalk.RevWalk;
import org.jspecify.annotations.Nullable;

/** Commits that one commit reaches, newest first by their own clocks, page by page. */
public final class GitLog {
  private final DfsRepository repository;

  public GitLog(DfsRepository repository) {
    this.repository = repository;
  }

  /**
   * Some commits, and whether there are more.
   *
   * @param next the last of the commits, where others follow it; null on the last page
   */
  public record Page(List<RevCommit> commits, @Nullable ObjectId next) {
    public Page {
      commits = List.copyOf(commits);
    }
  }

  /** A commit with its message and author; empty when there is none of this id. */
  public Optional<RevCommit> find(ObjectId id) throws IOException {
    try (RevWalk walk = new RevWalk(repository)) {
      return Optional.of(walk.parseCommit(id));
    } catch (MissingObjectException | IncorrectObjectTypeException e) {
      return Optional.empty();
    }
  }

  /**
   * A page of the log.
   *
   * @param before what {@link Page#next} was on the page before this one; the walk is made again up
   *     to there
   * @return empty when the walk does not come by {@code before}
   */
  public Optional<Page> page(ObjectId tip, Optional<ObjectId> before, int limit)
      throws IOException {
    try (RevWalk walk = new RevWalk(repository)) {
      walk.setRetainBody(true);
      walk.markStart(walk.parseCommit(tip));
      if (before.isPresent() && !skipTo(walk, before.get())) {
        return Optional.empty();
      }
      List<RevCommit> commits = new ArrayList<>();
      for (RevCommit commit = walk.next(); commit != null; commit = walk.next()) {
        if (commits.size() == limit) {
          return Optional.of(new Page(commits, commits.getLast().copy()));
        }
        commits.add(commit);
      }
      return Optional.of(new Page(commits, null));
    }
  }

  private static boolean skipTo(RevWalk walk, ObjectId last) throws IOException {
    for (RevCommit commit = walk.next(); commit != null; commit = walk.next()) {
      if (commit.equals(last)) {
        return true;
      }
      commit.disposeBody();
    }
    return false;
  }
}
