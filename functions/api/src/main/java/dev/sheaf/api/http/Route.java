package dev.sheaf.api.http;

import java.util.Map;

/**
 * One door of the API.
 *
 * @param method upper case; a GET route also answers HEAD
 * @param template its path
 * @param action what it does
 */
public record Route(String method, PathTemplate template, Action action) {
  /** What a route does with a request that matched it. */
  @FunctionalInterface
  public interface Action {
    /**
     * Answers a request.
     *
     * @param path the values of the template's holes, decoded
     */
    Reply answer(Request request, Map<String, String> path);
  }

  /** A route that reads. */
  public static Route get(String template, Action action) {
    return new Route("GET", PathTemplate.parse(template), action);
  }

  /** A route that takes a body. */
  public static Route post(String template, Action action) {
    return new Route("POST", PathTemplate.parse(template), action);
  }

  boolean takes(String requested) {
    return method.equals(requested) || (method.equals("GET") && requested.equals("HEAD"));
  }
}
