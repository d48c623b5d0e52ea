package dev.sheaf.cli.http;

import dev.sheaf.bundle.history.GitRefs;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.eclipse.jgit.lib.Constants;
import org.jspecify.annotations.Nullable;

/**
 * The refs of a repository on a server.
 *
 * @param branchHeads branch to commit id
 * @param defaultBranch the branch to show first; null when there is none yet
 * @param git the refs of the git repository that was pushed; null for others
 */
public record RemoteRefs(
    Map<String, String> branchHeads, @Nullable String defaultBranch, @Nullable GitRefs git) {
  /** Of a repository that is not there yet. */
  public static final RemoteRefs NONE = new RemoteRefs(Map.of(), null, null);

  /** The commits that branches and tags lead to; a tag's need not be on a branch. */
  public Collection<String> commits() {
    Set<String> commits = new LinkedHashSet<>(branchHeads.values());
    if (git != null) {
      git.refs()
          .forEach((name, ref) -> {
            if (name.startsWith(Constants.R_TAGS)) {
              commits.add(ref.commit());
            }
          });
    }
    return commits;
  }

  /** These and those of the next page. */
  RemoteRefs and(RemoteRefs more) {
    Map<String, String> heads = new LinkedHashMap<>(branchHeads);
    heads.putAll(more.branchHeads);
    return new RemoteRefs(heads, defaultBranch, join(git, more.git));
  }

  private static @Nullable GitRefs join(@Nullable GitRefs first, @Nullable GitRefs second) {
    if (first == null || second == null) {
      return first == null ? second : first;
    }
    SortedMap<String, GitRefs.GitRef> refs = new TreeMap<>(first.refs());
    refs.putAll(second.refs());
    return new GitRefs(first.head() == null ? second.head() : first.head(), refs);
  }

  static RemoteRefs of(Map<String, @Nullable Object> document) {
    return new RemoteRefs(
        AnswerFields.textMap(document, "branch_heads"),
        document.get("default_branch") instanceof String branch ? branch : null,
        document.get("git") instanceof Map<?, ?> git ? GitRefs.fromMap(git) : null);
  }
}
