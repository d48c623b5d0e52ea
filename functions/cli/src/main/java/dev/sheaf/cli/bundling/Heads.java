package dev.sheaf.cli.bundling;

import dev.sheaf.bundle.history.GitRefs;
import dev.sheaf.bundle.msgpack.PackedMap;
import dev.sheaf.cli.git.RefList;
import dev.sheaf.cli.git.RefTarget;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import org.eclipse.jgit.lib.Constants;

/**
 * The refs of a git repository as a bundle carries them.
 *
 * @param branches branch to commit id
 * @param git every ref, with what it takes to make it again
 */
public record Heads(Map<String, String> branches, GitRefs git) {
  /** Nothing: for all bundles of a push but the last. */
  public static final Heads NONE = new Heads(Map.of(), new GitRefs(null, Map.of()));

  /** The refs to be pushed. */
  public static Heads of(RefList refs, CommitIds ids) throws IOException {
    Map<String, String> branches = new TreeMap<>();
    Map<String, GitRefs.GitRef> all = new LinkedHashMap<>();
    for (Map.Entry<String, RefTarget> ref : refs.refs().entrySet()) {
      RefTarget target = ref.getValue();
      String commit = ids.of(target.commit());
      all.put(ref.getKey(), new GitRefs.GitRef(target.target().name(), commit, target.tags()));
      if (ref.getKey().startsWith(Constants.R_HEADS)) {
        branches.put(ref.getKey().substring(Constants.R_HEADS.length()), commit);
      }
    }
    return new Heads(branches, new GitRefs(refs.head(), all));
  }

  /** A bundle's meta with these refs. */
  PackedMap meta() {
    return git.refs().isEmpty() ? PackedMap.EMPTY : PackedMap.of(Map.of("git", git.toMap()));
  }
}
