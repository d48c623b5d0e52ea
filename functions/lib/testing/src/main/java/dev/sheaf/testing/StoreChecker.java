package dev.sheaf.testing;

import dev.sheaf.bundle.ContentId;
import dev.sheaf.bundle.ObjectKeys;
import dev.sheaf.storage.ObjectStore;
import dev.sheaf.storage.ObjectStore.Download;
import dev.sheaf.storage.ObjectStore.Page;
import dev.sheaf.storage.ObjectStore.Read;
import dev.sheaf.storage.ObjectStore.StoredObject;
import dev.sheaf.storage.catalog.Catalog;
import dev.sheaf.storage.catalog.PagedRead;
import dev.sheaf.storage.catalog.Rows;
import dev.sheaf.storage.catalog.Statement;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Re-derives what a store and a catalog claim, from the bytes: whatever else a test looks at, no
 * run, however it ended, may leave one of these rules broken.
 *
 * <ul>
 *   <li>Every object row that is not marked to go names bytes that are in the store (or, while
 *       pending, in its cache), of its size, with its ETag, and whose SHA-256 is its id.
 *   <li>A row whose bytes are in the store keeps no cache; when no job is left, no row is pending.
 *   <li>Every ref names an object row; one that says that its object is in the store is right; when
 *       no job is left, every one says so.
 *   <li>Every proof names an object that is in the store, and no ref's; a job that is over has
 *       none.
 *   <li>Every key under {@code objects/} and {@code packs/} holds the bytes that its name says.
 * </ul>
 */
public final class StoreChecker {
  private static final String PENDING = "pending";
  private static final int SLICE = 45_000;
  private static final int ROWS_PER_PAGE = 1_000;

  private final ObjectStore store;
  private final Catalog catalog;
  private final List<String> problems = new ArrayList<>();

  private StoreChecker(ObjectStore store, Catalog catalog) {
    this.store = store;
    this.catalog = catalog;
  }

  /**
   * Checks everything.
   *
   * @throws AssertionError listing every broken rule
   */
  public static void requireSound(ObjectStore store, Catalog catalog) {
    List<String> problems = problems(store, catalog);
    if (!problems.isEmpty()) {
      throw new AssertionError(
          problems.size() + " rules are broken:\n" + String.join("\n", problems));
    }
  }

  /** Every broken rule as one line; none when all is sound. */
  public static List<String> problems(ObjectStore store, Catalog catalog) {
    StoreChecker checker = new StoreChecker(store, catalog);
    checker.checkRows();
    checker.checkRefs();
    checker.checkProofs();
    checker.checkNames(ObjectKeys.OBJECTS);
    checker.checkNames(ObjectKeys.PACKS);
    return List.copyOf(checker.problems);
  }

  private void checkRows() {
    boolean jobsAreLeft = count("select count(*) as n from jobs where done_at is null") > 0;
    new PagedRead<String>(
            (after, limit) ->
                Statement.of(
                        """
                        select object_id, size_bytes, storage_uri, etag, length(content_cache) as cached
                        from objects where object_id > :after and marked_at is null
                        order by object_id limit :limit\
                        """)
                    .text("after", after)
                    .number("limit", limit),
            row -> row.text("object_id"),
            ROWS_PER_PAGE)
        .forEach(catalog, "", row -> checkRow(row, jobsAreLeft));
  }

  private void checkRow(Rows.Row row, boolean jobsAreLeft) {
    String id = row.text("object_id");
    Long cached = row.numberOrNull("cached");
    if (row.text("storage_uri").equals(PENDING)) {
      require(jobsAreLeft, "object " + id + " is pending, and no job is left to store it");
      require(cached != null, "object " + id + " is pending without its content");
      if (cached != null) {
        requireContent(row, cachedContent(id, cached), "its content_cache");
      }
      return;
    }
    require(cached == null, "object " + id + " is stored and still cached in the catalog");
    String key = ObjectKeys.object(ContentId.parse(id));
    String uri = "s3://" + store.bucket() + "/" + key;
    require(uri.equals(row.text("storage_uri")), id + " is at " + row.text("storage_uri"));
    Optional<StoredObject> facts = store.head(key);
    require(facts.isPresent(), "object " + id + " has a row but no bytes in the store");
    facts.ifPresent(stored -> checkStored(row, stored));
  }

