package dev.sheaf.api.access;

import dev.sheaf.api.http.HttpFailure;
import dev.sheaf.api.http.Request;
import dev.sheaf.api.http.Route;
import dev.sheaf.api.token.Caller;
import dev.sheaf.api.token.TokenDirectory;
import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.ObjectKeys;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.repository.PublicRepos;
import dev.sheaf.repository.Repo;
import dev.sheaf.repository.RepoMovedException;
import dev.sheaf.repository.Repos;
import dev.sheaf.repository.token.Scope;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * Turns an action on a repository into a route that first asks who calls. Costs one statement, and
 * none where the token alone decides: whoever may not read a repository by its token may read it
 * only if it is public, and {@link PublicRepos} knows without the catalog which ones may be. So
 * nobody without rights wakes a catalog that sleeps, whatever names he tries.
 *
 * <p>A token that is not known is refused even where none is needed: its bearer believes to have
 * rights. Whoever may not see a repository gets the same 404 as for one that does not exist; who
 * asks for one that he may see by the name that it had is told the one that it has.
 */
public final class Guard {
  /** First segments that are, or will be, routes of the site itself. */
  private static final Set<String> RESERVED_OWNERS = Set.of("internal", "o", "health_check");

  private static final String BEARER = "bearer ";

  private final Supplier<Repos> repos;
  private final Supplier<PublicRepos> publicRepos;
  private final TokenDirectory tokens;
  private final RepoMaker maker;
  private final HomeRule homes;

  /** Makes the repository of a first push. */
  @FunctionalInterface
  public interface RepoMaker {
    /** The repository at {@code owner/name}, made if there is none. */
    Repo findOrCreate(String owner, String name);
  }

  /**
   * @param repos asked for when a repository has to be looked up
   * @param publicRepos asked for when a token does not open a repository
   * @param homes says what may be written here
   */
  public Guard(
      Supplier<Repos> repos,
      Supplier<PublicRepos> publicRepos,
      TokenDirectory tokens,
      RepoMaker maker,
      HomeRule homes) {
    this.repos = repos;
    this.publicRepos = publicRepos;
    this.tokens = tokens;
    this.maker = maker;
    this.homes = homes;
  }

  /** A route for whoever may read the repository. */
  public Route.Action reads(RepoAction action) {
    return (request, path) -> {
      Caller caller = caller(request);
      Repo repo = readable(caller, place(request, path));
      return action.answer(new RepoCall(request, path, caller, repo));
    };
  }

  private Repo readable(Caller caller, Place place) {
    return (caller.mayRead(place.owner, place.name) ? find(place) : findPublic(place))
        .filter(repo -> mayRead(caller, repo))
        .orElseThrow(() -> missing(caller, place));
  }

  private SheafException missing(Caller caller, Place place) {
    boolean mayBeSeen =
        caller.mayRead(place.owner, place.name)
            || publicRepos.get().mayHold(place.owner, place.name);
    return mayBeSeen
        ? repos
            .get()
            .findRenamed(place.owner, place.name)
            .<SheafException>map(repo -> moved(caller, place, repo))
            .orElseGet(place::notFound)
        : place.notFound();
  }

  private static SheafException moved(Caller caller, Place place, Repo repo) {
    return mayRead(caller, repo)
        ? new RepoMovedException(place.toString(), repo)
        : place.notFound();
  }

  private static boolean mayRead(Caller caller, Repo repo) {
    return repo.isPublic() || caller.may(Scope.READ, repo);
  }

  /**
   * A route for whoever may read the repository with the id in the query parameter {@code repo_id}.
   */
  public Route.Action readsById(RepoAction action) {
    return (request, path) -> {
      Caller caller = caller(request);
      String id =
          request
              .queryText("repo_id")
              .orElseThrow(() ->
                  new SheafException(
                      ErrorKind.INVALID,
                      "query parameter repo_id is missing; GET /{owner}/{repo}/refs tells it"));
      // Of a token nobody can tell without the catalog whether the id is one of its repositories.
      boolean mayBeSeen = !caller.isAnonymous() || publicRepos.get().mayHoldId(id);
      Repo repo =
          (mayBeSeen ? repos.get().byId(id) : Optional.<Repo>empty())
              .filter(found -> mayRead(caller, found))
              .orElseThrow(() ->
                  HttpFailure.notFound(
                      "repo_not_found",
                      "no repository with id '" + id + "', or none that your token may read"));
      return action.answer(new RepoCall(request, path, caller, repo));
    };
  }

  /**
   * A route by which a push begins: as {@link #creates} for whoever may write, as {@link #reads}
   * for everybody else.
   */
  public Route.Action beginsPush(RepoAction action) {
    return (request, path) -> {
      Caller caller = caller(request);
      Place place = place(request, path);
      boolean writes = caller.mayWrite(place.owner, place.name);
      Repo repo = writes ? made(caller, place) : readable(caller, place);
      return action.answer(new RepoCall(request, path, caller, repo));
    };
  }

  /** A route for whoever may read the repository by a token, even if it is public. */
  public Route.Action readsWithToken(RepoAction action) {
    return requires(Scope.READ, action);
  }

  /** A route of the site itself, told who calls. */
  public Route.Action site(SiteAction action) {
    return (request, path) -> action.answer(request, caller(request));
  }

  /** A route for other sites, and for whoever runs this one; told who calls. */
  public Route.Action follows(SiteAction action) {
    return (request, path) -> action.answer(request, follower(request));
  }

  /** As {@link #follows}, about what the path names. */
  public Route.Action followsTo(Route.Action action) {
    return (request, path) -> {
      follower(request);
      return action.answer(request, path);
    };
  }

