package dev.sheaf.journal;

import dev.sheaf.storage.ObjectStore.StoredObject;
import java.util.Optional;

/** What a listing saw of a namespace. */
public final class ListedNamespace {
  private final Namespace namespace;
  private final NamespaceListing segments;
  private final Optional<StoredObject> rollup;
  private final long startedAt;

  /**
   * A namespace as listed.
   *
   * @param rollup its facts, where there is one
   * @param startedAt when the listing was begun, on the monotonic clock
   */
  ListedNamespace(
      Namespace namespace,
      NamespaceListing segments,
      Optional<StoredObject> rollup,
      long startedAt) {
    this.namespace = namespace;
    this.segments = segments;
    this.rollup = rollup;
    this.startedAt = startedAt;
  }

  /** Which namespace it is. */
  public Namespace namespace() {
    return namespace;
  }

  /** Whether it holds just what another listing saw of it: nobody has written to it, or folded. */
  public boolean isAsIn(ListedNamespace other) {
    return rollupEtag().equals(other.rollupEtag())
        && segments.segments().equals(other.segments.segments());
  }

  NamespaceListing segments() {
    return segments;
  }

  Optional<String> rollupEtag() {
    return rollup.map(StoredObject::etag);
  }

  long rollupSize() {
    return rollup.map(StoredObject::size).orElse(0L);
  }

  long startedAt() {
    return startedAt;
  }
}
