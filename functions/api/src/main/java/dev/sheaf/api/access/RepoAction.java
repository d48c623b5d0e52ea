package dev.sheaf.api.access;

import dev.sheaf.api.http.Reply;

/** What a route does for a repository. */
@FunctionalInterface
public interface RepoAction {
  /** Answers a request that the caller may make. */
  Reply answer(RepoCall call);
}
