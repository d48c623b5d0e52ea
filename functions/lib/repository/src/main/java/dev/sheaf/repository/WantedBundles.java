package dev.sheaf.repository;

import dev.sheaf.bundle.ContentId;
import dev.sheaf.bundle.ObjectKeys;
import dev.sheaf.repository.column.PgArray;
import dev.sheaf.storage.catalog.Catalog;
import dev.sheaf.storage.catalog.Rows;
import dev.sheaf.storage.catalog.Statement;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Bundles that peers told of, and that bundle-index has not begun to take in yet. */
public final class WantedBundles {
  /** Pauses double from a minute up to about four hours. */
  private static final int MOST_DOUBLINGS = 8;

  private final Catalog catalog;

  public WantedBundles(Catalog catalog) {
    this.catalog = catalog;
  }

  /**
   * A bundle to be copied.
   *
   * @param key where it belongs in the bucket
   * @param sizeBytes its length, by the word of the site that took it in
   * @param attempts how often it was {@link #postpone}d
   */
  public record Wanted(
      String repoId, String key, ContentId bundle, long sizeBytes, long attempts) {}

  /** Those that are to be tried now, of each repository the oldest first. */
  public List<Wanted> due(Instant now, int most) {
    List<Wanted> due = new ArrayList<>();
    catalog
        .execute(
            Statement.of(
                    """
                    select b.repo_id, owner, name, b.bundle, size_bytes,
                      coalesce(attempts, 0) as attempts
                    from bundles b
                      join repos r on r.repo_id = b.repo_id
                      left join bundle_copies c on c.repo_id = b.repo_id and c.bundle = b.bundle
                    where state = 'awaited' and (try_after is null or try_after <= :now::timestamptz)
                    order by b.repo_id, ordinal limit :most
                    """)
                .text("now", now.toString())
                .number("most", most))
        .forEach(row -> due.add(wanted(row)));
    return due;
  }

  private static Wanted wanted(Rows.Row row) {
    ContentId bundle = ContentId.parse(row.text("bundle"));
    return new Wanted(
        row.text("repo_id"),
        ObjectKeys.bundle(row.text("owner"), row.text("name"), bundle),
        bundle,
        row.number("size_bytes"),
        row.number("attempts"));
  }

  /**
   * Takes bundles for one runner: no other is given them to copy until that moment.
   *
   * @return those that no other runner has taken since they were due
   */
  public List<Wanted> claim(List<Wanted> bundles, Instant now, Instant until) {
    if (bundles.isEmpty()) {
      return bundles;
    }
    Set<String> claimed = new HashSet<>();
    catalog
        .execute(
            named(
                    """
                    insert into bundle_copies as present (repo_id, bundle, attempts, try_after)
                    select repo_id, bundle, 0, :until::timestamptz
                    from unnest(:repos::text[], :bundles::text[]) as taken (repo_id, bundle)
                    order by repo_id, bundle
                    on conflict (repo_id, bundle) do update set try_after = excluded.try_after
                    where present.try_after <= :now::timestamptz
                    returning repo_id || ' ' || bundle as name
                    """,
                    bundles,
                    now)
                .text("until", until.toString()))
        .forEach(row -> claimed.add(row.text("name")));
    return bundles.stream()
        .filter(wanted -> claimed.contains(wanted.repoId() + " " + wanted.bundle().hex()))
        .toList();
  }

  /** Gives claimed ones back, as if they had not been looked at. */
  public void release(List<Wanted> bundles, Instant now) {
    if (bundles.isEmpty()) {
      return;
    }
    catalog.execute(
        named(
            """
            with given as (
              select * from unnest(:repos::text[], :bundles::text[]) as g (repo_id, bundle)
            ), untried as (
              delete from bundle_copies c using given g
              where c.repo_id = g.repo_id and c.bundle = g.bundle and attempts = 0
            )
            update bundle_copies c set try_after = :now::timestamptz from given g
            where c.repo_id = g.repo_id and c.bundle = g.bundle and attempts > 0
            """,
            bundles,
            now));
  }

  private static Statement named(String sql, List<Wanted> bundles, Instant now) {
    return Statement.of(sql)
        .text("repos", PgArray.texts(bundles, Wanted::repoId))
        .text("bundles", PgArray.texts(bundles, bundle -> bundle.bundle().hex()))
        .text("now", now.toString());
  }

  /**
   * Puts off bundles of which there was nothing to do, or that nobody gave: each is looked at again
   * after a pause that doubles each time.
   */
  public void postpone(List<Wanted> bundles, Instant now) {
    if (bundles.isEmpty()) {
      return;
    }
    catalog.execute(
        named(
                """
                insert into bundle_copies as present (repo_id, bundle, attempts, try_after)
                select repo_id, bundle, 1, :now::timestamptz + interval '1 minute'
                from unnest(:repos::text[], :bundles::text[]) as put_off (repo_id, bundle)
                order by repo_id, bundle
                on conflict (repo_id, bundle) do update set attempts = present.attempts + 1,
                  try_after = :now::timestamptz
                    + interval '1 minute' * power(2, least(present.attempts, :most))
                """,
                bundles,
                now)
            .number("most", MOST_DOUBLINGS));
  }
}
