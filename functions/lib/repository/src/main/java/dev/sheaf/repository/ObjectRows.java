package dev.sheaf.repository;

import dev.sheaf.bundle.BytesContent;
import dev.sheaf.bundle.Content;
import dev.sheaf.bundle.ContentId;
import dev.sheaf.bundle.ObjectKeys;
import dev.sheaf.bundle.codec.RawObject;
import dev.sheaf.storage.ObjectStore;
import dev.sheaf.storage.catalog.Batches;
import dev.sheaf.storage.catalog.Catalog;
import dev.sheaf.storage.catalog.EncodedSize;
import dev.sheaf.storage.catalog.Statement;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The tables {@code objects} and {@code object_refs}, many rows a statement. Ids travel as one blob
 * of raw bytes; writers sort them, so that two of them lock shared rows in the same order and never
 * wait for each other in a circle.
 */
public final class ObjectRows {
  /** What a number of an array takes at most, with its comma. */
  private static final long NUMBER = 20;

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
  public record Stored(ContentId id, long sizeBytes, @Nullable String etag) {
    private static final String CONTENT_TYPE = "application/octet-stream";

    /**
     * Puts an object into the store, unless it is there.
     *
     * @throws dev.sheaf.bundle.SheafException of kind INVALID when the content is not what the id
     *     says: the store checks it
     */
    public static Stored put(ObjectStore store, RawObject object) {
      ContentId id = object.id();
      Content content = object.content();
      ObjectStore.PutResult result =
          store.put(
              ObjectKeys.object(id), content, id, ObjectStore.Condition.IF_ABSENT, CONTENT_TYPE);
      String etag =
          switch (result) {
            case ObjectStore.PutResult.Written(String written) -> written;
            case ObjectStore.PutResult.ConditionFailed() -> null;
          };
      return new Stored(id, content.size(), etag);
    }
  }

  /**
   * An object that the catalog holds until a job stores it.
   *
   * @param content its bytes, at most 1 MiB
   */
  public record Cached(ContentId id, BytesContent content) {}

  /**
   * Objects that a repository may not read.
   *
   * @param elsewhere those that some other repository brought
   * @param nowhere those that nobody brought
   */
  public record Absent(List<ContentId> elsewhere, List<ContentId> nowhere) {}

  /** Which of these objects are in the store, whatever repository brought them. */
  public Set<ContentId> stored(Collection<ContentId> ids) {
    String sql =
        PackedRows.pack(
            """
            select n, 1 as hit from %s join objects using (object_id)
            where storage_uri <> 'pending'\
            """
                .formatted(IdBlob.ROWS),
            "hit");
    Set<ContentId> stored = new HashSet<>();
    for (List<ContentId> batch : idBatches(List.copyOf(ids))) {
      Statement statement = Statement.of(sql).bytes("ids", IdBlob.of(batch));
      PackedRows.read(catalog, statement, row -> stored.add(batch.get((int) row[0])));
    }
    return stored;
  }

  /** Which of these objects the repository may not read, in the order given. */
  public List<ContentId> missing(String repoId, Collection<ContentId> ids) {
    List<ContentId> missing = new ArrayList<>();
    eachAbsent(repoId, ids, (id, _) -> missing.add(id));
    return missing;
  }

  /** {@link #missing}, told apart by whether the objects exist at all. */
  public Absent absent(String repoId, Collection<ContentId> ids) {
    List<ContentId> elsewhere = new ArrayList<>();
    List<ContentId> nowhere = new ArrayList<>();
    eachAbsent(repoId, ids, (id, exists) -> (exists ? elsewhere : nowhere).add(id));
    return new Absent(elsewhere, nowhere);
  }

  @FunctionalInterface
  private interface AbsentConsumer {
    void accept(ContentId id, boolean exists);
  }

  private void eachAbsent(String repoId, Collection<ContentId> ids, AbsentConsumer consumer) {
    String sql =
        PackedRows.pack(
            """
            select n, (o.object_id is not null)::int as exists
            from %s
              left join objects o using (object_id)
              left join object_refs r on r.repo_id = :repo and r.object_id = ids.object_id
            where o.object_id is null or r.object_id is null\
            """
                .formatted(IdBlob.ROWS),
            "exists");
    for (List<ContentId> batch : idBatches(List.copyOf(ids))) {
      Statement statement = Statement.of(sql).text("repo", repoId).bytes("ids", IdBlob.of(batch));
      PackedRows.read(
          catalog, statement, row -> consumer.accept(batch.get((int) row[0]), row[1] == 1));
    }
  }

