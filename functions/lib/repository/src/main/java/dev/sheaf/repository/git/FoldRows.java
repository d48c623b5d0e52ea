package dev.sheaf.repository.git;

import dev.sheaf.bundle.ContentId;
import dev.sheaf.repository.GitPacks;
import dev.sheaf.repository.column.PgArray;
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
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The table {@code git_packs} of one repository, as folding changes it. Whoever writes it holds the
 * repository's lock.
 *
 * <p>A pack that a fold is about to put has a retired row first: if nothing comes of the fold, the
 * pack goes the way of all retired ones.
 */
public final class FoldRows {
  private static final int PACKS_A_PAGE = 3_000;

  private final Catalog catalog;
  private final String repoId;

  public FoldRows(Catalog catalog, String repoId) {
    this.catalog = catalog;
    this.repoId = repoId;
  }

  /**
   * A pack that a fold made.
   *
   * @param isUnreachable whether it holds what no ref reaches
   * @param etags what the store says of it, once it is there
   */
  public record Made(
      ContentId pack,
      long sizeBytes,
      long indexBytes,
      long bitmapBytes,
      long objects,
      boolean isUnreachable,
      Etags etags) {
    public Made(
        ContentId pack,
        long sizeBytes,
        long indexBytes,
        long bitmapBytes,
        long objects,
        boolean isUnreachable) {
      this(pack, sizeBytes, indexBytes, bitmapBytes, objects, isUnreachable, Etags.NONE);
    }

    /** The same, of which is known what the store says of it. */
    Made with(Etags known) {
      return new Made(pack, sizeBytes, indexBytes, bitmapBytes, objects, isUnreachable, known);
    }
  }

  /** As the store has the files of a pack that it wrote; null where it had them before, or none. */
  public record Etags(@Nullable String pack, @Nullable String index, @Nullable String bitmap) {
    static final Etags NONE = new Etags(null, null, null);
  }

  /** A pack, and since when it is what it is. */
  public record Since(ContentId pack, Instant since) {}

  /** When the packs that are part of the repository came to be. */
  public List<Since> since() {
    return read("live", "created_at");
  }

  /** The packs that are not part of the repository any more, and since when. */
  public List<Since> retired() {
    return read("retired", "retired_at");
  }

  private List<Since> read(String state, String stamp) {
    List<Since> all = new ArrayList<>();
    new PagedRead<String>(
            (after, limit) -> page(state, stamp, after, limit),
            row -> row.text("pack"),
            PACKS_A_PAGE)
        .forEach(
            catalog,
            "",
            row -> all.add(new Since(pack(row), Instant.ofEpochMilli(row.number("millis")))));
    return all;
  }

  private Statement page(String state, String stamp, String after, long limit) {
    return Statement.of(
            """
            select pack, floor(extract(epoch from %s) * 1000)::bigint as millis from git_packs
            where repo_id = :repo and state = :state and pack > :after order by pack limit :limit
            """
                .formatted(stamp))
        .text("repo", repoId)
        .text("state", state)
        .text("after", after)
        .number("limit", limit);
  }

  private static ContentId pack(Rows.Row row) {
    return ContentId.parse(row.text("pack"));
  }

  /** Notes that a pack is about to be put; one that is part of the repository stays so. */
  public void intend(Made made, long sequence, Instant now) {
    catalog.execute(
        of(
            """
            insert into git_packs (repo_id, pack, sequence, size_bytes, index_bytes, bitmap_bytes,
              objects, origin, state, created_at, retired_at)
            values (:repo, :pack, :sequence, :size, :index, :bitmap, :objects, :origin, 'retired',
              :now::timestamptz, :now::timestamptz)
            on conflict (repo_id, pack) do update set retired_at = excluded.retired_at
              where git_packs.state = 'retired'
            """,
            made,
            sequence,
            now));
  }

