package dev.sheaf.repository.history;

import dev.sheaf.bundle.BytesContent;
import dev.sheaf.bundle.ContentId;
import dev.sheaf.repository.column.IdBlob;
import dev.sheaf.repository.column.PackedRows;
import dev.sheaf.storage.catalog.Batches;
import dev.sheaf.storage.catalog.Catalog;
import dev.sheaf.storage.catalog.Statement;
import dev.sheaf.storage.catalog.Together;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The tables {@code objects} and {@code object_refs}, many rows a statement. Ids travel as one blob
 * of raw bytes; writers sort them, so that two of them lock shared rows in the same order and never
 * wait for each other in a circle.
 */
public final class ObjectRows {
  /** Of the bits of an object's standing. */
  private static final int MARKED = 8;

  /** Nothing larger waits in the catalog. */
  public static final int MAX_CACHED_BYTES = 1 << 20;

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
   * @param content its bytes, at most {@link #MAX_CACHED_BYTES}
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

  /**
   * Where those of these objects stand that anybody has; the others are {@code UNKNOWN}. So are
   * those that are marked to go ({@link UnnamedObjects}): whoever asks is about to send them, and
   * from now on they stay for as long as if they had been marked just now. One statement for each
   * 48,000, whether some are marked or not: whose they were is nobody's to see.
   */
  public Map<ContentId, Standing> standing(String repoId, Collection<ContentId> ids, Instant now) {
    String sql =
        MARKING_ANEW
            + PackedRows.pack(
                """
                select n,
                  (o.storage_uri <> 'pending')::int
                    + 2 * (r.object_id is not null)::int
                    + 4 * (o.storage_uri <> 'pending'
                        and (p.object_id is not null or coalesce(r.in_store, false)))::int
                    + 8 * (o.marked_at is not null)::int as bits
                from %s
                  join objects o using (object_id)
                  left join object_refs r on r.repo_id = :repo and r.object_id = ids.object_id
                  left join object_proofs p on p.repo_id = :repo and p.object_id = ids.object_id\
                """
                    .formatted(IdBlob.ROWS),
                "bits");
    Map<ContentId, Standing> standing = new HashMap<>();
    for (List<ContentId> batch : idBatches(List.copyOf(ids))) {
      Statement statement =
          Statement.of(sql)
              .text("repo", repoId)
              .bytes("ids", IdBlob.of(batch))
              .text("now", now.toString())
              .repeatable();
      PackedRows.read(
          catalog,
          statement,
          row -> {
            if (row[1] < MARKED) {
              standing.put(batch.get((int) row[0]), Standing.of(row[1]));
            }
          });
    }
    return standing;
  }

  /** Waits for whoever is deleting one of them: it is there no longer then. */
  private static final String MARKING_ANEW =
      """
      with locked as materialized (
        select o.object_id from %s join objects o using (object_id)
        where o.marked_at is not null order by o.object_id for update of o
      ), anew as (
        update objects o set marked_at = :now::timestamptz
        from locked where o.object_id = locked.object_id
      )
      """
          .formatted(IdBlob.ROWS);

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
   * latest PUT; nothing else of it changes. One that is marked to go stays so: nobody names it.
   *
   * @param bucket the store's bucket
   */
  public void putStored(Collection<Stored> objects, String bucket, Instant now) {
    write(now, writes -> writes.stored(objects, bucket));
  }

  /**
   * Records objects that a repository has put into the store, and lets it read them: {@link
   * #putStored} and {@link #putRefs} in one statement.
   */
  public void putHeld(String repoId, Collection<Stored> objects, String bucket, Instant now) {
    write(now, writes -> writes.held(repoId, objects, bucket));
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
    write(now, writes -> writes.proven(repoId, jobId, objects, bucket));
  }

  /**
   * Records objects together with their content, and lets a repository read them; rows that exist
   * stay as they are.
   */
  public void putCached(String repoId, Collection<Cached> objects, Instant now) {
    write(now, writes -> writes.cached(repoId, objects));
  }

  /** Lets a repository read objects that it has put into the store; proofs of that go. */
  public void putRefs(String repoId, Collection<ContentId> ids, Instant now) {
    write(now, writes -> writes.refs(repoId, ids));
  }

  private void write(Instant now, Consumer<ObjectWrites> writer) {
    Together together = new Together(catalog);
    writer.accept(new ObjectWrites(together, now));
    together.flush();
  }

  /**
   * Takes proofs of a repository away.
   *
   * @return how many there were
   */
  public long takeProofs(String repoId, Collection<ContentId> ids) {
    long taken = 0;
    for (List<ContentId> batch : idBatches(Set.copyOf(ids).stream().sorted().toList())) {
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
  public static List<List<ContentId>> idBatches(List<ContentId> ids) {
    return Batches.of(ids, _ -> 1, Long.MAX_VALUE, IdBlob.MAX_IDS);
  }
}
