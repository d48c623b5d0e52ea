package dev.sheaf.repository;

import dev.sheaf.bundle.BytesContent;
import dev.sheaf.bundle.ContentId;
import dev.sheaf.bundle.Pending;
import dev.sheaf.storage.catalog.Catalog;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The tables {@code objects} and {@code object_refs}, many rows a statement. Ids travel as one blob
 * of raw bytes, sorted, so that two writers of the same objects lock them in the same order.
 */
public final class ObjectRows {
  private final Catalog catalog;

  public ObjectRows(Catalog catalog) {
    this.catalog = catalog;
  }

  /**
   * An object that is in the store.
   *
   * @param sizeBytes length of its content
   * @param etag as the PUT returned it; null when it was there already
   */
  public record Stored(ContentId id, long sizeBytes, @Nullable String etag) {}

  /**
   * An object that the catalog holds until a job stores it.
   *
   * @param content its bytes, at most 1 MiB
   */
  public record Cached(ContentId id, BytesContent content) {}

  /** Which of these objects are in the store, whatever repository they came from. One statement. */
  public Set<ContentId> stored(Collection<ContentId> ids) {
    return Pending.value(catalog);
  }

  /**
   * Which of these objects the repository does not have: no ref, or no bytes yet. In the order
   * given.
   */
  public List<ContentId> missing(String repoId, Collection<ContentId> ids) {
    return Pending.value();
  }

  /**
   * Records objects that are in the store. A row that waited with its content in the catalog is
   * promoted: it gets its URI and gives up the content.
   *
   * @param bucket the store's bucket
   */
  public void putStored(Collection<Stored> objects, String bucket, Instant now) {
    Pending.value();
  }

  /** Records objects together with their content; rows that are there already stay as they are. */
  public void putCached(Collection<Cached> objects, Instant now) {
    Pending.value();
  }

  /** Lets a repository read objects; rows that are there already stay as they are. */
  public void putRefs(String repoId, Collection<ContentId> ids, Instant now) {
    Pending.value();
  }
}
