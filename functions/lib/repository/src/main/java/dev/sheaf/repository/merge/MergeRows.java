package dev.sheaf.repository.merge;

import dev.sheaf.bundle.ContentId;
import dev.sheaf.repository.BranchMoves;
import dev.sheaf.repository.Repo;
import dev.sheaf.repository.Repos;
import dev.sheaf.repository.column.IdBlob;
import dev.sheaf.storage.catalog.Catalog;
import dev.sheaf.storage.catalog.Statement;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The table {@code merged_bundles} of a repository, and which bundles are in which of them. */
public final class MergeRows {
  private final Catalog catalog;
  private final String repoId;

  /**
   * A bundle of a plan.
   *
   * @param id its SHA-256
   * @param bundles the uploads that it stands for
   * @param isMerged whether it was made of several
   */
  public record Item(ContentId id, long sizeBytes, int bundles, boolean isMerged) {}

  public MergeRows(Catalog catalog, String repoId) {
    this.catalog = catalog;
    this.repoId = repoId;
  }

  /**
   * Muse repositories with more bundles in no merged one than that, or with a merged one that was
   * replaced before a time; some at most.
   *
   * @param turn another one gives them in another order: in many there is nothing to do for long,
   *     and they must not be in the way of the others
   */
  public static List<Repo> candidates(Catalog catalog, int few, Instant before, String turn) {
    List<Repo> repos = new ArrayList<>();
    catalog
        .execute(
            Statement.of(
                    """
                    select %s from repos r
                    where kind = 'muse' and deleted_at is null and (
                      (select count(*) from (select 1 from bundles b where b.repo_id = r.repo_id
                        and b.state = 'indexed' and b.merged_into is null limit :few + 1) waiting)
                        > :few
                      or exists (select 1 from merged_bundles m
                        where m.repo_id = r.repo_id and m.retired_at < :before::timestamptz))
                    order by md5(repo_id || :turn) limit 100
                    """
                        .formatted(Repos.COLUMNS))
                .number("few", few)
                .text("before", before.toString())
                .text("turn", turn))
        .forEach(row -> repos.add(Repos.repo(row)));
    return repos;
  }

  /**
   * What a clone of everything would get, oldest first, as far as it is taken in: what comes behind
   * a bundle whose job is still to come may build on that.
   */
  public List<Item> items() {
    List<Item> items = new ArrayList<>();
    catalog
        .execute(
            Statement.of(
                    """
                    with brought as (
                      select bundle_seq, min(seq) as first from commits
                      where repo_id = :repo group by bundle_seq
                    ), pieces as (
                      select first, bundle, size_bytes, state, merged_into,
                        bool_and(state = 'indexed') over (order by first) as taken_in
                      from brought join bundles b on b.repo_id = :repo and b.seq = bundle_seq
                    )
                    select coalesce(p.merged_into, bundle) as id, merged_into is not null as merged,
                      max(coalesce(m.size_bytes, p.size_bytes)) as size, count(*) as bundles
                    from pieces p
                      left join merged_bundles m on m.repo_id = :repo and m.merged = p.merged_into
                    where taken_in group by 1, 2 order by min(first)
                    """)
                .text("repo", repoId))
        .forEach(row ->
            items.add(
                new Item(
                    ContentId.parse(row.text("id")),
                    row.number("size"),
                    (int) row.number("bundles"),
                    row.flag("merged"))));
    return items;
  }

  /**
   * Has a merged bundle stand for others, in a transaction.
   *
   * @param etag as the store has it
   * @return false, and nothing is changed, where these are not what they were
   */
  public boolean swap(
      List<Item> group, ContentId merged, long sizeBytes, @Nullable String etag, Instant now) {
    BranchMoves.lock(catalog, repoId);
    if (!items().containsAll(group)) {
      return false;
    }
    List<ContentId> ids = group.stream().map(Item::id).toList();
    catalog.execute(
        Statement.of(
                """
                with gone as (
                  select object_id as id from %s
                ), retired as (
                  update merged_bundles set retired_at = :now::timestamptz
                  where repo_id = :repo and merged in (select id from gone)
                    and merged <> :merged
                ), moved as (
                  update bundles set merged_into = :merged
                  where repo_id = :repo and (bundle in (select id from gone)
                      and merged_into is null
                    or merged_into in (select id from gone))
                )
                insert into merged_bundles (repo_id, merged, size_bytes, bundles, etag, created_at)
                values (:repo, :merged, :size, :bundles::integer, :etag, :now::timestamptz)
                on conflict (repo_id, merged) do update set retired_at = null,
                  bundles = excluded.bundles, etag = excluded.etag
                """
                    .formatted(IdBlob.ROWS))
            .text("repo", repoId)
            .text("merged", merged.hex())
            .number("size", sizeBytes)
            .text("etag", etag)
            .number("bundles", group.stream().mapToInt(Item::bundles).sum())
            .bytes("ids", IdBlob.of(ids))
            .text("now", now.toString()));
    return true;
  }

  /**
   * Has a merged bundle stand for nothing any more, in a transaction: its bundles are got one by
   * one again, until others are made of them. What is left of it goes after its time.
   */
  public void dissolve(ContentId merged, Instant now) {
    BranchMoves.lock(catalog, repoId);
    catalog.execute(
        Statement.of(
                """
                with freed as (
                  update bundles set merged_into = null
                  where repo_id = :repo and merged_into = :merged
                )
                update merged_bundles set retired_at = :now::timestamptz
                where repo_id = :repo and merged = :merged and retired_at is null
                """)
            .text("repo", repoId)
            .text("merged", merged.hex())
            .text("now", now.toString()));
  }

  /** Has what nothing names go the way of those that were replaced. */
  void retireUnnamed(ContentId merged, Instant now) {
    BranchMoves.lock(catalog, repoId);
    catalog.execute(
        Statement.of(
                """
                insert into merged_bundles (repo_id, merged, size_bytes, bundles, created_at,
                  retired_at)
                values (:repo, :merged, 0, 0, :now::timestamptz, :now::timestamptz)
                on conflict (repo_id, merged) do nothing
                """)
            .text("repo", repoId)
            .text("merged", merged.hex())
            .text("now", now.toString()));
  }

  /**
   * Locks the repository until the transaction ends, and forgets what was replaced before a time.
   *
   * @return the merged bundles that stay
   */
  public List<ContentId> lockAndForget(Instant before) {
    BranchMoves.lock(catalog, repoId);
    catalog.execute(
        Statement.of(
                "delete from merged_bundles"
                    + " where repo_id = :repo and retired_at < :before::timestamptz")
            .text("repo", repoId)
            .text("before", before.toString()));
    List<ContentId> kept = new ArrayList<>();
    catalog
        .execute(
            Statement.of("select merged from merged_bundles where repo_id = :repo")
                .text("repo", repoId))
        .forEach(row -> kept.add(ContentId.parse(row.text("merged"))));
    return kept;
  }
}
