package dev.sheaf.repository.token;

import java.util.Locale;

/** What a token may do. */
public enum Scope {
  /** See the repositories of its globs. */
  READ,
  /** Push to them, and create them; includes {@link #READ}. */
  WRITE,
  /** Speak as another site: operation sweeps and blobs. */
  PEER,
  /** Everything on its repositories, and a site's own routes; includes {@link #WRITE}. */
  ADMIN;

  /** As it is written in an entry. */
  public String text() {
    return name().toLowerCase(Locale.ROOT);
  }
}
