package dev.sheaf.cli.clone;

import dev.sheaf.cli.git.GitEnvironment;
import dev.sheaf.cli.git.GitProgram;
import dev.sheaf.cli.process.Progress;
import dev.sheaf.cli.process.Visible;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import org.eclipse.jgit.dircache.DirCacheCheckout;
import org.eclipse.jgit.lib.Constants;
import org.eclipse.jgit.lib.ObjectId;
import org.eclipse.jgit.lib.Repository;
import org.eclipse.jgit.revwalk.RevTree;
import org.eclipse.jgit.revwalk.RevWalk;

/**
 * Fills the work tree of a new clone. Git itself does it where it is installed: it writes names
 * that are not valid text, which Java cannot, and honours the user's own configuration.
 */
final class Checkout {
  private final Path workTree;
  private final GitProgram git;
  private final Progress progress;

  /**
   * @param variables the environment of this process
   * @param workTree holds {@code .git} and nothing else
   */
  Checkout(Map<String, String> variables, Path workTree, Progress progress) {
    this.workTree = workTree;
    this.git = new GitProgram(variables, workTree.resolve(Constants.DOT_GIT), workTree);
    this.progress = progress;
  }

  /**
   * Writes what HEAD names.
   *
   * @throws dev.sheaf.bundle.SheafException of kind INVALID when that must not be written to a disk
   */
  void run() throws IOException {
    try (Repository repository =
            GitEnvironment.repository()
                .setGitDir(workTree.resolve(Constants.DOT_GIT).toFile())
                .setWorkTree(workTree.toFile())
                .build();
        RevWalk walk = new RevWalk(repository)) {
      ObjectId head = repository.resolve(Constants.HEAD);
      if (head == null) {
        return;
      }
      RevTree tree = walk.parseCommit(head).getTree();
      new WorkTreeNames(walk.getObjectReader()).require(tree);
      if (!byGit()) {
        byJGit(repository, tree);
      }
    }
  }

  private boolean byGit() throws IOException {
    GitProgram.Outcome outcome = git.run("reset", "--quiet", "--hard");
    if (!outcome.isDone() && outcome.exit() != GitProgram.NOT_INSTALLED) {
      progress.say(
          "git could not fill the work tree ("
              + Visible.line(outcome.complaint())
              + "); files were written without its filters, 'git status' shows which differ");
    }
    return outcome.isDone();
  }

  private void byJGit(Repository repository, RevTree tree) throws IOException {
    DirCacheCheckout checkout = new DirCacheCheckout(repository, repository.lockDirCache(), tree);
    checkout.setFailOnConflict(false);
    if (!checkout.checkout()) {
      progress.say("some files could not be written; 'git status' shows which");
    }
  }

  /**
   * Tells git's index of a work tree that was moved that its files are the same; without, the first
   * {@code git status} reads them again.
   */
  static void refresh(Map<String, String> variables, Path workTree) throws IOException {
    new GitProgram(variables, workTree.resolve(Constants.DOT_GIT), workTree)
        .run("update-index", "-q", "--refresh");
  }
}
