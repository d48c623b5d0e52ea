package dev.sheaf.api.access;

import dev.sheaf.api.http.Request;
import dev.sheaf.api.token.Caller;
import dev.sheaf.bundle.ContentId;
import dev.sheaf.bundle.history.IdDialect;
import dev.sheaf.repository.Repo;
import dev.sheaf.repository.token.Scope;
import java.util.Map;

/**
 * A request about a repository that its caller may make.
 *
 * @param path the values of the route's holes
 */
public record RepoCall(Request request, Map<String, String> path, Caller caller, Repo repo) {
  public RepoCall {
    path = Map.copyOf(path);
  }

  /** The value of a hole that the route's template has. */
  public String hole(String name) {
    String value = path.get(name);
    if (value == null) {
      throw new IllegalArgumentException("the route has no {" + name + "}");
    }
    return value;
  }

  /**
   * Refuses a caller who may not push, on a route that others may use as well.
   *
   * @throws dev.sheaf.api.http.HttpFailure 401 or 403
   */
  public void requireWriter() {
    if (!caller.may(Scope.WRITE, repo)) {
      throw Callers.refusal(Scope.WRITE, caller, repoName());
    }
  }

  /**
   * The spelling of object ids that a client understands which named a commit so: bare for the muse
   * client, whose commit ids are bare hashes themselves; prefixed for all others.
   */
  public static IdDialect dialectOf(String commitId) {
    return ContentId.isValid(commitId) ? IdDialect.of(commitId) : IdDialect.PREFIXED;
  }

  /** The repository's name as people write it. */
  public String repoName() {
    return repo.path();
  }
}
