package dev.sheaf.repository.inventory;

import dev.sheaf.bundle.ContentId;
import dev.sheaf.bundle.ObjectKeys;
import dev.sheaf.git.GitKeys;
import dev.sheaf.git.RepoPath;
import dev.sheaf.repository.column.IdBlob;
import dev.sheaf.repository.column.PgArray;
import dev.sheaf.repository.history.ObjectNames;
import dev.sheaf.repository.history.ObjectRows;
import dev.sheaf.storage.catalog.Batches;
import dev.sheaf.storage.catalog.Catalog;
import dev.sheaf.storage.catalog.PagedRead;
import dev.sheaf.storage.catalog.Rows;
import dev.sheaf.storage.catalog.Statement;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * What the catalog says to be in the bucket, whoever's it is: pages of it in the order of their
 * cursors, and where lost objects may be found again.
 */
public final class Inventory {
  /** Objects of a sample come from as many places of their order. */
  private static final int SAMPLE = 64;

  /** Objects are told apart by their first four digits where a part of them is meant. */
  public static final int PLACES = 0x10000;

  private static final int HOLDERS = 3;

  /** With three repositories each their rows fit into one result. */
  private static final int IDS = 1_000;

  private final Catalog catalog;

  public Inventory(Catalog catalog) {
    this.catalog = catalog;
  }

  /**
   * Something that is to be in the bucket.
   *
   * @param cursor where it stands in its table: the page after it begins behind this
   * @param id SHA-256 of its bytes
   * @param sizeBytes their number
   * @param etag as the store gave it; null when nobody has noted it
   * @param since when the catalog got to know of it
   * @param isDerived whether it can be made anew at any time from what has its id, and does not
   *     have that id itself
   * @param isMarked whether it is an object that is to go, and may be gone
   */
  public record Item(
      String cursor,
      ContentId id,
      String key,
      long sizeBytes,
      @Nullable String etag,
      Instant since,
      boolean isDerived,
      boolean isMarked) {}

  /**
   * A repository that has an object.
   *
   * @param since when it got it
   */
  public record Holder(String repoId, String owner, String name, ContentId object, Instant since) {}

  /** Bundles that have been taken in; a git repository's are kept as packs. */
  public List<Item> bundles(String after, int limit) {
    return items(
        Statement.of(
                """
                select b.repo_id || '/' || bundle as cursor, bundle as id, size_bytes, etag,
                  owner, name, %s, false as marked
                from bundles b join repos using (repo_id)
                where (b.repo_id, bundle) > (:first, :second) and state = 'indexed'
                  and kind is distinct from 'git'
                order by b.repo_id, bundle limit :limit
                """
                    .formatted(since("registered_at")))
            .text("first", first(after))
            .text("second", second(after))
            .number("limit", limit),
        row -> ObjectKeys.bundle(row.text("owner"), row.text("name"), id(row)));
  }

  /** Prepared answers. */
  public List<Item> packs(String after, int limit) {
    return items(
        Statement.of(
                """
                select repo_id || '/' || request as cursor, pack as id, size_bytes, etag, %s,
                  false as marked
                from packs where (repo_id, request) > (:first, :second)
                order by repo_id, request limit :limit
                """
                    .formatted(since("created_at")))
            .text("first", first(after))
            .text("second", second(after))
            .number("limit", limit),
        row -> ObjectKeys.pack(id(row)));
  }

  /**
   * Objects that are in the store; those that the catalog still holds are not. Those that are
   * marked to go may be gone.
   *
   * @param last the last that is wanted; null for all to the end
   */
  public List<Item> objects(String after, @Nullable ContentId last, int limit) {
    Statement page =
        Statement.of(
                """
                select object_id as cursor, object_id as id, size_bytes, etag, %s,
                  marked_at is not null as marked
                from objects where object_id > :after and storage_uri <> 'pending' %s
                order by object_id limit :limit
                """
                    .formatted(since("created_at"), last == null ? "" : "and object_id <= :last"))
            .text("after", after)
            .number("limit", limit);
    return items(
        last == null ? page : page.text("last", last.hex()), row -> ObjectKeys.object(id(row)));
  }

  /** The last of so many objects behind a cursor; empty where there are not so many. */
  public Optional<ContentId> objectBehind(String after, long objects) {
    return catalog
        .execute(
            Statement.of(
                    """
                    select object_id as id from objects where object_id > :after
                    order by object_id offset :objects limit 1
                    """)
                .text("after", after)
                .number("objects", objects - 1))
        .first()
        .map(Inventory::id);
  }

  private static String since(String column) {
    return "floor(extract(epoch from " + column + "))::bigint as since";
  }

  private static String first(String cursor) {
    return cursor.substring(0, Math.max(0, cursor.lastIndexOf('/')));
  }

  private static String second(String cursor) {
    return cursor.substring(cursor.lastIndexOf('/') + 1);
  }

