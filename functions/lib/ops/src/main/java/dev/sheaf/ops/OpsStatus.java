package dev.sheaf.ops;

import dev.sheaf.storage.catalog.Catalog;
import dev.sheaf.storage.catalog.Rows;
import dev.sheaf.storage.catalog.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * How a site's log and its exchange with its peers stand. Reads along indexes, and never more than
 * so many rows of a kind: it may be asked often, of a log of any size.
 */
public final class OpsStatus {
  /** How far a peer may be behind before it is not counted any more. */
  static final int MOST_BEHIND = 10_000;

  private static final int FAILED_SHOWN = 20;

  private final Catalog catalog;
  private final List<String> tables;
  private final OpsOptions options;

  /**
   * @param tables the registered ones
   */
  public OpsStatus(Catalog catalog, List<String> tables, OpsOptions options) {
    this.catalog = catalog;
    this.tables = List.copyOf(tables);
    this.options = options;
  }

  /**
   * The status as fields of a document: {@code self}; {@code min_ulid} and {@code max_ulid}, the
   * positions of the log's ends, null when it is empty; {@code bytes} of the log with its indexes;
   * {@code tables} with {@code rows} (at most a million) and {@code bytes} (estimated) of each;
   * {@code peers}; {@code retention}, the {@code pinned_by} and so on of {@link
   * CleanupPlan#fields}; {@code follow}, the last request to follow them at once and what the last
   * run for one came to; {@code failed_ops} with their {@code count} and the oldest of them; {@code
   * counters}.
   */
  public Map<String, @Nullable Object> read(Instant now) {
    Map<String, @Nullable Object> fields = new LinkedHashMap<>();
    fields.put("self", options.self());
    Rows.Row ends = ends();
    fields.put("min_ulid", ends.textOrNull("least"));
    fields.put("max_ulid", ends.textOrNull("greatest"));
    fields.put("bytes", ends.number("bytes"));
    fields.put("tables", tables());
    Retention retention = new Retention(catalog, options);
    RetentionFloor floor = retention.floor(now);
    fields.put("peers", peers(floor.peers(), now));
    fields.put("retention", CleanupPlan.pin(floor, retention.held(floor)));
    fields.put("follow", new FollowRequests(catalog).fields());
    fields.put("failed_ops", failedOps(ends.number("failed")));
    fields.put("counters", counters());
    return fields;
  }

  private Rows.Row ends() {
    return catalog
        .execute(
            Statement.of(
                    """
                    select (select min(position) from ops) as least,
                      (select max(position) from ops) as greatest,
                      pg_total_relation_size('ops') as bytes,
                      (select count(*) from (select 1 from failed_ops limit :most) f) as failed
                    """)
                .number("most", OpsAmount.MOST_ROWS))
        .first()
        .orElseThrow();
  }

  /** The bounds of a name are equal: see {@link Dormant}. */
  private List<Map<String, Object>> tables() {
    List<Map<String, Object>> all = new ArrayList<>();
    if (tables.isEmpty()) {
      return all;
    }
    catalog
        .execute(
            Statement.of(
                    """
                    select t.name, counted.rows, coalesce(counted.rows * width, 0)::bigint as bytes
                    from unnest(string_to_array(:tables, ' ')) as t (name)
                      cross join lateral (
                        select count(*) as rows from (
                          select 1 from ops where "table" >= t.name and "table" <= t.name
                          limit :most) found) counted
                      cross join lateral (
                        select avg(pg_column_size(newest.*)) as width from (
                          select * from ops where "table" >= t.name and "table" <= t.name
                          order by "table" desc, position desc limit :sample) newest) sample
                    order by t.name
                    """)
                .text("tables", String.join(" ", tables))
                .number("most", OpsAmount.MOST_ROWS)
                .number("sample", OpsAmount.SAMPLE))
        .forEach(row -> all.add(row.asMap()));
    return all;
  }

