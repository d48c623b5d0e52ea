package dev.sheaf.repository.intake;

/** What a job spends its time on; the labels of its timings. */
public enum Phase {
  /** Waiting for the bundle's bytes. */
  FETCH_BUNDLE,
  /** Taking the bundle apart. */
  UNPACK,
  /** Resolving and writing snapshots. */
  SNAPSHOT_INSERT,
  /** Ordering and writing commits. */
  COMMIT_INSERT,
  /** Waiting for objects to be decoded and stored. */
  OBJECT_PUTS,
  /** Looking up and writing rows of objects. */
  OBJECT_INSERT,
  /** Checking and writing which objects the repository may read. */
  OBJECT_REFS;

  /** The name in the log line: {@code fetch_bundle}. */
  public String label() {
    return name().toLowerCase(java.util.Locale.ROOT);
  }
}
