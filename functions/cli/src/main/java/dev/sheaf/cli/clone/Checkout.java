package dev.sheaf.cli.clone;

import dev.sheaf.cli.git.GitEnvironment;
import dev.sheaf.cli.process.Progress;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.eclipse.jgit.dircache.DirCacheCheckout;
import org.eclipse.jgit.lib.Constants;
import org.eclipse.jgit.lib.ObjectId;
import org.eclipse.jgit.lib.Repository;
import org.eclipse.jgit.revwalk.RevWalk;

/**
 * Fills the work tree of a new clone. Git itself does it where it is installed: it writes names
 * that are not valid text, which Java cannot, and honours the user's own configuration.
 */
final class Checkout {
  private static final long GIT_MINUTES = 30;

  private final Path workTree;
  private final Progress progress;

  Checkout(Path workTree, Progress progress) {
    this.workTree = workTree;
    this.progress = progress;
  }

  void run() throws IOException {
    if (!byGit()) {
      byJGit();
    }
  }

  private boolean byGit() throws IOException {
    Process git;
    try {
      git =
          new ProcessBuilder(List.of("git", "reset", "--quiet", "--hard"))
              .directory(workTree.toFile())
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start();
    } catch (IOException e) {
      return false; // not installed
    }
    try {
      return git.waitFor(GIT_MINUTES, TimeUnit.MINUTES) && git.exitValue() == 0;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while git filled " + workTree, e);
    } finally {
      git.destroy();
    }
  }

  private void byJGit() throws IOException {
    try (Repository repository =
            GitEnvironment.repository().setWorkTree(workTree.toFile()).build();
        RevWalk walk = new RevWalk(repository)) {
      ObjectId head = repository.resolve(Constants.HEAD);
      if (head == null) {
        return;
      }
      DirCacheCheckout checkout =
          new DirCacheCheckout(
              repository, repository.lockDirCache(), walk.parseCommit(head).getTree());
      checkout.setFailOnConflict(false);
      if (!checkout.checkout()) {
        progress.say("some files could not be written; 'git status' shows which");
      }
    }
  }
}
