package dev.sheaf.localstack.embedded.gateway;

import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The media types that a REST API hands over as bytes.
 *
 * @param binary literal types, no wildcards
 */
record MediaTypes(Set<String> binary) {
  MediaTypes {
    binary = Set.copyOf(binary);
  }

  /** Whether a request's body goes to the function as base64. */
  boolean isBinaryRequest(@Nullable String contentType) {
    return contentType != null && binary.contains(bare(contentType));
  }

  /**
   * Whether a function's base64 answer is decoded: the gateway looks at the first type that the
   * client accepts, and at nothing else.
   */
  boolean isBinaryAnswer(@Nullable String accept) {
    return accept != null && binary.contains(bare(accept.split(",", 2)[0]));
  }

  private static String bare(String type) {
    return type.split(";", 2)[0].strip().toLowerCase(Locale.ROOT);
  }
}
