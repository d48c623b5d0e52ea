package dev.sheaf.ops;

import dev.sheaf.storage.catalog.Catalog;
import dev.sheaf.storage.catalog.Rows;
import dev.sheaf.storage.catalog.Statement;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Dormant cleanup: a registered table that nobody has written for long gives up its ops. A table
 * with one new op keeps all of them, and an op written after the table was found dormant lies above
 * the cutoff and stays.
 *
 * <p>A table that is meant to be written once a quarter does not belong into the log.
 */
public final class Dormant {
  private static final Logger log = LoggerFactory.getLogger(Dormant.class);

  private final Catalog catalog;
  private final List<String> tables;
  private final RetentionOptions options;

  /**
   * @param tables the registered ones; others are left alone
   */
  public Dormant(Catalog catalog, List<String> tables, RetentionOptions options) {
    this.catalog = catalog;
    this.tables = List.copyOf(tables);
    this.options = options;
  }

  /** Says what may go, and deletes nothing. */
  public DormantPlan plan(Instant now) {
    if (options.keepsDormant() || tables.isEmpty()) {
      return new DormantPlan(Optional.empty(), Map.of(), 0);
    }
    Ulid cutoff = Ulid.least(now.minus(options.dormantAfter()));
    Map<String, Long> rows = new TreeMap<>();
    long bytes = 0;
    for (Rows.Row row : catalog.execute(dormant(cutoff))) {
      rows.put(row.text("name"), row.number("rows"));
      bytes += row.number("bytes");
    }
    return new DormantPlan(Optional.of(cutoff), rows, bytes);
  }

  /**
   * The bounds of a table's name are equal, and not said to be: so that whatever the statistics
   * say, its rows are read along the index of tables.
   */
  private Statement dormant(Ulid cutoff) {
    return Statement.of(
            """
            select t.name, old.rows, old.bytes
            from unnest(string_to_array(:tables, ' ')) as t (name)
              cross join lateral (
                select position from ops where "table" >= t.name and "table" <= t.name
                order by "table" desc, position desc limit 1) newest
              cross join lateral (
                select count(*) as rows, sum(pg_column_size(o.*))::bigint as bytes from ops o
                where o."table" >= t.name and o."table" <= t.name and o.position < :cutoff) old
            where newest.position < :cutoff
            order by t.name
            """)
        .text("tables", String.join(" ", tables))
        .text("cutoff", cutoff.text());
  }

  /**
   * Deletes what a plan names.
   *
   * @param mayGoOn asked before each batch
   * @return how many ops are gone
   */
  public long run(DormantPlan plan, BooleanSupplier mayGoOn) {
    long all = 0;
    for (String table : new TreeMap<>(plan.rows()).keySet()) {
      long deleted = clean(table, plan.cutoff().orElseThrow(), mayGoOn);
      if (deleted > 0) {
        OpsCounter.DORMANT_TABLES_CLEANED.add(catalog, 1);
        OpsCounter.DORMANT_OPS_DELETED.add(catalog, deleted);
        log.info("dormant table {}: {} ops deleted below {}", table, deleted, plan.cutoff());
      }
      all += deleted;
    }
    return all;
  }

  private long clean(String table, Ulid cutoff, BooleanSupplier mayGoOn) {
    long deleted = 0;
    long batch = RetentionOptions.MOST_ROWS;
    while (batch == RetentionOptions.MOST_ROWS && mayGoOn.getAsBoolean()) {
      batch =
          catalog
              .execute(
                  Statement.of(
                          """
                          with doomed as materialized (
                            select position from ops
                            where "table" = :table and position < :cutoff
                            order by position limit :batch
                          ), noted as (
                            insert into ops_deleted as present (position)
                            select max(position) from doomed having count(*) > 0
                            on conflict (only_one) do update set position = excluded.position
                            where present.position < excluded.position
                          )
                          delete from ops using doomed where ops.position = doomed.position
                          """)
                      .text("table", table)
                      .text("cutoff", cutoff.text())
                      .number("batch", RetentionOptions.MOST_ROWS))
              .updated();
      deleted += batch;
    }
    return deleted;
  }
}
