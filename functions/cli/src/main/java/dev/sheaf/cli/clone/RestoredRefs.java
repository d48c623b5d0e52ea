package dev.sheaf.cli.clone;

import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.bundle.history.GitRefs;
import dev.sheaf.cli.http.RemoteRefs;
import dev.sheaf.cli.restore.RepositoryBuilder;
import dev.sheaf.cli.restore.RepositoryFolder;
import java.io.IOException;
import java.util.Map;
import java.util.TreeMap;
import org.eclipse.jgit.lib.Constants;
import org.eclipse.jgit.lib.ObjectId;
import org.jspecify.annotations.Nullable;

/**
 * The refs of a clone: branches are where the server has them, tags and HEAD as they were pushed. A
 * branch may have moved since the last push from git.
 */
final class RestoredRefs {
  private final RepositoryBuilder builder;
  private final RemoteRefs remote;
  private final Map<String, ObjectId> refs = new TreeMap<>();
  private final Map<String, ObjectId> peeled = new TreeMap<>();

  RestoredRefs(RepositoryBuilder builder, RemoteRefs remote) {
    this.builder = builder;
    this.remote = remote;
  }

  /** Writes the refs; tag objects go to the builder. Gives their number. */
  int write(RepositoryFolder folder) throws IOException {
    remote
        .branchHeads()
        .forEach((branch, head) -> refs.put(Constants.R_HEADS + branch, commit(branch, head)));
    GitRefs git = remote.git();
    if (git != null) {
      for (Map.Entry<String, GitRefs.GitRef> ref : git.refs().entrySet()) {
        if (ref.getKey().startsWith(Constants.R_TAGS)) {
          addTag(ref.getKey(), ref.getValue());
        }
      }
    }
    folder.writeRefs(refs, peeled, head(git));
    return refs.size();
  }

  private void addTag(String name, GitRefs.GitRef tag) throws IOException {
    ObjectId commit = commit(name, tag.commit());
    for (byte[] object : tag.tags().reversed()) {
      builder.addTag(object);
    }
    refs.put(name, ObjectId.fromString(tag.target()));
    if (!tag.tags().isEmpty()) {
      peeled.put(name, commit);
    }
  }

  private ObjectId commit(String ref, String commitId) {
    ObjectId commit = builder.commits().find(commitId);
    if (commit == null) {
      throw new SheafException(
          ErrorKind.CORRUPT,
          ref
              + " names commit "
              + commitId
              + ", which is in none of the bundles; if it was pushed"
              + " just now, 'sheaf jobs' shows whether the server is still working on it");
    }
    return commit;
  }

  private @Nullable String head(@Nullable GitRefs git) {
    String pushed = git == null ? null : git.head();
    if (pushed != null) {
      return pushed;
    }
    String branch = remote.defaultBranch();
    return branch == null ? null : Constants.R_HEADS + branch;
  }
}
