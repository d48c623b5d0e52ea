package dev.sheaf.repository.intake;

/** Where the objects of an intake go. */
public enum Keeping {
  /** All into the store. */
  IN_STORE,
  /**
   * Small ones into the catalog, where they can be read as soon as the push is committed; a job
   * stores them later. Those that the catalog is not to hold go into the store.
   */
  IN_CATALOG
}
