package dev.sheaf.api.browse;

import dev.sheaf.api.access.RepoCall;
import dev.sheaf.api.http.Reply;
import dev.sheaf.repository.Refs;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** {@code GET /refs?after=}: what names a commit. Reads the catalog only. */
public final class RefsRoute {
  private final Refs refs;

  public RefsRoute(Refs refs) {
    this.refs = refs;
  }

  /**
   * Answers {@code {repo_id, default_branch, branch_heads, git, next}}: branches first, then the
   * refs of git. {@code next} is null on the last page, and otherwise goes into {@code after} for
   * the next one, which has further entries of both maps.
   */
  public Reply answer(RepoCall call) {
    Refs.Page page =
        refs.page(call.repo().repoId(), call.request().queryText("after").orElse(null));
    Map<String, @Nullable Object> fields = new LinkedHashMap<>();
    fields.put("repo_id", call.repo().repoId());
    fields.put("default_branch", call.repo().defaultBranch());
    fields.put("branch_heads", page.branchHeads());
    fields.put("git", page.git() == null ? null : page.git().toMap());
    fields.put("next", page.next());
    return Reply.ok(fields);
  }
}
