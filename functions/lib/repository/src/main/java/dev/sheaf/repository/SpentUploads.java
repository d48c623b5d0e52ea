package dev.sheaf.repository;

import dev.sheaf.bundle.ContentId;
import dev.sheaf.bundle.ObjectKeys;
import dev.sheaf.repository.column.PgArray;
import dev.sheaf.storage.ObjectStore;
import dev.sheaf.storage.catalog.Catalog;
import dev.sheaf.storage.catalog.Rows;
import dev.sheaf.storage.catalog.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Uploaded git bundles whose packs stand for them: the upload is an inbox. They are deleted some
 * time after, longer than a URL to one lives. Bundles of muse repositories are their history, and
 * never go.
 */
public final class SpentUploads {
  /** How long an upload stays when its job is done. */
  public static final Duration KEPT = Duration.ofDays(1);

  /** Of one plan. */
  public static final int MOST_AT_A_TIME = 1_000;

  private final Catalog catalog;
  private final ObjectStore store;

  public SpentUploads(Catalog catalog, ObjectStore store) {
    this.catalog = catalog;
    this.store = store;
  }

  /**
   * An upload that has done its duty.
   *
   * @param key where it lies
   */
  public record Spent(String repoId, ContentId bundle, String key) {}

  /** What can be deleted now, some at most. */
  public List<Spent> plan(Instant now) {
    List<Spent> spent = new ArrayList<>();
    for (Rows.Row row :
        catalog.execute(
            Statement.of(
                    """
                    select r.repo_id, r.owner, r.name, b.bundle
                    from repos r
                      join bundles b on b.repo_id = r.repo_id and b.state = 'indexed'
                        and b.expired_at is null
                    where r.kind = 'git'
                      and coalesce((select max(coalesce(j.done_at, 'infinity')) from jobs j
                        where j.repo_id = b.repo_id and j.bundle = b.bundle), '-infinity')
                        < :before::timestamptz
                    limit :limit
                    """)
                .text("before", now.minus(KEPT).toString())
                .number("limit", MOST_AT_A_TIME))) {
      ContentId bundle = ContentId.parse(row.text("bundle"));
      spent.add(
          new Spent(
              row.text("repo_id"),
              bundle,
              ObjectKeys.bundle(row.text("owner"), row.text("name"), bundle)));
    }
    return spent;
  }

  /**
   * Deletes what was planned.
   *
   * @return the keys that the store refused to delete, with its reason
   */
  public Map<String, String> delete(List<Spent> planned, Instant now) {
    Map<String, String> kept = new LinkedHashMap<>();
    if (planned.isEmpty()) {
      return kept;
    }
    kept.putAll(store.delete(planned.stream().map(Spent::key).toList()));
    List<Spent> gone = planned.stream().filter(one -> !kept.containsKey(one.key())).toList();
    catalog.execute(
        Statement.of(
                """
                update bundles b set expired_at = :now::timestamptz
                from unnest(:repos::text[], :bundles::text[]) as g (repo_id, bundle)
                where b.repo_id = g.repo_id and b.bundle = g.bundle
                """)
            .text("now", now.toString())
            .text("repos", PgArray.texts(gone, Spent::repoId))
            .text("bundles", PgArray.texts(gone, one -> one.bundle().hex())));
    return kept;
  }

  /** Notes that a bundle which is taken in has been uploaded once more. */
  public void arrived(String repoId, ContentId bundle) {
    catalog.execute(
        Statement.of(
                """
                update bundles set expired_at = null
                where repo_id = :repo and bundle = :bundle and expired_at is not null
                """)
            .text("repo", repoId)
            .text("bundle", bundle.hex()));
  }
}
