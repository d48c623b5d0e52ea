package dev.sheaf.repository;

import dev.sheaf.bundle.ContentId;
import dev.sheaf.bundle.Pending;
import dev.sheaf.storage.ObjectStore;
import dev.sheaf.storage.catalog.Catalog;
import java.io.InputStream;
import java.net.URI;
import java.time.Duration;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;

/**
 * Reads objects of a repository. Where an object's bytes are is known here and nowhere else: in the
 * catalog until a job stores them, else in the store.
 */
public final class RepositoryObjects {
  private final Catalog catalog;
  private final ObjectStore store;

  public RepositoryObjects(Catalog catalog, ObjectStore store) {
    this.catalog = catalog;
    this.store = store;
  }

  /**
   * Where the bytes of an object are. Stays true until the next job: locate, then read.
   *
   * @param sizeBytes length of the content
   * @param cached whether the catalog holds the bytes
   */
  public record Location(ContentId id, long sizeBytes, String storageUri, boolean cached) {}

  /** Finds objects of a repository; absent are those it may not read or that have no bytes. */
  public Map<ContentId, Location> locate(String repoId, Collection<ContentId> ids) {
    return Pending.value(catalog, store);
  }

  /** Finds one object of a repository. */
  public Optional<Location> locate(String repoId, ContentId id) {
    return Pending.value();
  }

  /**
   * The bytes of an object, from the store or from the catalog; the caller closes the stream.
   *
   * @param offset first byte
   * @param length how many bytes, or -1 for all that follow
   * @throws dev.sheaf.bundle.SheafException of kind CORRUPT when the bytes are not where the
   *     catalog says
   */
  public InputStream open(Location location, long offset, long length) {
    return Pending.value();
  }

  /**
   * The bytes of many objects that the catalog holds, in as few statements as their sizes allow.
   *
   * @param locations cached ones only
   */
  public Map<ContentId, byte[]> readCached(Collection<Location> locations) {
    return Pending.value();
  }

  /** A URL that reads an object straight from the store; empty while the catalog holds it. */
  public Optional<URI> presign(Location location, Duration lifetime) {
    return Pending.value();
  }
}
