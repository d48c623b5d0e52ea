package dev.sheaf.api.token;

import dev.sheaf.ops.OpsOptions;
import dev.sheaf.repository.Repo;
import dev.sheaf.repository.token.RepoGlob;
import dev.sheaf.repository.token.Scope;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Who makes a request.
 *
 * @param name for logs; {@code anonymous} without a token
 * @param host the peer that the caller speaks for
 */
public record Caller(String name, Set<Scope> scopes, List<RepoGlob> repos, @Nullable String host) {
  /** Somebody without a token. */
  public static final Caller ANONYMOUS = new Caller("anonymous", Set.of(), List.of(), null);

  public Caller {
    scopes = Set.copyOf(scopes);
    repos = List.copyOf(repos);
  }

  /** Whether the request came without a token. */
  public boolean isAnonymous() {
    return equals(ANONYMOUS);
  }

  /** Whether the token opens a repository that is not public. */
  public boolean mayRead(String owner, String repo) {
    return scopes.contains(Scope.READ) ? names(owner, repo) : mayWrite(owner, repo);
  }

  /** Whether the token lets its bearer push to a repository, or create it. */
  public boolean mayWrite(String owner, String repo) {
    boolean writer = scopes.contains(Scope.WRITE) || scopes.contains(Scope.ADMIN);
    return writer && names(owner, repo);
  }

  /**
   * Whether the token gives its bearer a right over a repository. One whose name was made at two
   * sites must be named both as it is shown and as it was first known here: what a peer tells of
   * names opens nothing.
   */
  public boolean may(Scope scope, Repo repo) {
    return may(scope, repo.owner(), repo.shown()) && may(scope, repo.owner(), repo.name());
  }

  /** Whether the token gives its bearer a right over what is at a place. */
  public boolean may(Scope scope, String owner, String repo) {
    return switch (scope) {
      case READ -> mayRead(owner, repo);
      case WRITE -> mayWrite(owner, repo);
      case ADMIN -> mayAdminister(owner, repo);
      case PEER -> false;
    };
  }

  /**
   * Whether the token opens what concerns the whole site: one for all repositories, an
   * administrator's, or a peer's.
   */
  public boolean maySeeSite() {
    return scopes.contains(Scope.PEER)
        || scopes.contains(Scope.ADMIN)
        || (!scopes.isEmpty() && repos.stream().anyMatch(RepoGlob::isAll));
  }

  /**
   * The site for which the caller speaks, by its URL in lower case and without a slash at its end;
   * empty for whoever is no peer.
   */
  public Optional<String> peer() {
    return scopes.contains(Scope.PEER)
        ? Optional.ofNullable(host).map(OpsOptions::host).filter(site -> !site.isEmpty())
        : Optional.empty();
  }

  /** Whether the token opens what sites give one another, or lets its bearer run this one. */
  public boolean mayFollow() {
    return scopes.contains(Scope.PEER) || mayOperate();
  }

  /** Whether the token lets its bearer run this site. */
  public boolean mayOperate() {
    return scopes.contains(Scope.ADMIN) && repos.stream().anyMatch(RepoGlob::isAll);
  }

  /** Whether the token lets its bearer decide who else may read a repository. */
  public boolean mayAdminister(String owner, String repo) {
    return scopes.contains(Scope.ADMIN) && names(owner, repo);
  }

  private boolean names(String owner, String repo) {
    return repos.stream().anyMatch(glob -> glob.matches(owner, repo));
  }
}
