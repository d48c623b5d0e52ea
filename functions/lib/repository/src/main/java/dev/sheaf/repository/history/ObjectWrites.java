package dev.sheaf.repository.history;

import dev.sheaf.bundle.ContentId;
import dev.sheaf.bundle.ObjectKeys;
import dev.sheaf.repository.column.BlobColumn;
import dev.sheaf.repository.column.IdBlob;
import dev.sheaf.repository.column.PgArray;
import dev.sheaf.storage.catalog.Batches;
import dev.sheaf.storage.catalog.EncodedSize;
import dev.sheaf.storage.catalog.Statement;
import dev.sheaf.storage.catalog.Together;
import java.time.Instant;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;

/**
 * What {@link ObjectRows} writes, as parts of a statement. No object may be in two of the lists
 * that travel together.
 */
public final class ObjectWrites {
  /** What a number of an array takes at most, with its comma. */
  private static final long NUMBER = 20;

  private static final String HELD_IDS = IdBlob.rows("held_ids");
  private static final String CACHED_IDS = IdBlob.rows("cached_ids");
  private static final String SETTLED_IDS = IdBlob.rows("settled_ids");

  private static final String STORED = stored("", "");

  /** Of objects that get a name: they do not go. */
  private static final String NAMED =
      stored(", marked_at = null", "or objects.marked_at is not null");

  private static final String HELD = NAMED + ", " + refs("held_refs", "true", HELD_IDS);

  /** What is marked may be gone from the store, unless somebody names it. */
  private static final String CACHED =
      """
      cached_objects as (
        insert into objects (object_id, size_bytes, storage_uri, content_cache, created_at)
        select object_id, length, 'pending',
          substr(:content::bytea, start, length), :now::timestamptz
        from %s join %s on ordinal = n + 1
        order by object_id
        on conflict (object_id) do update
          set storage_uri = 'pending', content_cache = excluded.content_cache, etag = null,
              marked_at = null
          where objects.marked_at is not null and not %s
      ), %s\
      """
          .formatted(
              CACHED_IDS,
              BlobColumn.rows("content_lengths"),
              ObjectNames.isNamed("objects.object_id"),
              refs("cached_refs", "false", CACHED_IDS));

  private static final String SETTLED =
      """
      settled_proofs as (
        delete from object_proofs
        where repo_id = :repo and object_id in (select object_id from %s)
      ), %s\
      """
          .formatted(SETTLED_IDS, refs("settled_refs", "true", SETTLED_IDS));

  private static final String PROVEN =
      """
      %s, proven_objects as (
        insert into object_proofs (repo_id, object_id, job_id, created_at)
        select :repo, object_id, :job, :now::timestamptz from %s
        where not exists (
            select 1 from object_refs r
            where r.repo_id = :repo and r.object_id = ids.object_id and r.in_store)
          and exists (select 1 from jobs where job_id = :job and status in ('pending', 'running'))
        order by object_id
        on conflict (repo_id, object_id) do nothing
      ), dropped as (
        %s where not exists (
          select 1 from jobs where job_id = :job and status in ('pending', 'running'))
      )\
      """
          .formatted(NAMED, HELD_IDS, ObjectNames.dropped(HELD_IDS));

  private final Together together;
  private final Instant now;

  public ObjectWrites(Together together, Instant now) {
    this.together = together;
    this.now = now;
  }

  private static String stored(String set, String or) {
    return """
    stored_objects as (
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
        set storage_uri = case when objects.storage_uri = 'pending'
              then excluded.storage_uri else objects.storage_uri end,
            etag = coalesce(excluded.etag, objects.etag),
            content_cache = null%s
        where objects.storage_uri = 'pending'
          or excluded.etag is not null and excluded.etag is distinct from objects.etag %s
    )\
    """
        .formatted(HELD_IDS, set, or);
  }

  private static String refs(String name, String isInStore, String ids) {
    return """
    %s as (
      insert into object_refs (repo_id, object_id, in_store, created_at)
      select :repo, object_id, %s, :now::timestamptz from %s
      order by object_id
      on conflict (repo_id, object_id) do update set in_store = true
        where excluded.in_store and not object_refs.in_store
    )\
    """
        .formatted(name, isInStore, ids);
  }

