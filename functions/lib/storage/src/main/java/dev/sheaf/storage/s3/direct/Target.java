package dev.sheaf.storage.s3.direct;

import java.util.Map;
import java.util.SortedMap;
import java.util.stream.Collectors;

/**
 * What a request asks for.
 *
 * @param path percent-encoded, as sent
 * @param query percent-encoded, in the order of the names, without question mark; empty for none
 */
record Target(String method, String path, String query) {
  /** The target of a request without a query. */
  static Target of(String method, String path) {
    return new Target(method, path, "");
  }

  /** The target of a GET with a query. */
  static Target get(String path, SortedMap<String, String> query) {
    String text = query.entrySet().stream().map(Target::pair).collect(Collectors.joining("&"));
    return new Target("GET", path, text);
  }

  private static String pair(Map.Entry<String, String> parameter) {
    return PercentEncoding.ofQuery(parameter.getKey())
        + "="
        + PercentEncoding.ofQuery(parameter.getValue());
  }

  /** The first line of the request, without its end. */
  String requestLine() {
    return method + " " + path + (query.isEmpty() ? "" : "?" + query) + " HTTP/1.1";
  }
}
