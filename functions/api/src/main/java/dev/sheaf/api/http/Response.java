package dev.sheaf.api.http;

import dev.sheaf.bundle.Content;
import java.util.Map;

/**
 * A finished answer.
 *
 * @param body its bytes; empty for none
 * @param binary whether the body is anything but UTF-8 text
 */
public record Response(int status, Map<String, String> headers, Content body, boolean binary) {
  public Response {
    headers = Map.copyOf(headers);
  }
}
