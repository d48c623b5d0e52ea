package dev.sheaf.cli.rehearsal;

import dev.sheaf.cli.git.GitEnvironment;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneOffset;
import org.eclipse.jgit.lib.CommitBuilder;
import org.eclipse.jgit.lib.Constants;
import org.eclipse.jgit.lib.FileMode;
import org.eclipse.jgit.lib.ObjectId;
import org.eclipse.jgit.lib.ObjectInserter;
import org.eclipse.jgit.lib.PersonIdent;
import org.eclipse.jgit.lib.RefUpdate;
import org.eclipse.jgit.lib.Repository;
import org.eclipse.jgit.lib.TreeFormatter;
import org.jspecify.annotations.Nullable;

/** A git repository that is large enough for every step of a push and a clone to have work. */
public final class RehearsalRepository {
  private static final int COMMITS = 60;
  private static final int LINES = 400;

  private RehearsalRepository() {}

  /** Makes it, the same each time: one branch, on which a few lines change in each commit. */
  public static void create(Path folder) throws IOException {
    try (Repository repository =
            GitEnvironment.repository().setGitDir(folder.toFile()).setBare().build();
        ObjectInserter inserter = repository.newObjectInserter()) {
      repository.create(true);
      ObjectId head = null;
      for (int i = 0; i < COMMITS; i++) {
        head = commit(inserter, i, head);
      }
      inserter.flush();
      RefUpdate branch = repository.updateRef(Constants.R_HEADS + Constants.MASTER);
      branch.setNewObjectId(head);
      branch.update();
    }
  }

  private static ObjectId commit(ObjectInserter inserter, int serial, @Nullable ObjectId parent)
      throws IOException {
    TreeFormatter inner = new TreeFormatter();
    inner.append("changing.txt", FileMode.REGULAR_FILE, file(inserter, serial));
    TreeFormatter root = new TreeFormatter();
    root.append("folder", FileMode.TREE, inserter.insert(inner));
    root.append("new-" + serial, FileMode.EXECUTABLE_FILE, file(inserter, -serial));
    PersonIdent somebody =
        new PersonIdent("Somebody", "nobody@invalid", Instant.EPOCH, ZoneOffset.UTC);
    CommitBuilder commit = new CommitBuilder();
    commit.setTreeId(inserter.insert(root));
    commit.setAuthor(somebody);
    commit.setCommitter(somebody);
    commit.setMessage("commit " + serial);
    if (parent != null) {
      commit.setParentId(parent);
    }
    return inserter.insert(commit);
  }

  private static ObjectId file(ObjectInserter inserter, int serial) throws IOException {
    StringBuilder text = new StringBuilder();
    for (int line = 0; line < LINES; line++) {
      int changed = line % 37 == serial % 37 ? serial : 0;
      text.append("line ").append(line * 31).append(" says ").append(changed).append('\n');
    }
    return inserter.insert(Constants.OBJ_BLOB, text.toString().getBytes(StandardCharsets.UTF_8));
  }
}
