package dev.sheaf.repair.presence;

import dev.sheaf.bundle.ObjectKeys;
import dev.sheaf.git.GitKeys;
import java.util.Locale;

/**
 * What a site keeps in its bucket and knows of in its catalog, in the order in which it is looked
 * after: objects are re-made from bundles, so bundles come first.
 */
public enum Kind {
  BUNDLE(ObjectKeys.BUNDLES),
  PACK(ObjectKeys.PACKS),
  /** The packs of git repositories, and what is derived from them and stands beside them. */
  GIT(GitKeys.GIT),
  OBJECT(ObjectKeys.OBJECTS);

  private final String prefix;

  Kind(String prefix) {
    this.prefix = prefix;
  }

  /** What the keys of this kind begin with. */
  public String prefix() {
    return prefix;
  }

  /** As it is written in the catalog and in reports: {@code bundle}. */
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }
}
