package dev.sheaf.api.access;

import dev.sheaf.api.http.HttpFailure;
import dev.sheaf.api.http.Request;
import dev.sheaf.api.http.Route;
import dev.sheaf.api.token.Caller;
import dev.sheaf.api.token.Scope;
import dev.sheaf.api.token.TokenDirectory;
import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.ObjectKeys;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.repository.Repo;
import dev.sheaf.repository.Repos;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

/**
 * Turns an action on a repository into a route that first asks who calls. Costs one statement, and
 * none where the token alone decides.
 *
 * <p>A token that is not known is refused even where none is needed: its bearer believes to have
 * rights. Whoever may not see a repository gets the same 404 as for one that does not exist.
 */
public final class Guard {
  /** First segments that are, or will be, routes of the site itself. */
  private static final Set<String> RESERVED_OWNERS = Set.of("internal", "o", "health_check");

  private static final String BEARER = "bearer ";

  private final Supplier<Repos> repos;
  private final TokenDirectory tokens;
  private final RepoMaker maker;

  /** Makes the repository of a first push. */
  @FunctionalInterface
  public interface RepoMaker {
    /** The repository at {@code owner/name}, made if there is none. */
    Repo findOrCreate(String owner, String name);
  }

  /**
   * @param repos asked for when a repository has to be looked up
   */
  public Guard(Supplier<Repos> repos, TokenDirectory tokens, RepoMaker maker) {
    this.repos = repos;
    this.tokens = tokens;
    this.maker = maker;
  }

  /** A route for whoever may read the repository. */
  public Route.Action reads(RepoAction action) {
    return (request, path) -> {
      Caller caller = caller(request);
      Place place = place(request, path);
      Repo repo =
          repos
              .get()
              .find(place.owner, place.name)
              .filter(found -> found.isPublic() || caller.mayRead(place.owner, place.name))
              .orElseThrow(place::notFound);
      return action.answer(new RepoCall(request, path, caller, repo));
    };
  }

  /** A route for whoever may push to the repository. */
  public Route.Action writes(RepoAction action) {
    return requires(Scope.WRITE, action);
  }

  /** A route for whoever may decide about the repository. */
  public Route.Action administers(RepoAction action) {
    return requires(Scope.ADMIN, action);
  }

  private Route.Action requires(Scope scope, RepoAction action) {
    return (request, path) -> {
      Caller caller = caller(request);
      Place place = place(request, path);
      require(scope, caller, place);
      Repo repo = repos.get().find(place.owner, place.name).orElseThrow(place::notFound);
      return action.answer(new RepoCall(request, path, caller, repo));
    };
  }

  /** As {@link #writes}, and the repository is made if there is none yet. */
  public Route.Action creates(RepoAction action) {
    return (request, path) -> {
      Caller caller = caller(request);
      Place place = place(request, path);
      require(Scope.WRITE, caller, place);
      place.requireFree();
      Repo repo = maker.findOrCreate(place.owner, place.name);
      return action.answer(new RepoCall(request, path, caller, repo));
    };
  }

  /** Who calls, by the header {@code Authorization}. */
  private Caller caller(Request request) {
    Optional<String> header = request.header("Authorization");
    if (header.isEmpty()) {
      return Caller.ANONYMOUS;
    }
    Caller caller =
        bearerToken(header.get())
            .flatMap(tokens::caller)
            .orElseThrow(() -> HttpFailure.unauthenticated("Invalid or expired access code."));
    request.log().put("caller", caller.name());
    return caller;
  }

  private static Optional<String> bearerToken(String header) {
    return header.toLowerCase(Locale.ROOT).startsWith(BEARER)
        ? Optional.of(header.substring(BEARER.length()).strip())
        : Optional.empty();
  }

  private void require(Scope scope, Caller caller, Place place) {
    boolean may =
        scope == Scope.ADMIN
            ? caller.mayAdminister(place.owner, place.name)
            : caller.mayWrite(place.owner, place.name);
    if (may) {
      return;
    }
    if (caller.isAnonymous()) {
      throw HttpFailure.unauthenticated(
          "Access code required. Send a token with scope '"
              + scope.text()
              + "' for "
              + place
              + " as 'Authorization: Bearer <token>'.");
    }
    boolean visible =
        caller.mayRead(place.owner, place.name)
            || repos.get().find(place.owner, place.name).filter(Repo::isPublic).isPresent();
    if (visible) {
      throw HttpFailure.forbidden(
          "the token '"
              + caller.name()
              + (scope == Scope.ADMIN ? "' may not administer " : "' may not write to ")
              + place
              + "; ask for one with scope '"
              + scope.text()
              + "' and a glob that names it");
    }
    throw place.notFound();
  }

  private static Place place(Request request, Map<String, String> path) {
    Place place = new Place(path.getOrDefault("owner", ""), path.getOrDefault("repo", ""));
    request.log().put("repo", place);
    if (!ObjectKeys.isName(place.owner) || !ObjectKeys.isName(place.name)) {
      throw place.notFound();
    }
    return place;
  }

  /** Where a repository is, or would be. */
  private record Place(String owner, String name) {
    HttpFailure notFound() {
      return HttpFailure.notFound(
          "repo_not_found",
          "repo '"
              + this
              + "' not found; check the name, and that your token may read it (a first push"
              + " needs one with scope 'write')");
    }

    void requireFree() {
      if (RESERVED_OWNERS.contains(owner)) {
        throw new SheafException(
            ErrorKind.INVALID, "'" + owner + "' is reserved for the site; take another owner");
      }
    }

    @Override
    public String toString() {
      return owner + "/" + name;
    }
  }
}
