package dev.sheaf.repository.git;

import dev.sheaf.bundle.ContentId;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.repository.WantedPacks.Wanted;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Optional;

/** Another site, as far as it has packs of git repositories. Nothing that it gives is believed. */
public interface PackSource {
  /** What it is called in reports. */
  String host();

  /**
   * Opens a pack; empty when it has none of this name.
   *
   * @throws IOException when it does not say, as SheafException of kind UNAVAILABLE
   */
  Optional<InputStream> blob(ContentId pack) throws IOException;

  /**
   * As {@link #blob(ContentId)}, for a source that keeps what has come of a large pack and goes on
   * from there the next time.
   *
   * @throws IOException as there
   */
  default Optional<InputStream> open(Wanted pack) throws IOException {
    return blob(pack.pack());
  }

  /** Whether more of a pack was kept since it was opened, so that it is to be opened again soon. */
  default boolean hasGrown(Wanted pack) {
    return false;
  }

  /** Nothing of a pack is to be kept any more: it is here, or what was given is not it. */
  default void forget(Wanted pack) {}

  /**
   * The packs that a git repository consists of there, those first that others build on; none where
   * it does not know the repository.
   *
   * @throws IOException when it does not say
   * @throws SheafException of kind UNAVAILABLE when it does not say, INVALID when that is no list
   */
  List<Wanted> packs(String repoId) throws IOException;
}
