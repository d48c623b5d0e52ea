package dev.sheaf.repository.history;

import dev.sheaf.bundle.ContentId;
import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.ObjectKeys;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.repository.column.IdBlob;
import dev.sheaf.repository.column.WideRead;
import dev.sheaf.storage.ObjectStore;
import dev.sheaf.storage.catalog.Batches;
import dev.sheaf.storage.catalog.Catalog;
import dev.sheaf.storage.catalog.Rows;
import dev.sheaf.storage.catalog.Statement;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.net.URI;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Reads objects of a repository. Where an object's bytes are is known here and nowhere else: in the
 * catalog until a job stores them, else in the store.
 */
public final class RepositoryObjects {
  private static final int LOCATIONS_A_STATEMENT = 4_000;

  private final Catalog catalog;
  private final ObjectStore store;

  public RepositoryObjects(Catalog catalog, ObjectStore store) {
    this.catalog = catalog;
    this.store = store;
  }

  /**
   * Where the bytes of an object are.
   *
   * @param sizeBytes length of the content
   * @param key its key in the store; null until the repository has put it there: the catalog holds
   *     the bytes, or the store has them from others
   */
  public record Location(ContentId id, long sizeBytes, @Nullable String key) {
    /** Whether the catalog may hold the bytes. */
    public boolean isCached() {
      return key == null;
    }

    /** The same, once it is known that the catalog does not hold the bytes. */
    public Location inStore() {
      return isCached() ? new Location(id, sizeBytes, ObjectKeys.object(id)) : this;
    }
  }

  /** Finds objects of a repository, in the order given; absent are those it may not read. */
  public Map<ContentId, Location> locate(String repoId, Collection<ContentId> ids) {
    Map<ContentId, Location> found = new LinkedHashMap<>();
    var batches = Batches.of(List.copyOf(ids), _ -> 1, Long.MAX_VALUE, LOCATIONS_A_STATEMENT);
    for (List<ContentId> batch : batches) {
      Statement statement =
          Statement.of(
                  """
                  select n, size_bytes, storage_uri, r.in_store
                  from %s
                    join object_refs r on r.repo_id = :repo and r.object_id = ids.object_id
                    join objects o on o.object_id = ids.object_id
                  order by n
                  """
                      .formatted(IdBlob.ROWS))
              .text("repo", repoId)
              .bytes("ids", IdBlob.of(batch));
      for (Rows.Row row : catalog.execute(statement)) {
        ContentId id = batch.get((int) row.number("n"));
        found.put(id, location(id, row));
      }
    }
    return found;
  }

  /** Finds one object of a repository; empty when it may not read it. */
  public Optional<Location> locate(String repoId, ContentId id) {
    return Optional.ofNullable(locate(repoId, List.of(id)).get(id));
  }

  private Location location(ContentId id, Rows.Row row) {
    String uri = row.text("storage_uri");
    String bucketUri = "s3://" + store.bucket() + "/";
    long size = row.number("size_bytes");
    // What only others have put there looks, until the repository's own PUT, as if it were nowhere:
    // where it is would tell that they have it. Nothing large waits in the catalog.
    boolean waits = !row.flag("in_store") && size <= ObjectRows.MAX_CACHED_BYTES;
    if (uri.equals("pending") || waits) {
      return new Location(id, size, null);
    }
    if (!uri.startsWith(bucketUri)) {
      throw new SheafException(
          ErrorKind.CORRUPT,
          "object %s is stored at %s, outside %s; check SHEAF_BUCKET"
              .formatted(id, uri, bucketUri));
    }
    return new Location(id, size, uri.substring(bucketUri.length()));
  }

  /**
   * The bytes of an object, from the store or from the catalog; the caller closes the stream.
   *
   * @param offset first byte
   * @param length how many bytes, or -1 for all that follow
   * @throws SheafException of kind CORRUPT when the bytes are not where the catalog says
   */
  public InputStream open(Location location, long offset, long length) {
    String key = location.key();
    if (key != null) {
      return download(location.id(), key, offset, length);
    }
    byte[] bytes = readCached(List.of(location)).get(location.id());
    if (bytes == null) {
      // A job has stored it since it was located, or others had before.
      return open(location.inStore(), offset, length);
    }
    int from = (int) Math.min(offset, bytes.length);
    int count = (int) Math.min(length < 0 ? Long.MAX_VALUE : length, bytes.length - from);
    return new ByteArrayInputStream(bytes, from, count);
  }

  private InputStream download(ContentId id, String key, long offset, long length) {
    return store
        .get(key, ObjectStore.Read.range(offset, length))
        .orElseThrow(() ->
            new SheafException(
                ErrorKind.CORRUPT,
                "object %s is not in the store under %s; put it back there, any clone has it"
                    .formatted(id, key)))
        .body();
  }

  /**
   * The bytes of objects that the catalog may hold, in as few statements as their sizes allow.
   *
   * @param locations cached ones only
   * @return the bytes of those that the catalog holds
   */
  public Map<ContentId, byte[]> readCached(Collection<Location> locations) {
    Map<ContentId, byte[]> contents = new HashMap<>();
    List<ContentId> all = locations.stream().map(Location::id).toList();
    for (List<ContentId> ids : ObjectRows.idBatches(all)) {
      WideRead.read(
          catalog,
          """
          select n::bigint as n, content_cache as data from %s join objects using (object_id)
          where content_cache is not null\
          """
              .formatted(IdBlob.ROWS),
          statement -> statement.bytes("ids", IdBlob.of(ids)),
          (n, bytes) -> contents.put(ids.get((int) n), bytes));
    }
    return contents;
  }

  /** A URL that reads an object straight from the store; empty while it {@code isCached}. */
  public Optional<URI> presign(Location location, Duration lifetime) {
    return Optional.ofNullable(location.key()).map(key -> store.presignGet(key, lifetime));
  }
}
