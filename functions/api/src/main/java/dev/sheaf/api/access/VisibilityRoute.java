package dev.sheaf.api.access;

import dev.sheaf.api.http.Reply;
import dev.sheaf.repository.Repos;
import java.util.Map;

/** {@code POST /visibility}: who may read a repository. */
public final class VisibilityRoute {
  private static final int MAX_BODY = 1 << 10;

  private final Repos repos;

  public VisibilityRoute(Repos repos) {
    this.repos = repos;
  }

  /**
   * Takes {@code {public}}: true lets everybody read the repository without a token, false only
   * those whose token says so. Answers {@code {repo_id, public}}.
   */
  public Reply answer(RepoCall call) {
    boolean isPublic = call.request().document(MAX_BODY).requiredFlag("public");
    repos.setPublic(call.repo().repoId(), isPublic);
    return Reply.ok(Map.of("repo_id", call.repo().repoId(), "public", isPublic));
  }
}