  private void checkStored(Rows.Row row, StoredObject stored) {
    String etag = row.textOrNull("etag");
    require(
        etag == null || etag.equals(stored.etag()),
        stored.key() + " has ETag " + stored.etag() + ", its row says " + etag);
    requireContent(row, content(stored.key()), stored.key());
  }

  private void requireContent(Rows.Row row, byte[] content, String place) {
    String id = row.text("object_id");
    require(
        content.length == row.number("size_bytes"),
        id + " has " + content.length + " bytes in " + place + ", not " + row.number("size_bytes"));
    String hash = StoredBytes.sha256(content).hex();
    require(hash.equals(id), place + " of object " + id + " holds " + hash);
  }

  private void checkRefs() {
    long dangling =
        count(
            """
            select count(*) as n from object_refs r
            where not exists (select from objects o where o.object_id = r.object_id)\
            """);
    require(dangling == 0, dangling + " refs name objects that have no row");
    requireNone(
        " refs say that an object is in the store which is pending",
        """
        select count(*) as n from object_refs r join objects o using (object_id)
        where r.in_store and o.storage_uri = 'pending'\
        """);
    requireNone(
        " refs wait for a job, and no job is left",
        """
        select count(*) as n from object_refs r where not r.in_store and not exists (
          select from jobs j where j.repo_id = r.repo_id and j.done_at is null)\
        """);
  }

  private void checkProofs() {
    requireNone(
        " proofs name objects that are not in the store",
        """
        select count(*) as n from object_proofs p where not exists (
          select from objects o where o.object_id = p.object_id and o.storage_uri <> 'pending')\
        """);
    requireNone(
        " proofs are of no use: their repository has the object",
        """
        select count(*) as n from object_proofs p join object_refs r using (repo_id, object_id)
        where r.in_store\
        """);
    requireNone(
        " proofs belong to a job that is over",
        """
        select count(*) as n from object_proofs p join jobs j using (job_id)
        where j.done_at is not null\
        """);
  }

  private void requireNone(String problem, String sql) {
    long found = count(sql);
    require(found == 0, found + problem);
  }

  private void checkNames(String prefix) {
    String next = null;
    do {
      Page page = store.list(prefix, null, next);
      page.objects().forEach(object -> checkName(object.key()));
      next = page.next();
    } while (next != null);
  }

  private void checkName(String key) {
    String name = key.substring(key.lastIndexOf('/') + 1);
    String hash = StoredBytes.sha256(content(key)).hex();
    require(hash.equals(name), key + " holds " + hash);
  }

  private byte[] content(String key) {
    try (Download download = store.get(key, Read.WHOLE).orElseThrow()) {
      return download.body().readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private byte[] cachedContent(String id, long length) {
    ByteArrayOutputStream content = new ByteArrayOutputStream();
    for (long from = 1; from <= length; from += SLICE) {
      content.writeBytes(
          catalog
              .execute(
                  Statement.of(
                          """
                          select substring(content_cache from :from::integer for :length::integer) as part
                          from objects where object_id = :id\
                          """)
                      .number("from", from)
                      .number("length", SLICE)
                      .text("id", id))
              .first()
              .orElseThrow()
              .bytes("part"));
    }
    return content.toByteArray();
  }

  private long count(String sql) {
    return catalog.execute(Statement.of(sql)).first().orElseThrow().number("n");
  }

  private void require(boolean holds, @Nullable String problem) {
    if (!holds) {
      problems.add(String.valueOf(problem));
    }
  }
}