  /**
   * Each configured peer: {@code position}, how far it has read this site, by its own words, and
   * {@code seen_at}; {@code behind_ops} (at most 10,000) and {@code behind_seconds}, what it has
   * not asked for yet; {@code cursor}, how far this site has read it; {@code snapshot}, whether one
   * is under way; {@code state}; {@code error} and {@code failing_since} when this site cannot
   * follow it.
   */
  private List<Map<String, @Nullable Object>> peers(List<PeerStanding> standings, Instant now) {
    Map<String, PeerFaults.Fault> faults = new PeerFaults(catalog).all();
    Map<String, Rows.Row> rows = new TreeMap<>();
    if (!options.peers().isEmpty()) {
      catalog.execute(behind()).forEach(row -> rows.put(row.text("host"), row));
    }
    List<Map<String, @Nullable Object>> all = new ArrayList<>();
    for (PeerStanding peer : standings) {
      Rows.Row row = rows.get(peer.host());
      Optional<PeerFaults.Fault> fault = Optional.ofNullable(faults.get(peer.host()));
      Map<String, @Nullable Object> fields = new LinkedHashMap<>();
      fields.put("host", peer.host());
      fields.put("state", peer.state().name().toLowerCase(java.util.Locale.ROOT));
      fields.put("position", row == null ? null : row.textOrNull("after"));
      fields.put("seen_at", peer.seenAt().map(Instant::toString).orElse(null));
      fields.put("behind_ops", row == null ? null : row.numberOrNull("behind"));
      fields.put("behind_seconds", row == null ? null : seconds(row.textOrNull("unread"), now));
      fields.put("cursor", row == null ? null : row.textOrNull("last_ulid"));
      fields.put("snapshot", row != null && row.flag("has_snapshot"));
      fields.put("error", fault.map(PeerFaults.Fault::error).orElse(null));
      fields.put("failing_since", fault.map(f -> f.since().toString()).orElse(null));
      all.add(fields);
    }
    return all;
  }

  private Statement behind() {
    return Statement.of(
            """
            select h.host, p.after, c.last_ulid, s.host is not null as has_snapshot,
              unread.behind, unread.least as unread
            from unnest(string_to_array(:peers, ' ')) as h (host)
              left join peer_positions p on p.host = h.host
              left join cursors c on c.host = h.host
              left join peer_snapshots s on s.host = h.host
              cross join lateral (
                select count(*) as behind, min(position) as least from (
                  select position from ops where position > coalesce(p.after, '')
                    and ops.host <> h.host
                  order by position limit :most) o) unread
            """)
        .text("peers", String.join(" ", options.peers()))
        .number("most", MOST_BEHIND);
  }

  /** Since the first op that a peer has not asked for; 0 when there is none. */
  private static long seconds(@Nullable String unread, Instant now) {
    return Optional.ofNullable(unread)
        .flatMap(Ulid::parse)
        .map(ulid -> Math.max(0, Duration.between(ulid.time(), now).toSeconds()))
        .orElse(0L);
  }

  private Map<String, Object> failedOps(long count) {
    List<Map<String, Object>> oldest = new ArrayList<>();
    if (count > 0) {
      catalog
          .execute(
              Statement.of(
                      """
                      select ulid, host, source, action, "table", error, attempts,
                        to_char(failed_at at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')
                          as failed_at
                      from failed_ops order by ulid limit :limit
                      """)
                  .number("limit", FAILED_SHOWN))
          .forEach(row -> oldest.add(row.asMap()));
    }
    return Map.of("count", count, "oldest", oldest);
  }

  private Map<String, Long> counters() {
    Map<String, Long> counters = new TreeMap<>();
    for (OpsCounter counter : OpsCounter.values()) {
      counters.put(counter.label(), 0L);
    }
    catalog
        .execute(Statement.of("select name, value from ops_counters"))
        .forEach(row -> counters.put(row.text("name"), row.number("value")));
    return counters;
  }
}
