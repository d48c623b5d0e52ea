package dev.sheaf.cli.push;

import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.bundle.history.GitRefs;
import dev.sheaf.cli.bundling.Heads;
import dev.sheaf.cli.git.GitHistory;
import dev.sheaf.cli.git.RefList;
import dev.sheaf.cli.git.RefTarget;
import dev.sheaf.cli.http.RemoteRefs;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.eclipse.jgit.lib.Constants;
import org.eclipse.jgit.lib.ObjectId;
import org.jspecify.annotations.Nullable;

/** Compares the refs here with those on the server, before anything is sent. */
final class RefChanges {
  private final RefList refs;
  private final Heads heads;
  private final RemoteRefs remote;

  RefChanges(RefList refs, Heads heads, RemoteRefs remote) {
    this.refs = refs;
    this.heads = heads;
    this.remote = remote;
  }

  /** Whether the server has every ref as it is here. */
  boolean isEmpty() {
    boolean headKnown = remoteGit() != null || refs.head() == null;
    return headKnown && refs.refs().keySet().stream().allMatch(this::isSame);
  }

  private boolean isSame(String name) {
    GitRefs.GitRef there = remoteRef(name);
    RefTarget here = Objects.requireNonNull(refs.refs().get(name));
    boolean same = there != null && there.target().equals(here.target().name());
    if (!name.startsWith(Constants.R_HEADS)) {
      return same;
    }
    String branch = name.substring(Constants.R_HEADS.length());
    return same && Objects.equals(heads.branches().get(branch), remote.branchHeads().get(branch));
  }

  private @Nullable GitRefs remoteGit() {
    return remote.git();
  }

  private GitRefs.@Nullable GitRef remoteRef(String name) {
    GitRefs git = remote.git();
    return git == null ? null : git.refs().get(name);
  }

  /**
   * Refuses branches that do not build on where the server has them, and tags that moved.
   *
   * @throws SheafException of kind CONFLICT that names them
   */
  void requireFastForward(KnownCommits known, GitHistory history) throws IOException {
    List<String> diverged = new ArrayList<>();
    for (Map.Entry<String, RefTarget> ref : refs.refs().entrySet()) {
      if (!isFastForward(ref.getKey(), ref.getValue(), known, history)) {
        diverged.add(ref.getKey());
      }
    }
    if (!diverged.isEmpty()) {
      throw new SheafException(
          ErrorKind.CONFLICT,
          "the server has "
              + String.join(", ", diverged)
              + " at a place that this repository does not build on; nothing was sent;"
              + " clone and merge, or push with --force to move them");
    }
  }

  private boolean isFastForward(String name, RefTarget here, KnownCommits known, GitHistory history)
      throws IOException {
    if (name.startsWith(Constants.R_TAGS)) {
      GitRefs.GitRef there = remoteRef(name);
      return there == null || there.target().equals(here.target().name());
    }
    String head = remote.branchHeads().get(name.substring(Constants.R_HEADS.length()));
    if (head == null) {
      return true;
    }
    ObjectId commit = known.local(head);
    return commit != null && history.isAncestor(commit, here.commit());
  }
}
