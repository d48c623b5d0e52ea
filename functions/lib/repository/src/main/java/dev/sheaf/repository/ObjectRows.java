package dev.sheaf.repository;

import dev.sheaf.bundle.BytesContent;
import dev.sheaf.bundle.ContentId;
import dev.sheaf.bundle.ObjectKeys;
import dev.sheaf.storage.catalog.Batches;
import dev.sheaf.storage.catalog.Catalog;
import dev.sheaf.storage.catalog.EncodedSize;
import dev.sheaf.storage.catalog.Statement;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
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
  public record Stored(ContentId id, long sizeBytes, @Nullable String etag) {}

  /**
   * An object that the catalog holds until a job stores it.
   *
   * @param content its bytes, at most 1 MiB
   */
  public record Cached(ContentId id, BytesContent content) {}

  /**
   * Where an object stands for one repository.
   *
   * @param stored its bytes are in the store, whoever sent them
   * @param held the repository has sent it before, and may read it
   * @param settled the repository has sent it before, and need not put it into the store again
   */
  public record Standing(boolean stored, boolean held, boolean settled) {
    /** Nobody has the object, as far as the catalog knows. */
    public static final Standing UNKNOWN = new Standing(false, false, false);

    private static final int STORED = 1;
    private static final int HELD = 2;
    private static final int SETTLED = 4;

    private static Standing of(long bits) {
      return new Standing((bits & STORED) != 0, (bits & HELD) != 0, (bits & SETTLED) != 0);
    }
  }

  /** Where those of these objects stand that anybody has; the others are {@code UNKNOWN}. */
  public Map<ContentId, Standing> standing(String repoId, Collection<ContentId> ids) {
    String sql =
        PackedRows.pack(
            """
            select n,
              (o.storage_uri <> 'pending')::int
                + 2 * (r.object_id is not null)::int
                + 4 * (o.storage_uri <> 'pending'
                    and (p.object_id is not null or coalesce(r.in_store, false)))::int as bits
            from %s
              join objects o using (object_id)
              left join object_refs r on r.repo_id = :repo and r.object_id = ids.object_id
              left join object_proofs p on p.repo_id = :repo and p.object_id = ids.object_id\
            """
                .formatted(IdBlob.ROWS),
            "bits");
    Map<ContentId, Standing> standing = new HashMap<>();
    for (List<ContentId> batch : idBatches(List.copyOf(ids))) {
      Statement statement = Statement.of(sql).text("repo", repoId).bytes("ids", IdBlob.of(batch));
      PackedRows.read(
          catalog, statement, row -> standing.put(batch.get((int) row[0]), Standing.of(row[1])));
    }
    return standing;
  }

  /** Which of these objects the repository may not read, in the order given. */
  public List<ContentId> missing(String repoId, Collection<ContentId> ids) {
    Absent absent = absent(repoId, ids);
    Set<ContentId> missing = new HashSet<>(absent.proven());
    missing.addAll(absent.unproven());
    return ids.stream().filter(missing::remove).toList();
  }

  /**
   * Objects that a repository may not read.
   *
   * @param proven those that it has sent, and may read once a push names them
   * @param unproven those that it never sent, whether others did or not
   */
  public record Absent(List<ContentId> proven, List<ContentId> unproven) {}

  /** Which of these objects the repository may not read, each list in the order given. */
  public Absent absent(String repoId, Collection<ContentId> ids) {
    String sql =
        PackedRows.pack(
            """
            select n, (p.object_id is not null)::int as proven
            from %s
              left join object_refs r on r.repo_id = :repo and r.object_id = ids.object_id
              left join object_proofs p on p.repo_id = :repo and p.object_id = ids.object_id
            where r.object_id is null\
            """
                .formatted(IdBlob.ROWS),
            "proven");
    List<ContentId> proven = new ArrayList<>();
    List<ContentId> unproven = new ArrayList<>();
    for (List<ContentId> batch : idBatches(List.copyOf(ids))) {
      Statement statement = Statement.of(sql).text("repo", repoId).bytes("ids", IdBlob.of(batch));
      PackedRows.read(
          catalog,
          statement,
          row -> (row[1] == 1 ? proven : unproven).add(batch.get((int) row[0])));
    }
    return new Absent(proven, unproven);
  }

  /**
   * Records objects that are in the store. A row that waited with its content in the catalog is
   * promoted: it gets its URI and gives up the content. A row that was there gets the ETag of the
   * latest PUT; nothing else of it changes.
   *
   * @param bucket the store's bucket
   */
  public void putStored(Collection<Stored> objects, String bucket, Instant now) {
    for (List<Stored> batch : storedBatches(objects)) {
      catalog.execute(bind(Statement.of(PUT_STORED), batch, bucket, now));
    }
  }

  /**
   * Records objects that a repository has put into the store, and lets it read them: {@link
   * #putStored} and {@link #putRefs} in one statement.
   */
  public void putHeld(String repoId, Collection<Stored> objects, String bucket, Instant now) {
    for (List<Stored> batch : storedBatches(objects)) {
      catalog.execute(bind(Statement.of(PUT_HELD), batch, bucket, now).text("repo", repoId));
    }
  }

  /**
   * Records objects that a repository has put into the store before the push that they belong to is
   * complete: {@link #putStored}, and a proof for each, which lets a later attempt pass them over
   * and lets nobody read them.
   *
   * @param jobId the job that they belong to and end with; of one that is over none are kept
   */
  public void putProven(
      String repoId, String jobId, Collection<Stored> objects, String bucket, Instant now) {
    for (List<Stored> batch : storedBatches(objects)) {
      catalog.execute(
          bind(Statement.of(PUT_PROVEN), batch, bucket, now)
              .text("repo", repoId)
              .text("job", jobId));
    }
  }

  private static final String PUT_STORED =
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
        set storage_uri = case when objects.storage_uri = 'pending'
              then excluded.storage_uri else objects.storage_uri end,
            etag = coalesce(excluded.etag, objects.etag),
            content_cache = null
        where objects.storage_uri = 'pending'
          or excluded.etag is not null and excluded.etag is distinct from objects.etag\
      """
          .formatted(IdBlob.ROWS);

  /** Refs of the parameter {@code :ids}; {@code %s} says whether the objects are in the store. */
  private static final String PUT_REFS =
      """
      insert into object_refs (repo_id, object_id, in_store, created_at)
      select :repo, object_id, %s, :now::timestamptz from %s
      order by object_id
      on conflict (repo_id, object_id) do update set in_store = true
        where excluded.in_store and not object_refs.in_store\
      """;

  private static final String PUT_HELD =
      "with stored as (\n" + PUT_STORED + "\n)\n" + PUT_REFS.formatted("true", IdBlob.ROWS);

  private static final String SETTLE =
      """
      with taken as (
        delete from object_proofs
        where repo_id = :repo and object_id in (select object_id from %s)
      )
      %s
      """
          .formatted(IdBlob.ROWS, PUT_REFS.formatted("true", IdBlob.ROWS));

  private static final String PUT_PROVEN =
      """
      with stored as (%s)
      insert into object_proofs (repo_id, object_id, job_id, created_at)
      select :repo, object_id, :job, :now::timestamptz from %s
      where not exists (
          select 1 from object_refs r
          where r.repo_id = :repo and r.object_id = ids.object_id and r.in_store)
        and exists (
          select 1 from jobs where job_id = :job and status in ('pending', 'running'))
      order by object_id
      on conflict (repo_id, object_id) do nothing
      """
          .formatted(PUT_STORED, IdBlob.ROWS);

  private static List<List<Stored>> storedBatches(Collection<Stored> objects) {
    return Batches.of(sorted(objects, Comparator.comparing(Stored::id)), ObjectRows::encodedBytes);
  }

  private static Statement bind(
      Statement statement, List<Stored> batch, String bucket, Instant now) {
    return statement
        .bytes("ids", IdBlob.of(batch.stream().map(Stored::id).toList()))
        .text("template", "s3://" + bucket + "/" + ObjectKeys.OBJECT_TEMPLATE)
        .text("sizes", PgArray.numbers(batch, Stored::sizeBytes))
        .text("etags", PgArray.texts(batch, Stored::etag))
        .text("now", now.toString());
  }

  /**
   * Records objects together with their content, and lets a repository read them; rows that exist
   * stay as they are.
   */
  public void putCached(String repoId, Collection<Cached> objects, Instant now) {
    List<Cached> sorted = sorted(objects, Comparator.comparing(Cached::id));
    for (List<Cached> batch : Batches.of(sorted, ObjectRows::encodedBytes)) {
      BlobColumn content = BlobColumn.of(batch, row -> row.content().bytes());
      catalog.execute(
          Statement.of(PUT_CACHED)
              .text("repo", repoId)
              .bytes("ids", IdBlob.of(batch.stream().map(Cached::id).toList()))
              .bytes("content", content.blob())
              .text("lengths", content.lengths())
              .text("now", now.toString()));
    }
  }

  private static final String PUT_CACHED =
      """
      with cached as (
        insert into objects (object_id, size_bytes, storage_uri, content_cache, created_at)
        select object_id, length, 'pending',
          substr(:content::bytea, start, length), :now::timestamptz
        from %s join %s on ordinal = n + 1
        order by object_id
        on conflict (object_id) do nothing
      )
      %s
      """
          .formatted(IdBlob.ROWS, BlobColumn.ROWS, PUT_REFS.formatted("false", IdBlob.ROWS));

  /** Lets a repository read objects that it has put into the store; proofs of that go. */
  public void putRefs(String repoId, Collection<ContentId> ids, Instant now) {
    for (List<ContentId> batch : idBatches(sorted(Set.copyOf(ids), Comparator.naturalOrder()))) {
      catalog.execute(
          Statement.of(SETTLE)
              .text("repo", repoId)
              .bytes("ids", IdBlob.of(batch))
              .text("now", now.toString()));
    }
  }

  /**
   * Takes proofs of a repository away.
   *
   * @return how many there were
   */
  public long takeProofs(String repoId, Collection<ContentId> ids) {
    long taken = 0;
    for (List<ContentId> batch : idBatches(sorted(Set.copyOf(ids), Comparator.naturalOrder()))) {
      taken +=
          catalog
              .execute(
                  Statement.of(
                          """
                          with taken as (
                            delete from object_proofs where repo_id = :repo
                              and object_id in (select object_id from %s)
                            returning 1
                          )
                          select count(*) as taken from taken
                          """
                              .formatted(IdBlob.ROWS))
                      .text("repo", repoId)
                      .bytes("ids", IdBlob.of(batch)))
              .first()
              .orElseThrow()
              .number("taken");
    }
    return taken;
  }

  /**
   * Objects of a repository that nobody has put into the store: the catalog holds them.
   *
   * @param limit how many at most
   */
  public List<ContentId> waiting(String repoId, int limit) {
    List<ContentId> waiting = new ArrayList<>();
    catalog
        .execute(
            Statement.of(
                    """
                    select r.object_id from object_refs r join objects o using (object_id)
                    where r.repo_id = :repo and not r.in_store and o.storage_uri = 'pending'
                    order by r.object_id limit :limit
                    """)
                .text("repo", repoId)
                .number("limit", limit))
        .forEach(row -> waiting.add(ContentId.parse(row.text("object_id"))));
    return waiting;
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
