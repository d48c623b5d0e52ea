package dev.sheaf.cli.push;

import dev.sheaf.bundle.history.GitRefs;
import dev.sheaf.cli.bundling.CommitIds;
import dev.sheaf.cli.git.GitHistory;
import dev.sheaf.cli.git.RefList;
import dev.sheaf.cli.http.RemoteRefs;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.eclipse.jgit.lib.ObjectId;
import org.jspecify.annotations.Nullable;

/**
 * The commits that the server names, as far as they are here: the server has them and all that they
 * build on.
 */
final class KnownCommits {
  private final Map<String, ObjectId> local = new HashMap<>();

  private KnownCommits() {}

  /** Looks for the server's heads and tags here. */
  static KnownCommits find(RemoteRefs remote, RefList refs, GitHistory history, CommitIds ids)
      throws IOException {
    KnownCommits known = new KnownCommits();
    Set<String> open = new HashSet<>(remote.branchHeads().values());
    GitRefs git = remote.git();
    if (git != null) {
      for (GitRefs.GitRef ref : git.refs().values()) {
        open.add(ref.commit());
        known.tryCommit(commitOf(ref), ref.commit(), history, ids);
      }
    }
    open.removeAll(known.local.keySet());
    known.search(open, refs, history, ids);
    return known;
  }

  private static ObjectId commitOf(GitRefs.GitRef ref) {
    if (ref.tags().isEmpty()) {
      return ObjectId.fromString(ref.target());
    }
    byte[] innermost = ref.tags().getLast();
    return ObjectId.fromString(innermost, "object ".getBytes(StandardCharsets.US_ASCII).length);
  }

  private void tryCommit(ObjectId commit, String id, GitHistory history, CommitIds ids)
      throws IOException {
    if (history.has(commit) && ids.of(commit).equals(id)) {
      local.put(id, commit);
    }
  }

  /** The server has branches that no git ref explains: computes ids until they are found. */
  private void search(Set<String> open, RefList refs, GitHistory history, CommitIds ids)
      throws IOException {
    if (open.isEmpty()) {
      return;
    }
    List<ObjectId> all = history.commitsBetween(local.values(), refs.tips());
    for (ObjectId commit : all.reversed()) {
      String id = ids.of(commit);
      if (open.remove(id)) {
        local.put(id, commit);
        if (open.isEmpty()) {
          return;
        }
      }
    }
  }

  /** The commit here; null when it is not here. */
  @Nullable ObjectId local(String commitId) {
    return local.get(commitId);
  }

  /** All that were found. */
  Collection<ObjectId> commits() {
    return local.values();
  }
}
