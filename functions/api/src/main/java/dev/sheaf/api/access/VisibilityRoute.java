package dev.sheaf.api.access;

import dev.sheaf.api.http.Reply;
import dev.sheaf.repository.PublicRepos;
import dev.sheaf.repository.Repos;
import java.time.InstantSource;
import java.util.Map;
import java.util.function.Consumer;

/** {@code POST /visibility}: who may read a repository. */
public final class VisibilityRoute {
  private static final int MAX_BODY = 1 << 10;

  private final Repos repos;
  private final PublicRepos publicRepos;
  private final InstantSource clock;
  private final Consumer<String> writeDown;

  /**
   * @param writeDown told of a repository after a change that only the catalog knows
   */
  public VisibilityRoute(
      Repos repos, PublicRepos publicRepos, InstantSource clock, Consumer<String> writeDown) {
    this.repos = repos;
    this.publicRepos = publicRepos;
    this.clock = clock;
    this.writeDown = writeDown;
  }

  /**
   * Takes {@code {public}}: true lets everybody read the repository without a token, false only
   * those whose token says so. Answers {@code {repo_id, public}}.
   */
  public Reply answer(RepoCall call) {
    boolean isPublic = call.request().document(MAX_BODY).requiredFlag("public");
    // In this order the list never lacks what the catalog has, whichever step fails.
    if (isPublic) {
      publicRepos.add(call.repo());
    }
    repos.setPublic(call.repo().repoId(), isPublic, clock.instant());
    if (!isPublic) {
      publicRepos.remove(call.repo());
    }
    writeDown.accept(call.repo().repoId());
    return Reply.ok(Map.of("repo_id", call.repo().repoId(), "public", isPublic));
  }
}