  /** A route for whoever runs this site. */
  public Route.Action operates(SiteAction action) {
    return (request, path) -> {
      Caller caller = caller(request);
      if (!caller.mayOperate()) {
        throw refusal(Scope.ADMIN, caller, "this site");
      }
      return action.answer(request, caller);
    };
  }

  private Caller follower(Request request) {
    Caller caller = caller(request);
    if (!caller.mayFollow()) {
      throw refusal(Scope.PEER, caller, "this site");
    }
    return caller;
  }

  /** A route for whoever may push to the repository, at its home. */
  public Route.Action writes(RepoAction action) {
    return requires(Scope.WRITE, atHome(action));
  }

  /** A route for whoever may decide about the repository, at its home. */
  public Route.Action administers(RepoAction action) {
    return requires(Scope.ADMIN, atHome(action));
  }

  /** As {@link #administers}, also of a repository that is deleted and has its bytes still. */
  public Route.Action administersEvenDeleted(RepoAction action) {
    return requires(
        Scope.ADMIN,
        place -> repos.get().findShownEvenDeleted(place.owner, place.name),
        atHome(action));
  }

  /** As {@link #administers}, at any site. */
  public Route.Action administersAnywhere(RepoAction action) {
    return requires(Scope.ADMIN, action);
  }

  private RepoAction atHome(RepoAction action) {
    return call -> {
      homes.requireHere(call.repo());
      return action.answer(call);
    };
  }

  private Route.Action requires(Scope scope, RepoAction action) {
    return requires(scope, this::find, action);
  }

  private Route.Action requires(
      Scope scope, Function<Place, Optional<Repo>> finder, RepoAction action) {
    return (request, path) -> {
      Caller caller = caller(request);
      Place place = place(request, path);
      require(scope, caller, place);
      Repo repo =
          finder
              .apply(place)
              .filter(found -> caller.may(scope, found))
              .orElseThrow(() -> missing(caller, place));
      return action.answer(new RepoCall(request, path, caller, repo));
    };
  }

  /** As {@link #writes}, and the repository is made if there is none yet. */
  public Route.Action creates(RepoAction action) {
    return (request, path) -> {
      Caller caller = caller(request);
      Place place = place(request, path);
      require(Scope.WRITE, caller, place);
      return action.answer(new RepoCall(request, path, caller, made(caller, place)));
    };
  }

  /**
   * As {@link #creates}, for a route that makes the repository itself, with the statement that
   * writes what it has to say.
   */
  public Route.Action mayCreate(PlaceAction action) {
    return (request, path) -> {
      Caller caller = caller(request);
      Place place = place(request, path);
      require(Scope.WRITE, caller, place);
      place.requireFree();
      if (place.isOfSite()) {
        homes.requireHere(find(place).orElseThrow(place::notFound));
      } else if (homes.hasPeers()) {
        find(place).ifPresent(homes::requireHere);
      }
      try {
        return action.answer(new PlaceCall(request, caller, place.owner, place.name));
      } catch (RepoMovedException e) {
        throw moved(caller, place, e.repo());
      }
    };
  }

  private Repo made(Caller caller, Place place) {
    place.requireFree();
    Repo repo = foundOrMade(caller, place);
    if (!caller.may(Scope.WRITE, repo)) {
      throw place.notFound();
    }
    homes.requireHere(repo);
    return repo;
  }

  private Repo foundOrMade(Caller caller, Place place) {
    if (place.isOfSite()) {
      return find(place).orElseThrow(place::notFound);
    }
    try {
      return maker.findOrCreate(place.owner, place.name);
    } catch (RepoMovedException e) {
      throw moved(caller, place, e.repo());
    }
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
    if (caller.may(scope, place.owner, place.name)) {
      return;
    }
    boolean visible =
        caller.isAnonymous()
            || caller.mayRead(place.owner, place.name)
            || findPublic(place).isPresent();
    throw visible ? refusal(scope, caller, place.toString()) : place.notFound();
  }

  /** 401 for a caller without a token, 403 for one whose token is not enough. */
  static HttpFailure refusal(Scope scope, Caller caller, String place) {
    if (caller.isAnonymous()) {
      return HttpFailure.unauthenticated(
          "Access code required. Send a token with scope '"
              + scope.text()
              + "' for "
              + place
              + " as 'Authorization: Bearer <token>'.");
    }
    return HttpFailure.forbidden(
        "the token '"
            + caller.name()
            + "' may not "
            + verb(scope)
            + " "
            + place
            + "; ask for one with scope '"
            + scope.text()
            + (scope == Scope.PEER ? "'" : "' and a glob that names it"));
  }

  private static String verb(Scope scope) {
    return switch (scope) {
      case ADMIN -> "administer";
      case READ -> "look behind the public side of";
      case PEER -> "follow";
      default -> "write to";
    };
  }

  private Optional<Repo> find(Place place) {
    return repos.get().findShown(place.owner, place.name);
  }

  private Optional<Repo> findPublic(Place place) {
    return publicRepos.get().mayHold(place.owner, place.name)
        ? find(place).filter(Repo::isPublic)
        : Optional.empty();
  }

  private static Place place(Request request, Map<String, String> path) {
    Place place = new Place(path.getOrDefault("owner", ""), path.getOrDefault("repo", ""));
    request.log().put("repo", place);
    if (!ObjectKeys.isName(place.owner) || !ObjectKeys.isPlace(place.name)) {
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

    /** Whether this is the name of what another site had made before: it is given by nobody. */
    boolean isOfSite() {
      return !ObjectKeys.isName(name);
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
