package dev.sheaf.cli.http;

import dev.sheaf.bundle.Content;
import org.jspecify.annotations.Nullable;

/**
 * The answer to a fetch: exactly one of the two.
 *
 * @param bundle the bundle
 * @param file where the bundle is
 */
public record FetchAnswer(@Nullable Content bundle, @Nullable StoredFile file) {
  static FetchAnswer inline(Content bundle) {
    return new FetchAnswer(bundle, null);
  }

  static FetchAnswer elsewhere(StoredFile file) {
    return new FetchAnswer(null, file);
  }
}
