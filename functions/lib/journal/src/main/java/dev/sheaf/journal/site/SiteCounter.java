package dev.sheaf.journal.site;

import java.util.Locale;

/** What is counted, by day. */
public enum SiteCounter {
  /** Jobs that indexed a bundle. */
  BUNDLES,

  /** Objects that they put into the store. */
  OBJECTS,

  /** Length of the bundles on the wire, in bytes. */
  BYTES,

  /** Objects that a repair brought back. */
  REPAIRS;

  /** The name in the journal and in answers: {@code bundles}. */
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }
}
