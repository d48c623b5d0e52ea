package dev.sheaf.api.browse;

import dev.sheaf.api.access.RepoCall;
import dev.sheaf.api.http.Reply;
import dev.sheaf.repository.Refs;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** {@code GET /refs}: what names a commit. Reads the catalog only. */
public final class RefsRoute {
  private final Refs refs;

  public RefsRoute(Refs refs) {
    this.refs = refs;
  }

  /** Answers {@code {repo_id, default_branch, branch_heads, git}}. */
  public Reply answer(RepoCall call) {
    Refs.View view = refs.read(call.repo());
    Map<String, @Nullable Object> fields = new LinkedHashMap<>();
    fields.put("repo_id", call.repo().repoId());
    fields.put("default_branch", view.defaultBranch());
    fields.put("branch_heads", view.branchHeads());
    fields.put("git", view.git() == null ? null : view.git().toMap());
    return Reply.ok(fields);
  }
}
