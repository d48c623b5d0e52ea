package dev.sheaf.cli.git;

import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.SheafException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import org.eclipse.jgit.errors.IncorrectObjectTypeException;
import org.eclipse.jgit.errors.MissingObjectException;
import org.eclipse.jgit.lib.Constants;
import org.eclipse.jgit.lib.ObjectId;
import org.eclipse.jgit.lib.ObjectReader;
import org.eclipse.jgit.revwalk.RevCommit;
import org.eclipse.jgit.revwalk.RevSort;
import org.eclipse.jgit.revwalk.RevWalk;

/** The commits and trees of one repository, for one thread. */
public final class GitHistory implements AutoCloseable {
  private static final long TREE_MEMORY = 48L << 20;

  private final GitSource source;
  private final ObjectReader reader;
  private final Trees trees;
  private final LruCache<ObjectId, CommitText> commits =
      new LruCache<>(16L << 20, commit -> 300 + 4L * commit.raw().length);

  public GitHistory(GitSource source) {
    this.source = source;
    this.reader = source.newReader();
    this.trees = new Trees(reader, TREE_MEMORY);
  }

  /** The trees. */
  public Trees trees() {
    return trees;
  }

  /** One commit. */
  public CommitText commit(ObjectId id) throws IOException {
    CommitText commit = commits.get(id);
    if (commit == null) {
      commit =
          CommitText.parse(
              id,
              ObjectProof.of(
                  id,
                  Constants.OBJ_COMMIT,
                  reader.open(id, Constants.OBJ_COMMIT).getCachedBytes(Integer.MAX_VALUE)));
      commits.put(id, commit);
    }
    return commit;
  }

  /** The tree of a commit's first parent; the empty tree when it has none. */
  public ObjectId baseTree(CommitText commit) throws IOException {
    return commit.parents().isEmpty() ? Tree.EMPTY_ID : commit(commit.parents().getFirst()).tree();
  }

  /**
   * The commits that are reachable from the tips and not from the boundary, parents before
   * children.
   *
   * @param tips where to start
   * @param boundary commits that stay out, with everything that they build on
   */
  public List<ObjectId> commitsBetween(Collection<ObjectId> boundary, Collection<ObjectId> tips)
      throws IOException {
    try (RevWalk walk = new RevWalk(reader)) {
      walk.setRetainBody(false);
      walk.sort(RevSort.TOPO_KEEP_BRANCH_TOGETHER);
      for (ObjectId tip : tips) {
        walk.markStart(walk.parseCommit(tip));
      }
      for (ObjectId known : boundary) {
        walk.markUninteresting(walk.parseCommit(known));
      }
      List<ObjectId> commits = new ArrayList<>();
      for (RevCommit commit : walk) {
        commits.add(commit.copy());
      }
      Collections.reverse(commits);
      return commits;
    } catch (MissingObjectException | IncorrectObjectTypeException e) {
      throw new SheafException(
          ErrorKind.INVALID,
          source.path() + " is damaged: " + e.getMessage() + "; 'git fsck' shows the extent",
          e);
    }
  }

  @Override
  public void close() {
    reader.close();
  }
}
