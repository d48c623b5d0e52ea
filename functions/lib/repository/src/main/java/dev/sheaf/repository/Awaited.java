package dev.sheaf.repository;

import dev.sheaf.ops.Ulid;
import dev.sheaf.storage.catalog.Catalog;
import dev.sheaf.storage.catalog.Rows;
import dev.sheaf.storage.catalog.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What peers told of and this site does not have yet: bundles, packs, and git refs whose objects
 * are not here. Most of it comes within a tick or two; what does not is at nobody's site any more,
 * or at one that cannot be reached.
 *
 * @param forAnHour how many of all three have been awaited for more than an hour
 */
public record Awaited(long bundles, long packs, long refs, long forAnHour) {
  /** Everything is here. */
  public static final Awaited NONE = new Awaited(0, 0, 0, 0);

  private static final Duration LONG = Duration.ofHours(1);

  /**
   * One statement, along indexes that hold nothing else. A ref is awaited since it was moved, or
   * since its row is here, which on a new site is later.
   */
  public static Awaited of(Catalog catalog, Instant now) {
    Instant before = now.minus(LONG);
    return catalog
        .execute(
            Statement.of(
                    """
                    select count(*) filter (where what = 'bundle') as bundles,
                      count(*) filter (where what = 'pack') as packs,
                      count(*) filter (where what = 'ref') as refs,
                      count(*) filter (where is_long) as for_an_hour
                    from (
                      select repo_id, 'bundle' as what,
                        registered_at < :before::timestamptz as is_long
                      from bundles where state = 'awaited'
                      union all
                      select repo_id, 'pack', created_at < :before::timestamptz
                      from git_packs where state = 'awaited'
                      union all
                      select repo_id, 'ref', updated_at < :before::timestamptz
                        and coalesce(op_ulid < :ulid, true)
                      from git_refs where target is distinct from shown_target
                    ) awaited left join repos using (repo_id)
                    where deleted_at is null
                    """)
                .text("before", before.toString())
                .text("ulid", Ulid.least(before).text()))
        .first()
        .map(Awaited::read)
        .orElse(NONE);
  }

  private static Awaited read(Rows.Row row) {
    return new Awaited(
        row.number("bundles"), row.number("packs"), row.number("refs"), row.number("for_an_hour"));
  }

  /** {@code bundles}, {@code packs}, {@code refs} and {@code for_an_hour}. */
  public Map<String, Object> fields() {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("bundles", bundles);
    fields.put("packs", packs);
    fields.put("refs", refs);
    fields.put("for_an_hour", forAnHour);
    return fields;
  }
}
