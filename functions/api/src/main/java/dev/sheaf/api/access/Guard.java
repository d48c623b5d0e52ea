package dev.sheaf.api.access;

import dev.sheaf.api.http.HttpFailure;
import dev.sheaf.api.http.Route;
import dev.sheaf.api.token.Caller;
import dev.sheaf.api.token.TokenDirectory;
import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.repository.PublicRepos;
import dev.sheaf.repository.Repo;
import dev.sheaf.repository.RepoMovedException;
import dev.sheaf.repository.Repos;
import dev.sheaf.repository.token.Scope;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * Turns an action on a repository into a route that first asks who calls. Costs one statement, and
 * none where the token alone decides: whoever may not read a repository by its token may read it
 * only if it is public, and {@link PublicRepos} knows without the catalog which ones may be. So
 * nobody without rights wakes a catalog that sleeps, whatever names he tries.
 *
 * <p>Whoever may not see a repository gets the same 404 as for one that does not exist; who asks
 * for one that he may see by the name that it had is told the one that it has.
 */
public final class Guard {
  private final Supplier<Repos> repos;
  private final Supplier<PublicRepos> publicRepos;
  private final Callers callers;
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
    this.callers = new Callers(tokens);
    this.maker = maker;
    this.homes = homes;
  }

  /** A route for whoever may read the repository. */
  public Route.Action reads(RepoAction action) {
    return (request, path) -> {
      Caller caller = callers.of(request);
      Repo repo = readable(caller, Place.of(request, path));
      return action.answer(new RepoCall(request, path, caller, repo));
    };
  }

  private Repo readable(Caller caller, Place place) {
    return (caller.mayRead(place.owner(), place.name()) ? find(place) : findPublic(place))
        .filter(repo -> mayRead(caller, repo))
        .orElseThrow(() -> missing(caller, place));
  }

  private SheafException missing(Caller caller, Place place) {
    boolean mayBeSeen =
        caller.mayRead(place.owner(), place.name())
            || publicRepos.get().mayHold(place.owner(), place.name());
    return mayBeSeen
        ? repos
            .get()
            .findRenamed(place.owner(), place.name())
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
      Caller caller = callers.of(request);
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
      Caller caller = callers.of(request);
      Place place = Place.of(request, path);
      boolean writes = caller.mayWrite(place.owner(), place.name());
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
    return (request, path) -> action.answer(request, callers.of(request));
  }

  /** A route for other sites, and for whoever runs this one; told who calls. */
  public Route.Action follows(SiteAction action) {
    return (request, path) -> action.answer(request, callers.follower(request));
  }

  /** As {@link #follows}, about what the path names. */
  public Route.Action followsTo(Route.Action action) {
    return (request, path) -> {
      callers.follower(request);
      return action.answer(request, path);
    };
  }

  /** A route for whoever runs this site. */
  public Route.Action operates(SiteAction action) {
    return (request, path) -> action.answer(request, callers.operator(request));
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
        place -> repos.get().findShownEvenDeleted(place.owner(), place.name()),
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
      Caller caller = callers.of(request);
      Place place = Place.of(request, path);
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
      Caller caller = callers.of(request);
      Place place = Place.of(request, path);
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
      Caller caller = callers.of(request);
      Place place = Place.of(request, path);
      require(Scope.WRITE, caller, place);
      place.requireFree();
      if (place.isOfSite()) {
        homes.requireHere(find(place).orElseThrow(place::notFound));
      } else if (homes.hasPeers()) {
        find(place).ifPresent(homes::requireHere);
      }
      try {
        return action.answer(new PlaceCall(request, caller, place.owner(), place.name()));
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
      return maker.findOrCreate(place.owner(), place.name());
    } catch (RepoMovedException e) {
      throw moved(caller, place, e.repo());
    }
  }

  private void require(Scope scope, Caller caller, Place place) {
    if (caller.may(scope, place.owner(), place.name())) {
      return;
    }
    boolean visible =
        caller.isAnonymous()
            || caller.mayRead(place.owner(), place.name())
            || findPublic(place).isPresent();
    throw visible ? Callers.refusal(scope, caller, place.toString()) : place.notFound();
  }

  private Optional<Repo> find(Place place) {
    return repos.get().findShown(place.owner(), place.name());
  }

  private Optional<Repo> findPublic(Place place) {
    return publicRepos.get().mayHold(place.owner(), place.name())
        ? find(place).filter(Repo::isPublic)
        : Optional.empty();
  }
}