  private List<Item> items(Statement statement, Function<Rows.Row, String> key) {
    List<Item> items = new ArrayList<>();
    catalog.execute(statement).forEach(row -> items.add(item(row, key.apply(row))));
    return items;
  }

  private static Item item(Rows.Row row, String key) {
    return new Item(
        row.text("cursor"),
        id(row),
        key,
        row.number("size_bytes"),
        row.textOrNull("etag"),
        Instant.ofEpochSecond(row.number("since")),
        false,
        row.flag("marked"));
  }

  private static ContentId id(Rows.Row row) {
    return ContentId.parse(row.text("id"));
  }

  /**
   * Keys of objects, bundles and git packs from everywhere in the order of ids, at most 128, by
   * which a listing can be tried.
   *
   * @param before only what the catalog has known before this
   * @param turn another number gives other objects
   * @param from where the objects begin that are meant, from 0 to {@link #PLACES} - 1
   * @param to where they end, greater than {@code from}
   */
  public List<String> sample(Instant before, long turn, int from, int to) {
    double step = (double) (to - from) / SAMPLE;
    double shift = step * Math.floorMod(turn * 7919, PLACES / SAMPLE) * SAMPLE / PLACES;
    String starts =
        IntStream.range(0, SAMPLE)
            .mapToObj(i -> "%04x".formatted((int) (from + i * step + shift)))
            .collect(Collectors.joining(","));
    List<String> keys = new ArrayList<>();
    catalog
        .execute(
            Statement.of(
                    """
                    select distinct object_id as id, null::text as owner, null::text as name,
                      'object' as kind
                    from unnest(string_to_array(:starts, ',')) as start,
                      lateral (
                        select object_id from objects
                        where object_id >= start collate "C" and storage_uri <> 'pending'
                          and marked_at is null
                          and created_at < :before::timestamptz
                        order by object_id limit 1) found
                    union all
                    (select bundle, owner, name, 'bundle' from bundles join repos using (repo_id)
                     where state = 'indexed' and registered_at < :before::timestamptz
                       and kind is distinct from 'git'
                     order by repo_id, bundle limit 32)
                    union all
                    (select pack, owner, name, 'git' from git_packs p join repos using (repo_id)
                     where p.state = 'live' and p.created_at < :before::timestamptz
                     order by repo_id, pack limit 32)
                    """)
                .text("starts", starts)
                .text("before", before.toString()))
        .forEach(row -> keys.add(sampled(row)));
    return keys;
  }

  private static String sampled(Rows.Row row) {
    return switch (row.text("kind")) {
      case "bundle" -> ObjectKeys.bundle(row.text("owner"), row.text("name"), id(row));
      case "git" ->
          GitKeys.key(
              new RepoPath(row.text("owner"), row.text("name")), id(row), GitKeys.Part.PACK);
      default -> ObjectKeys.object(id(row));
    };
  }

  /** Repositories that have these objects, the first three of each: their bundles may hold them. */
  public List<Holder> holders(Collection<ContentId> objects) {
    List<Holder> holders = new ArrayList<>();
    for (List<ContentId> ids : Batches.of(List.copyOf(objects), _ -> 1, IDS, IDS)) {
      catalog
          .execute(
              Statement.of(
                      """
                      select n, repo_id, owner, name, %s
                      from (
                        select n, repo_id, r.created_at,
                          row_number() over (partition by n order by r.created_at, repo_id) as nth
                        from %s join object_refs r using (object_id)
                      ) held join repos using (repo_id)
                      where nth <= :most order by repo_id, n
                      """
                          .formatted(since("held.created_at"), IdBlob.ROWS))
                  .bytes("ids", IdBlob.of(ids))
                  .number("most", HOLDERS))
          .forEach(row ->
              holders.add(
                  new Holder(
                      row.text("repo_id"),
                      row.text("owner"),
                      row.text("name"),
                      ids.get((int) row.number("n")),
                      Instant.ofEpochSecond(row.number("since")))));
    }
    return holders;
  }

  /**
   * A bundle of one repository.
   *
   * @param number counts them in the order in which they came
   */
  public record Numbered(long number, Item bundle) {}

  /** The bundles of one repository that have been taken in, newest first. */
  public List<Numbered> bundlesOf(Holder holder) {
    List<Numbered> bundles = new ArrayList<>();
    new PagedRead<Long>(
            (before, limit) ->
                Statement.of(
                        """
                        select seq::bigint as seq, repo_id || '/' || bundle as cursor,
                          bundle as id, size_bytes, etag, %s, false as marked
                        from bundles where repo_id = :repo and seq < :before and state = 'indexed'
                        order by seq desc limit :limit
                        """
                            .formatted(since("registered_at")))
                    .text("repo", holder.repoId())
                    .number("before", before)
                    .number("limit", limit),
            row -> row.number("seq"),
            IDS)
        .forEach(
            catalog,
            Long.valueOf(Integer.MAX_VALUE),
            row -> {
              String key = ObjectKeys.bundle(holder.owner(), holder.name(), id(row));
              bundles.add(new Numbered(row.number("seq"), item(row, key)));
            });
    return bundles;
  }

