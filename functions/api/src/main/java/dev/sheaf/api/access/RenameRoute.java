package dev.sheaf.api.access;

import dev.sheaf.api.http.HttpFailure;
import dev.sheaf.api.http.Reply;
import dev.sheaf.repository.PublicRepos;
import dev.sheaf.repository.Renames;
import dev.sheaf.repository.Repo;
import dev.sheaf.repository.token.Scope;
import java.time.InstantSource;
import java.util.Map;
import java.util.function.Consumer;

/** {@code POST /name}: what a repository is called. */
public final class RenameRoute {
  private static final int MAX_BODY = 1 << 10;

  private final Renames renames;
  private final PublicRepos publicRepos;
  private final InstantSource clock;
  private final Consumer<String> writeDown;

  /**
   * @param writeDown told of a repository after a change that only the catalog knows
   */
  public RenameRoute(
      Renames renames, PublicRepos publicRepos, InstantSource clock, Consumer<String> writeDown) {
    this.renames = renames;
    this.publicRepos = publicRepos;
    this.clock = clock;
    this.writeDown = writeDown;
  }

  /**
   * Takes {@code {name}}, the last segment of the URL that it gets, under the same owner. The
   * caller must have scope admin for both names: so nobody learns of a name that is not his, nor
   * puts anything in its place. Answers {@code {repo_id, name}} with {@code owner/name}.
   */
  public Reply answer(RepoCall call) {
    String name = call.request().document(MAX_BODY).text("name");
    Renames.requireName(name);
    Repo repo = call.repo();
    if (!call.caller().may(Scope.ADMIN, repo.owner(), name)) {
      throw HttpFailure.forbidden(
          "the token '%s' may not administer %s/%s, which this would make; ask for one with scope 'admin' that names both"
              .formatted(call.caller().name(), repo.owner(), name));
    }
    // First, so that the list never lacks what the catalog has. The old name stays on it: whoever
    // asks for that is told the new one.
    if (repo.isPublic()) {
      publicRepos.add(repo.shownAs(name));
    }
    Repo renamed = renames.rename(repo.repoId(), name, clock.instant());
    writeDown.accept(repo.repoId());
    return Reply.ok(Map.of("repo_id", repo.repoId(), "name", renamed.path()));
  }
}
