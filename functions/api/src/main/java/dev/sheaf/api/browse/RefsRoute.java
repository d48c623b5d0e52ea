package dev.sheaf.api.browse;

import dev.sheaf.api.access.RepoCall;
import dev.sheaf.api.http.Reply;
import dev.sheaf.repository.Refs;
import dev.sheaf.repository.Repo;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** {@code GET /refs?after=}: what names a commit. Reads the catalog only. */
public final class RefsRoute {
  private final Refs refs;
  private final GitRefsRoute git;

  public RefsRoute(Refs refs, GitRefsRoute git) {
    this.refs = refs;
    this.git = git;
  }

  /**
   * Answers {@code {repo_id, kind, default_branch, branch_heads, next}}. {@code next} is null on
   * the last page, and otherwise goes into {@code after} for the next one. {@code kind} is null
   * before the first push. For a git repository see {@link GitRefsRoute#answer}.
   */
  public Reply answer(RepoCall call) {
    if (call.repo().kind() == Repo.Kind.GIT) {
      return git.answer(call);
    }
    Refs.Page page =
        refs.page(call.repo().repoId(), call.request().queryText("after").orElse(null));
    Map<String, @Nullable Object> fields = new LinkedHashMap<>();
    fields.put("repo_id", call.repo().repoId());
    fields.put("kind", call.repo().kind() == null ? null : call.repo().kind().column());
    fields.put("default_branch", call.repo().defaultBranch());
    fields.put("branch_heads", page.branchHeads());
    fields.put("next", page.next());
    return Reply.ok(fields);
  }
}