  /** Forgets prepared answers: whoever asks for them next gets new ones. */
  public void forgetPacks(Collection<ContentId> packs) {
    for (List<ContentId> ids : ObjectRows.idBatches(List.copyOf(packs))) {
      catalog.execute(
          Statement.of(
                  "delete from packs where pack in (select object_id from %s)"
                      .formatted(IdBlob.ROWS))
              .bytes("ids", IdBlob.of(ids)));
    }
  }

  /**
   * Notes the ETags of bundles that have been proven.
   *
   * @param bundles at most as many as a page has
   */
  public void proven(Map<Item, String> bundles) {
    if (bundles.isEmpty()) {
      return;
    }
    List<Item> items = List.copyOf(bundles.keySet());
    catalog.execute(
        Statement.of(
                """
                update bundles b set etag = proven.etag
                from unnest(:repos::text[], :bundles::text[], :etags::text[])
                  as proven (repo_id, bundle, etag)
                where b.repo_id = proven.repo_id and b.bundle = proven.bundle
                """)
            .text("repos", PgArray.texts(items, item -> first(item.cursor())))
            .text("bundles", PgArray.texts(items, item -> item.id().hex()))
            .text("etags", PgArray.texts(items, bundles::get)));
  }

  /**
   * Notes the ETags of prepared answers that have been proven.
   *
   * @param answers at most as many as a page has
   */
  public void provenAnswers(Map<Item, String> answers) {
    if (answers.isEmpty()) {
      return;
    }
    List<Item> items = List.copyOf(answers.keySet());
    catalog.execute(
        Statement.of(
                """
                update packs p set etag = proven.etag
                from unnest(:packs::text[], :etags::text[]) as proven (pack, etag)
                where p.pack = proven.pack
                """)
            .text("packs", PgArray.texts(items, item -> item.id().hex()))
            .text("etags", PgArray.texts(items, answers::get)));
  }

  /**
   * Cursors of those bundles that a job is still to read, or has read lately, or that are not as
   * {@link #bundles} found them any more.
   *
   * @param bundles at most as many as a page has
   * @param since what is lately
   */
  public Set<String> inUse(Collection<Item> bundles, Instant since) {
    List<Item> items = List.copyOf(bundles);
    Set<String> inUse = new HashSet<>();
    catalog
        .execute(
            Statement.of(
                    """
                    select asked.repo_id || '/' || asked.bundle as cursor
                    from unnest(:repos::text[], :bundles::text[]) as asked (repo_id, bundle)
                    where not exists (select from bundles b
                        where b.repo_id = asked.repo_id and b.bundle = asked.bundle
                          and b.state = 'indexed')
                      or exists (select from jobs j
                        where j.repo_id = asked.repo_id and j.bundle = asked.bundle
                          and (j.status in ('pending', 'running')
                            or j.done_at >= :since::timestamptz))
                    """)
                .text("since", since.toString())
                .text("repos", PgArray.texts(items, item -> first(item.cursor())))
                .text("bundles", PgArray.texts(items, item -> item.id().hex())))
        .forEach(row -> inUse.add(row.text("cursor")));
    return inUse;
  }

  /** No repository counts these objects as put any more: the next one that sends them puts them. */
  public void notInStore(Collection<ContentId> objects) {
    for (List<ContentId> ids : ObjectRows.idBatches(List.copyOf(objects))) {
      catalog.execute(
          Statement.of(
                  """
                  with unproven as (
                    delete from object_proofs where object_id in (select object_id from %1$s)
                    returning object_id
                  ), dropped as (
                    %2$s
                  )
                  update object_refs set in_store = false
                  where in_store and object_id in (select object_id from %1$s)
                  """
                      .formatted(IdBlob.ROWS, ObjectNames.dropped("unproven")))
              .bytes("ids", IdBlob.of(ids)));
    }
  }

  /**
   * Objects are there again that {@link #notInStore} had given up. A repository with a job that is
   * not over may still be going to put them, and is left alone.
   */
  public void inStoreAgain(Collection<ContentId> objects) {
    for (List<ContentId> ids : ObjectRows.idBatches(List.copyOf(objects))) {
      catalog.execute(
          Statement.of(
                  """
                  update object_refs r set in_store = true
                  where not in_store and object_id in (select object_id from %s)
                    and not exists (
                      select from jobs j where j.repo_id = r.repo_id and j.done_at is null)
                  """
                      .formatted(IdBlob.ROWS))
              .bytes("ids", IdBlob.of(ids)));
    }
  }
}
