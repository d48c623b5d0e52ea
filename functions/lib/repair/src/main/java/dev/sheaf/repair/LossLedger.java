package dev.sheaf.repair;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.sheaf.bundle.ContentId;
import dev.sheaf.repair.presence.Kind;
import dev.sheaf.repository.inventory.Inventory;
import dev.sheaf.storage.catalog.Catalog;
import dev.sheaf.storage.catalog.Rows;
import dev.sheaf.storage.catalog.Statement;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The table {@code lost}: what is missing and could not be brought back.
 *
 * <p>A loss is declared slowly: after {@value #CYCLES} cycles that failed, {@value #DAYS} days, and
 * one attempt that asked every other site while all of them answered. Until then it is tried again
 * after an hour, two, four, and then every day; afterwards every thirty days. A declaration can be
 * taken back: what is found again is noted as recovered.
 */
public final class LossLedger {
  static final int CYCLES = 5;
  static final int DAYS = 7;

  private static final int ROWS_A_PAGE = 500;

  private final Catalog catalog;

  public LossLedger(Catalog catalog) {
    this.catalog = catalog;
  }

  /**
   * A thing that is missing.
   *
   * @param id of an object its id, of a bundle {@code repo_id/bundle}
   * @param declaredAt when it was declared lost; empty while there is hope
   * @param tryAfter not looked for again before
   */
  public record Entry(
      String kind,
      String id,
      String key,
      String reason,
      long failedCycles,
      Instant firstFailedAt,
      Instant lastFailedAt,
      Instant tryAfter,
      Optional<Instant> declaredAt) {}

  /**
   * An attempt that failed.
   *
   * @param exhaustive every other site was asked, and all said that they have not got it
   * @param searched how far bundles were read for it; null when they were to the end
   */
  record Failure(
      Inventory.Item item, String reason, boolean exhaustive, @Nullable Searched searched) {}

  /** How far the last attempts came that did not come to their ends, by the ids of objects. */
  Map<ContentId, Searched> searched(Collection<Inventory.Item> objects) {
    Map<ContentId, Searched> found = new HashMap<>();
    catalog
        .execute(
            Statement.of(
                    """
                    select id, searched::text as searched
                    from jsonb_array_elements_text(:ids::jsonb) as wanted (id)
                      join lost using (id)
                    where kind = 'object' and recovered_at is null and searched is not null
                    """)
                .text("ids", ids(objects)))
        .forEach(row ->
            found.put(ContentId.parse(row.text("id")), Searched.parse(row.text("searched"))));
    return found;
  }

  /** Those of these things that are missing, by their cursors. */
  Map<String, Entry> of(Kind kind, Collection<Inventory.Item> items) {
    Map<String, Entry> found = new HashMap<>();
    if (!items.isEmpty()) {
      catalog
          .execute(
              Statement.of(
                      COLUMNS
                          + """
                          from jsonb_array_elements_text(:ids::jsonb) as wanted (id)
                            join lost using (id)
                          where kind = :kind and recovered_at is null
                          """)
                  .text("kind", kind.label())
                  .text("ids", ids(items)))
          .forEach(row -> found.put(row.text("id"), entry(row)));
    }
    return found;
  }

  /** What is missing, page by page, in the order of kinds and ids. */
  public List<Entry> all() {
    List<Entry> all = new ArrayList<>();
    String kind = "";
    String id = "";
    while (true) {
      List<Entry> page = page(kind, id);
      all.addAll(page);
      if (page.size() < ROWS_A_PAGE) {
        return all;
      }
      kind = page.getLast().kind();
      id = page.getLast().id();
    }
  }

  private List<Entry> page(String kind, String id) {
    List<Entry> page = new ArrayList<>();
    catalog
        .execute(
            Statement.of(
                    COLUMNS
                        + """
                        from lost where recovered_at is null and (kind, id) > (:kind, :id)
                        order by kind, id limit :limit
                        """)
                .text("kind", kind)
                .text("id", id)
                .number("limit", ROWS_A_PAGE))
        .forEach(row -> page.add(entry(row)));
    return page;
  }

  private static final String COLUMNS =
      """
      select kind, id, key, reason, failed_cycles::bigint as failed_cycles,
        floor(extract(epoch from first_failed_at))::bigint as first_failed,
        floor(extract(epoch from last_failed_at))::bigint as last_failed,
        floor(extract(epoch from try_after))::bigint as try_after,
        floor(extract(epoch from declared_at))::bigint as declared
      """;

  private static Entry entry(Rows.Row row) {
    return new Entry(
        row.text("kind"),
        row.text("id"),
        row.text("key"),
        row.text("reason"),
        row.number("failed_cycles"),
        Instant.ofEpochSecond(row.number("first_failed")),
        Instant.ofEpochSecond(row.number("last_failed")),
        Instant.ofEpochSecond(row.number("try_after")),
        Optional.ofNullable(row.numberOrNull("declared")).map(Instant::ofEpochSecond));
  }

  private static String ids(Collection<Inventory.Item> items) {
    ArrayNode ids = JsonNodeFactory.instance.arrayNode();
    items.forEach(item -> ids.add(item.cursor()));
    return ids.toString();
  }

  /**
   * Notes attempts that failed; one cycle counts once, however often it is resumed.
   *
   * @param cycle when the cycle began
   * @return how many losses were declared by this
   */
  long failed(Kind kind, Collection<Failure> failures, Instant cycle, Instant now) {
    if (failures.isEmpty()) {
      return 0;
    }
    ArrayNode rows = JsonNodeFactory.instance.arrayNode();
    for (Failure failure : failures) {
      Searched searched = failure.searched();
      rows.addObject()
          .put("id", failure.item().cursor())
          .put("key", failure.item().key())
          .put("reason", failure.reason())
          .put("exhaustive", failure.exhaustive())
          .put("searched", searched == null ? null : searched.json());
    }
    catalog.execute(
        Statement.of(FAILED)
            .text("kind", kind.label())
            .text("rows", rows.toString())
            .text("cycle", cycle.toString())
            .text("now", now.toString()));
    return catalog
        .execute(Statement.of(DECLARE).text("now", now.toString()))
        .first()
        .map(row -> row.number("declared"))
        .orElse(0L);
  }

  /** A little less than hours, so that the cycle of that hour is not missed by a second. */
  private static final String FAILED =
      """
      insert into lost (kind, id, key, reason, failed_cycles, first_failed_at, last_failed_at,
          last_cycle, exhaustive, try_after, searched)
        select :kind, id, key, reason, 1, :now::timestamptz, :now::timestamptz,
          :cycle::timestamptz, exhaustive, :now::timestamptz + interval '50 minutes',
          searched::jsonb
        from jsonb_to_recordset(:rows::jsonb)
          as r (id text, key text, reason text, exhaustive boolean, searched text)
        order by id
        on conflict (kind, id) do update set
          reason = case when excluded.searched is not null and lost.exhaustive
              and lost.recovered_at is null then lost.reason else excluded.reason end,
          last_failed_at = excluded.last_failed_at,
          last_cycle = excluded.last_cycle, recovered_at = null, searched = excluded.searched,
          failed_cycles = case when lost.recovered_at is not null then 1
            when lost.last_cycle = excluded.last_cycle then lost.failed_cycles
            else lost.failed_cycles + 1 end,
          first_failed_at = case when lost.recovered_at is null then lost.first_failed_at
            else excluded.first_failed_at end,
          exhaustive = excluded.exhaustive or (lost.recovered_at is null and lost.exhaustive),
          try_after = excluded.last_failed_at + case
            when lost.recovered_at is not null then interval '50 minutes'
            when lost.declared_at is not null then interval '30 days'
            else least(interval '23 hours 50 minutes',
              interval '50 minutes' * power(2, least(lost.failed_cycles, 6))) end,
          declared_at = case when lost.recovered_at is null then lost.declared_at end
      """;

  private static final String DECLARE =
      """
      with declared as (
        update lost set declared_at = :now::timestamptz,
          try_after = :now::timestamptz + interval '30 days'
        where recovered_at is null and declared_at is null and exhaustive
          and failed_cycles >= %d
          and first_failed_at <= :now::timestamptz - interval '%d days'
        returning 1
      )
      select count(*) as declared from declared
      """
          .formatted(CYCLES, DAYS);

  /**
   * Notes that things are there again.
   *
   * @return how many of them had been missing
   */
  long recovered(Kind kind, Collection<Inventory.Item> items, Instant now) {
    if (items.isEmpty()) {
      return 0;
    }
    return catalog
        .execute(
            Statement.of(
                    """
                    update lost set recovered_at = :now::timestamptz
                    where kind = :kind and recovered_at is null
                      and id in (select jsonb_array_elements_text(:ids::jsonb))
                    """)
                .text("kind", kind.label())
                .text("ids", ids(items))
                .text("now", now.toString()))
        .updated();
  }
}
