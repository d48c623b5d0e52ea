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
   * The packs that a git repository consists of there, those first that others build on; none where
   * it does not know the repository.
   *
   * @throws IOException when it does not say
   * @throws SheafException of kind UNAVAILABLE when it does not say, INVALID when that is no list
   */
  List<Wanted> packs(String repoId) throws IOException;
}
