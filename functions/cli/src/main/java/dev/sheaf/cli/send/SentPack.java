package dev.sheaf.cli.send;

import dev.sheaf.bundle.ContentId;
import dev.sheaf.cli.git.KnownPacks;
import dev.sheaf.cli.git.LocalRepository;
import dev.sheaf.cli.http.UpdateAnswer;
import java.io.IOException;
import java.util.List;

/**
 * A git bundle that was written.
 *
 * @param id its SHA-256
 * @param sizeBytes its length
 * @param objects how many objects it holds
 * @param uploaded false when the server had it already
 */
public record SentPack(ContentId id, long sizeBytes, long objects, boolean uploaded) {

  /** While the server has not read it, a fetch is not to bring it back here. */
  public void remember(LocalRepository repository, UpdateAnswer answer) {
    if (answer.jobs().isEmpty()) {
      return;
    }
    try {
      new KnownPacks(repository).add(List.of(id));
    } catch (IOException e) {
      // A repository that can only be read is pushed all the same; its next fetch takes more.
    }
  }
}
