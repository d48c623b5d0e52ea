package dev.sheaf.localstack.embedded.gateway;

import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The media types that a REST API hands over as bytes.
 *
 * @param binary literal types, and all of them with {@code *}{@code /*} among them
 */
record MediaTypes(Set<String> binary) {
  private static final String ANY = "*/*";

  MediaTypes {
    binary = Set.copyOf(binary);
  }

  /** Whether a request's body goes to the function as base64. */
  boolean isBinaryRequest(@Nullable String contentType) {
    return isBinary(contentType);
  }

  /**
   * Whether a function's base64 answer is decoded: unless all types are binary, the gateway looks
   * at the first type that the client accepts, and at nothing else.
   */
  boolean isBinaryAnswer(@Nullable String accept) {
    return isBinary(accept == null ? null : accept.split(",", 2)[0]);
  }

  private boolean isBinary(@Nullable String type) {
    return binary.contains(ANY) || (type != null && binary.contains(bare(type)));
  }

  private static String bare(String type) {
    return type.split(";", 2)[0].strip().toLowerCase(Locale.ROOT);
  }
}