  /** Makes a pack part of the repository; one that is, is so by another name from now on. */
  public void add(Made made, long sequence, Instant now) {
    catalog.execute(
        of(
                """
                insert into git_packs (repo_id, pack, sequence, size_bytes, index_bytes, bitmap_bytes,
                  objects, origin, state, created_at, etag, index_etag, bitmap_etag)
                values (:repo, :pack, :sequence, :size, :index, :bitmap, :objects, :origin, 'live',
                  :now::timestamptz, :etag, :index_etag, :bitmap_etag)
                on conflict (repo_id, pack) do update set state = 'live', retired_at = null,
                  origin = excluded.origin, sequence = excluded.sequence,
                  bitmap_bytes = greatest(git_packs.bitmap_bytes, excluded.bitmap_bytes),
                  created_at = excluded.created_at,
                  etag = coalesce(excluded.etag, git_packs.etag),
                  index_etag = coalesce(excluded.index_etag, git_packs.index_etag),
                  bitmap_etag = coalesce(excluded.bitmap_etag, git_packs.bitmap_etag)
                """,
                made,
                sequence,
                now)
            .text("etag", made.etags().pack())
            .text("index_etag", made.etags().index())
            .text("bitmap_etag", made.etags().bitmap()));
  }

  private Statement of(String sql, Made made, long sequence, Instant now) {
    return Statement.of(sql)
        .text("repo", repoId)
        .text("pack", made.pack().hex())
        .number("sequence", sequence)
        .number("size", made.sizeBytes())
        .number("index", made.indexBytes())
        .number("bitmap", made.bitmapBytes())
        .number("objects", made.objects())
        .text(
            "origin",
            (made.isUnreachable() ? GitPacks.Origin.UNREACHABLE : GitPacks.Origin.FOLD).column())
        .text("now", now.toString());
  }

  /** Packs are no part of the repository any more. */
  public void retire(Collection<ContentId> packs, Instant now) {
    catalog.execute(
        Statement.of(
                """
                update git_packs set state = 'retired', retired_at = :now::timestamptz
                where repo_id = :repo and state = 'live' and pack = any (:packs::text[])
                """)
            .text("repo", repoId)
            .text("packs", PgArray.texts(packs.stream().map(ContentId::hex).toList()))
            .text("now", now.toString()));
  }

  /** Counts a change of the packs, and whether it dropped objects. */
  public void count(boolean dropped) {
    catalog.execute(
        Statement.of(
                """
                update repos set git_sequence = git_sequence + 1, git_epoch = git_epoch + :drops
                where repo_id = :repo
                """)
            .text("repo", repoId)
            .number("drops", dropped ? 1 : 0));
  }

  /** The packs among these that have been retired since before a moment. */
  public List<ContentId> stillRetired(Collection<ContentId> packs, Instant before) {
    List<ContentId> still = new ArrayList<>();
    catalog
        .execute(
            Statement.of(
                    """
                    select pack from git_packs
                    where repo_id = :repo and state = 'retired'
                      and retired_at < :before::timestamptz and pack = any (:packs::text[])
                    """)
                .text("repo", repoId)
                .text("packs", PgArray.texts(packs.stream().map(ContentId::hex).toList()))
                .text("before", before.toString()))
        .forEach(row -> still.add(pack(row)));
    return still;
  }

  /** Those of these packs that have no row, whatever its state. */
  public Set<ContentId> unnamed(Collection<ContentId> packs) {
    Set<ContentId> unnamed = new HashSet<>(packs);
    for (List<ContentId> some :
        Batches.of(List.copyOf(packs), _ -> 1, Long.MAX_VALUE, PACKS_A_PAGE)) {
      catalog
          .execute(
              Statement.of(
                      """
                      select pack from git_packs
                      where repo_id = :repo and pack = any (:packs::text[])
                      """)
                  .text("repo", repoId)
                  .text("packs", PgArray.texts(some, ContentId::hex)))
          .forEach(row -> unnamed.remove(pack(row)));
    }
    return unnamed;
  }

  /** Forgets retired packs. */
  public void forget(Collection<ContentId> packs) {
    catalog.execute(
        Statement.of(
                """
                delete from git_packs
                where repo_id = :repo and state = 'retired' and pack = any (:packs::text[])
                """)
            .text("repo", repoId)
            .text("packs", PgArray.texts(packs.stream().map(ContentId::hex).toList())));
  }
}
