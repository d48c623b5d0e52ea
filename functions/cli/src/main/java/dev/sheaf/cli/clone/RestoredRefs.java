package dev.sheaf.cli.clone;

import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.bundle.history.GitRefs;
import dev.sheaf.cli.git.RefName;
import dev.sheaf.cli.http.RemoteRefs;
import dev.sheaf.cli.restore.RepositoryBuilder;
import dev.sheaf.cli.restore.RepositoryFolder;
import java.io.IOException;
import java.util.Map;
import java.util.TreeMap;
import org.eclipse.jgit.lib.ObjectId;
import org.jspecify.annotations.Nullable;

/**
 * The refs of a clone: branches are where the server has them, tags and HEAD as they were pushed. A
 * branch may have moved since the last push from git.
 */
final class RestoredRefs {
  private final RepositoryBuilder builder;
  private final RemoteRefs remote;
  private final Map<RefName, ObjectId> refs = new TreeMap<>();
  private final Map<RefName, ObjectId> peeled = new TreeMap<>();

  RestoredRefs(RepositoryBuilder builder, RemoteRefs remote) {
    this.builder = builder;
    this.remote = remote;
  }

  /** Writes the refs; tag objects go to the builder. Gives their number. */
  int write(RepositoryFolder folder) throws IOException {
    for (Map.Entry<String, String> branch : remote.branchHeads().entrySet()) {
      RefName name = RefName.branch(branch.getKey());
      refs.put(name, commit(name, branch.getValue()));
    }
    GitRefs git = remote.git();
    if (git != null) {
      for (Map.Entry<String, GitRefs.GitRef> ref : git.refs().entrySet()) {
        RefName name = new RefName(ref.getKey());
        if (!name.isBranch()) {
          addTag(name, ref.getValue());
        }
      }
    }
    folder.writeRefs(refs, peeled);
    writeHead(folder, git == null ? null : git.head());
    return refs.size();
  }

  /** What the tag objects name, from the commit outwards, is computed; the server's word is not. */
  private void addTag(RefName name, GitRefs.GitRef tag) throws IOException {
    ObjectId commit = commit(name, tag.commit());
    ObjectId target = commit;
    for (byte[] object : tag.tags().reversed()) {
      target = builder.addTag(object, target);
    }
    if (!target.name().equals(tag.target())) {
      throw new SheafException(
          ErrorKind.CORRUPT,
          "the server says that "
              + name
              + " is "
              + tag.target()
              + ", what it gave is "
              + target.name()
              + "; the clone was given up");
    }
    refs.put(name, target);
    if (!tag.tags().isEmpty()) {
      peeled.put(name, commit);
    }
  }

  private ObjectId commit(RefName ref, String commitId) {
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

  private void writeHead(RepositoryFolder folder, @Nullable String pushed) throws IOException {
    if (pushed == null) {
      String branch = remote.defaultBranch();
      folder.checkOut(RefName.branch(branch == null ? "main" : branch));
    } else if (ObjectId.isId(pushed)) {
      folder.detachHead(builder.commits().require(ObjectId.fromString(pushed)));
    } else {
      folder.checkOut(new RefName(pushed).requireBranch());
    }
  }
}