  /** See {@link ObjectRows#putStored}. */
  void stored(Collection<ObjectRows.Stored> objects, String bucket) {
    for (List<ObjectRows.Stored> batch : batches(objects)) {
      add("stored", STORED, size(batch), statement -> bind(statement, batch, bucket));
    }
  }

  /** See {@link ObjectRows#putHeld}. */
  public void held(String repoId, Collection<ObjectRows.Stored> objects, String bucket) {
    for (List<ObjectRows.Stored> batch : batches(objects)) {
      add(
          "held",
          HELD,
          size(batch),
          statement -> bind(statement, batch, bucket).text("repo", repoId));
    }
  }

  /** See {@link ObjectRows#putProven}. */
  void proven(String repoId, String jobId, Collection<ObjectRows.Stored> objects, String bucket) {
    for (List<ObjectRows.Stored> batch : batches(objects)) {
      add(
          "proven",
          PROVEN,
          size(batch),
          statement -> bind(statement, batch, bucket).text("repo", repoId).text("job", jobId));
    }
  }

  /** See {@link ObjectRows#putCached}. */
  public void cached(String repoId, Collection<ObjectRows.Cached> objects) {
    List<ObjectRows.Cached> sorted = sorted(objects, Comparator.comparing(ObjectRows.Cached::id));
    for (List<ObjectRows.Cached> batch : Batches.of(sorted, ObjectWrites::encodedBytes)) {
      BlobColumn content = BlobColumn.of(batch, object -> object.content().bytes());
      long size = batch.stream().mapToLong(ObjectWrites::encodedBytes).sum();
      add(
          "cached",
          CACHED,
          size,
          statement ->
              statement
                  .text("repo", repoId)
                  .bytes("cached_ids", IdBlob.of(batch.stream().map(o -> o.id()).toList()))
                  .bytes("content", content.blob())
                  .text("content_lengths", content.lengths()));
    }
  }

  /** See {@link ObjectRows#putRefs}. */
  public void refs(String repoId, Collection<ContentId> ids) {
    for (List<ContentId> batch :
        ObjectRows.idBatches(sorted(Set.copyOf(ids), Comparator.naturalOrder()))) {
      add(
          "settled",
          SETTLED,
          EncodedSize.ofBytes((long) batch.size() * ContentId.LENGTH),
          statement -> statement.text("repo", repoId).bytes("settled_ids", IdBlob.of(batch)));
    }
  }

  private void add(String name, String ctes, long size, UnaryOperator<Statement> binder) {
    together.add(
        Together.Part.of(
            name, ctes, size, statement -> binder.apply(statement).text("now", now.toString())));
  }

  private static Statement bind(Statement statement, List<ObjectRows.Stored> batch, String bucket) {
    return statement
        .bytes("held_ids", IdBlob.of(batch.stream().map(ObjectRows.Stored::id).toList()))
        .text("template", "s3://" + bucket + "/" + ObjectKeys.OBJECT_TEMPLATE)
        .text("sizes", PgArray.numbers(batch, ObjectRows.Stored::sizeBytes))
        .text("etags", PgArray.texts(batch, ObjectRows.Stored::etag));
  }

  private static List<List<ObjectRows.Stored>> batches(Collection<ObjectRows.Stored> objects) {
    return Batches.of(
        sorted(objects, Comparator.comparing(ObjectRows.Stored::id)), ObjectWrites::encodedBytes);
  }

  private static <T> List<T> sorted(Collection<T> rows, Comparator<? super T> order) {
    return rows.stream().sorted(order).collect(Collectors.toList());
  }

  private static long size(List<ObjectRows.Stored> batch) {
    return batch.stream().mapToLong(ObjectWrites::encodedBytes).sum();
  }

  private static long encodedBytes(ObjectRows.Stored row) {
    return EncodedSize.ofBytes(ContentId.LENGTH) + PgArray.encodedBytes(row.etag()) + NUMBER;
  }

  private static long encodedBytes(ObjectRows.Cached row) {
    return EncodedSize.ofBytes(ContentId.LENGTH)
        + EncodedSize.ofBytes(row.content().size())
        + NUMBER;
  }
}