  /**
   * Records objects that are in the store. A row that waited with its content in the catalog is
   * promoted: it gets its URI and gives up the content. Other rows that exist stay as they are.
   *
   * @param bucket the store's bucket
   */
  public void putStored(Collection<Stored> objects, String bucket, Instant now) {
    List<Stored> sorted = sorted(objects, Comparator.comparing(Stored::id));
    for (List<Stored> batch : Batches.of(sorted, ObjectRows::encodedBytes)) {
      catalog.execute(
          Statement.of(
                  """
                  insert into objects (object_id, size_bytes, storage_uri, etag, created_at)
                  select object_id, size_bytes,
                    replace(replace(:template, '{aa}', left(object_id, 2)), '{id}', object_id),
                    etag, :now::timestamptz
                  from %s
                    join unnest(:sizes::bigint[], :etags::text[])
                      with ordinality as facts (size_bytes, etag, ordinal)
                    on ordinal = n + 1
                  order by object_id
                  on conflict (object_id) do update
                    set storage_uri = excluded.storage_uri, etag = excluded.etag,
                        content_cache = null
                    where objects.storage_uri = 'pending'
                  """
                      .formatted(IdBlob.ROWS))
              .bytes("ids", IdBlob.of(batch.stream().map(Stored::id).toList()))
              .text("template", "s3://" + bucket + "/" + ObjectKeys.OBJECT_TEMPLATE)
              .text("sizes", PgArray.numbers(batch, Stored::sizeBytes))
              .text("etags", PgArray.texts(batch, Stored::etag))
              .text("now", now.toString()));
    }
  }

  /** Records objects together with their content; rows that exist stay as they are. */
  public void putCached(Collection<Cached> objects, Instant now) {
    List<Cached> sorted = sorted(objects, Comparator.comparing(Cached::id));
    for (List<Cached> batch : Batches.of(sorted, ObjectRows::encodedBytes)) {
      BlobColumn content = BlobColumn.of(batch, row -> row.content().bytes());
      catalog.execute(
          Statement.of(
                  """
                  insert into objects (object_id, size_bytes, storage_uri, content_cache, created_at)
                  select object_id, length, 'pending',
                    substr(:content::bytea, start, length), :now::timestamptz
                  from %s join %s on ordinal = n + 1
                  order by object_id
                  on conflict (object_id) do nothing
                  """
                      .formatted(IdBlob.ROWS, BlobColumn.ROWS))
              .bytes("ids", IdBlob.of(batch.stream().map(Cached::id).toList()))
              .bytes("content", content.blob())
              .text("lengths", content.lengths())
              .text("now", now.toString()));
    }
  }

  /** Lets a repository read objects; rows that exist stay as they are. */
  public void putRefs(String repoId, Collection<ContentId> ids, Instant now) {
    for (List<ContentId> batch : idBatches(sorted(ids, Comparator.naturalOrder()))) {
      catalog.execute(
          Statement.of(
                  """
                  insert into object_refs (repo_id, object_id, created_at)
                  select :repo, object_id, :now::timestamptz from %s
                  order by object_id
                  on conflict (repo_id, object_id) do nothing
                  """
                      .formatted(IdBlob.ROWS))
              .text("repo", repoId)
              .bytes("ids", IdBlob.of(batch))
              .text("now", now.toString()));
    }
  }

  /** Cuts ids into lists that each fit into one statement. */
  static List<List<ContentId>> idBatches(List<ContentId> ids) {
    return Batches.of(ids, _ -> 1, Long.MAX_VALUE, IdBlob.MAX_IDS);
  }

  private static <T> List<T> sorted(Collection<T> rows, Comparator<? super T> order) {
    return rows.stream().sorted(order).collect(Collectors.toList());
  }

  private static long encodedBytes(Stored row) {
    return EncodedSize.ofBytes(ContentId.LENGTH) + PgArray.encodedBytes(row.etag()) + NUMBER;
  }

  private static long encodedBytes(Cached row) {
    return EncodedSize.ofBytes(ContentId.LENGTH)
        + EncodedSize.ofBytes(row.content().size())
        + NUMBER;
  }
}
