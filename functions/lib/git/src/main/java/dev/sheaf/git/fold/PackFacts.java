package dev.sheaf.git.fold;

import dev.sheaf.git.StoredPack;
import java.time.Instant;

/**
 * A pack of a repository, as a plan sees it.
 *
 * @param isUnreachable it holds what a full fold found that no ref reached
 * @param since when it came to be
 */
public record PackFacts(StoredPack pack, boolean isUnreachable, Instant since) {
  long bytes() {
    return pack.packBytes() + pack.indexBytes();
  }
}
