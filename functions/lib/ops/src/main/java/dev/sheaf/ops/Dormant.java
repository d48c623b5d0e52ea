package dev.sheaf.ops;

import dev.sheaf.storage.catalog.Catalog;
import dev.sheaf.storage.catalog.Rows;
import dev.sheaf.storage.catalog.Statement;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Dormant cleanup: a registered table that nobody has written for long gives up its ops. A table
 * with one new op keeps all of them, and an op written after the table was found dormant lies above
 * the cutoff and stays. So does what a configured peer that reads the log has not read: of a hole
 * in the middle of a log nobody is told.
 *
 * <p>A table that is meant to be written once a quarter does not belong into the log.
 */
public final class Dormant {
  private static final Logger log = LoggerFactory.getLogger(Dormant.class);

  private final Catalog catalog;
  private final List<String> tables;
  private final RetentionOptions options;
  private final Retention retention;

  /**
   * @param tables the registered ones; others are left alone
   * @param retention knows what peers have not read
   */
  public Dormant(
      Catalog catalog, List<String> tables, RetentionOptions options, Retention retention) {
    this.catalog = catalog;
    this.tables = List.copyOf(tables);
    this.options = options;
    this.retention = retention;
  }

  /** Finds dormant tables, and counts nothing. */
  public DormantTables tables(Instant now) {
    if (options.keepsDormant() || tables.isEmpty()) {
      return new DormantTables(Optional.empty(), Set.of());
    }
    Ulid cutoff = Ulid.least(now.minus(options.dormantAfter()));
    Set<String> names = new TreeSet<>();
    catalog.execute(dormant(cutoff)).forEach(row -> names.add(row.text("name")));
    return new DormantTables(Optional.of(names.isEmpty() ? cutoff : read(cutoff, now)), names);
  }

  private Ulid read(Ulid cutoff, Instant now) {
    return retention.unread(now).filter(unread -> unread.compareTo(cutoff) < 0).orElse(cutoff);
  }

  /** Says what may go, and deletes nothing. */
  public DormantPlan plan(Instant now) {
    DormantTables found = tables(now);
    Map<String, Long> rows = new TreeMap<>();
    long bytes = 0;
    if (!found.names().isEmpty()) {
      for (Rows.Row row : catalog.execute(counted(found))) {
        rows.put(row.text("name"), row.number("rows"));
        bytes += row.number("bytes");
      }
    }
    return new DormantPlan(found.cutoff(), rows, bytes);
  }

  /**
   * The bounds of a table's name are equal, and not said to be: so that whatever the statistics
   * say, its rows are read along the index of tables.
   */
  private Statement dormant(Ulid cutoff) {
    return Statement.of(
            """
            select t.name
            from unnest(string_to_array(:tables, ' ')) as t (name)
              cross join lateral (
                select position from ops where "table" >= t.name and "table" <= t.name
                order by "table" desc, position desc limit 1) newest
            where newest.position < :cutoff
            order by t.name
            """)
        .text("tables", String.join(" ", tables))
        .text("cutoff", cutoff.text());
  }

  private static Statement counted(DormantTables found) {
    return Statement.of(
            """
            select t.name, counted.rows, (counted.rows * width)::bigint as bytes
            from unnest(string_to_array(:tables, ' ')) as t (name)
              cross join lateral (
                select count(*) as rows from (
                  select 1 from ops where "table" >= t.name and "table" <= t.name
                    and position < :cutoff
                  order by "table", position limit :most) found) counted
              cross join lateral (
                select avg(pg_column_size(sampled.*)) as width from (
                  select * from ops where "table" >= t.name and "table" <= t.name
                    and position < :cutoff
                  order by "table", position limit :sample) sampled) sample
            where counted.rows > 0
            order by t.name
            """)
        .text("tables", String.join(" ", found.names()))
        .text("cutoff", found.cutoff().orElseThrow().text())
        .number("most", OpsAmount.MOST_ROWS)
        .number("sample", OpsAmount.SAMPLE);
  }

  /**
   * What was deleted.
   *
   * @param tables those that are empty below the cutoff now, and were not
   */
  public record Cleaned(long tables, long ops) {
    /** Nothing. */
    public static final Cleaned NONE = new Cleaned(0, 0);

    private Cleaned and(Cleaned other) {
      return new Cleaned(tables + other.tables, ops + other.ops);
    }
  }

  /**
   * Deletes the ops of dormant tables.
   *
   * @param mayGoOn asked before each batch
   */
  public Cleaned run(DormantTables found, BooleanSupplier mayGoOn) {
    Cleaned all = Cleaned.NONE;
    for (String table : new TreeSet<>(found.names())) {
      all = all.and(clean(table, found.cutoff().orElseThrow(), mayGoOn));
    }
    return all;
  }

  private Cleaned clean(String table, Ulid cutoff, BooleanSupplier mayGoOn) {
    Cleaned all = Cleaned.NONE;
    while (all.tables() == 0 && mayGoOn.getAsBoolean()) {
      long before = all.ops();
      Cleaned batch = catalog.transaction(transaction -> batch(transaction, table, cutoff, before));
      all = all.and(batch);
      if (batch.ops() == 0) {
        break;
      }
    }
    if (all.ops() > 0) {
      log.info("dormant table {}: {} ops deleted below {}", table, all.ops(), cutoff);
    }
    return all;
  }

  /** Deletes and counts in one transaction, so that the counters are never less than the truth. */
  private static Cleaned batch(Catalog transaction, String table, Ulid cutoff, long before) {
    long deleted = delete(transaction, table, cutoff);
    boolean isLast = deleted < RetentionOptions.MOST_ROWS && before + deleted > 0;
    if (deleted > 0) {
      OpsCounter.DORMANT_OPS_DELETED.add(transaction, deleted);
    }
    if (isLast) {
      OpsCounter.DORMANT_TABLES_CLEANED.add(transaction, 1);
    }
    return new Cleaned(isLast ? 1 : 0, deleted);
  }

  private static long delete(Catalog transaction, String table, Ulid cutoff) {
    return transaction
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
  }
}
