package dev.sheaf.api.http;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** Finds the route of a request: the first in the order of the list that matches. */
final class Router {
  private final List<Route> routes;

  Router(List<Route> routes) {
    this.routes = List.copyOf(routes);
  }

  /**
   * Answers a request by its route; OPTIONS by itself.
   *
   * @throws HttpFailure 404 for a path that nobody serves, 405 for a method that its path does not
   *     take
   */
  Reply answer(Request request) {
    List<String> segments = RequestPath.segments(request.path());
    List<Route> others = new ArrayList<>();
    for (Route route : routes) {
      Optional<Map<String, String>> path = route.template().match(segments);
      if (path.isPresent() && route.takes(request.method())) {
        request.log().put("route", route.method() + " " + route.template());
        return route.action().answer(request, path.get());
      }
      path.ifPresent(values -> others.add(route));
    }
    if (others.isEmpty()) {
      throw HttpFailure.notFound("no_route", "nothing is served at " + request.path());
    }
    if (request.method().equals("OPTIONS")) {
      return Reply.empty(204).with("Allow", allowed(others));
    }
    throw HttpFailure.methodNotAllowed(request.method(), allowed(others));
  }

  private static String allowed(List<Route> routes) {
    Set<String> methods = new TreeSet<>(Set.of("OPTIONS"));
    for (Route route : routes) {
      methods.add(route.method());
      if (route.method().equals("GET")) {
        methods.add("HEAD");
      }
    }
    return String.join(", ", methods);
  }
}
