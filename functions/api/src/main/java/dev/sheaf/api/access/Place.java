package dev.sheaf.api.access;

import dev.sheaf.api.http.HttpFailure;
import dev.sheaf.api.http.Request;
import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.ObjectKeys;
import dev.sheaf.bundle.SheafException;
import java.util.Map;
import java.util.Set;

/** Where a repository is, or would be. */
record Place(String owner, String name) {
  /** First segments that are, or will be, routes of the site itself. */
  private static final Set<String> RESERVED_OWNERS = Set.of("internal", "o", "health_check");

  /**
   * @param path the values of the route's holes
   */
  static Place of(Request request, Map<String, String> path) {
    Place place = new Place(path.getOrDefault("owner", ""), path.getOrDefault("repo", ""));
    request.log().put("repo", place);
    if (!ObjectKeys.isName(place.owner) || !ObjectKeys.isPlace(place.name)) {
      throw place.notFound();
    }
    return place;
  }

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
