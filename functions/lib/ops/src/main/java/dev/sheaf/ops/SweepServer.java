package dev.sheaf.ops;

import dev.sheaf.storage.catalog.Catalog;
import dev.sheaf.storage.catalog.Rows;
import dev.sheaf.storage.catalog.Statement;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Gives this site's log to others, a page at a time. A page is read in parts that keep below the
 * Data API's 1 MiB; Postgres packs many ops into one row, without what is the same in all of them,
 * and {@link PageBody} makes JSON of it.
 *
 * <p>A site of ours gets everything but its own ops, by position, and goes on from {@link
 * SweepPage#LAST_SCANNED}. A stranger, who goes on from the last ulid that it was given, gets only
 * what this site did itself, whose ulids are their positions.
 */
public final class SweepServer {
  /** The most rows that are looked at for a page. */
  public static final int MOST_ROWS = 10_000;

  /** The most bytes of a page's body; the first ops are given whatever their size. */
  public static final int MOST_BYTES = 4 << 20;

  /** Of the array and its line. */
  private static final int END = 2;

  private static final int ROWS_A_PART = 2_500;
  private static final int BYTES_A_PART = 600 << 10;

  private final Catalog catalog;
  private final String self;

  /**
   * @param self this site's base URL, as in its ops
   */
  public SweepServer(Catalog catalog, String self) {
    this.catalog = catalog;
    this.self = self;
  }

  /**
   * One page for a site of ours.
   *
   * @param after where the page begins, exclusive: any text, compared by its bytes; empty for the
   *     beginning
   * @param peer the site that asks; its own ops are left out
   */
  public SweepPage forPeer(String after, String peer) {
    return page(
        after, new Choice("position > :after order by position", "true", "host <> :asks", peer));
  }

  /**
   * One page for whoever asks. Others' ops are not even looked at: a stranger who only knows what
   * it was given would ask for ever for a page on which there are no others.
   *
   * <p>The host is not asked for as such: a database that has not yet counted what is in a log
   * takes it for rare, and sorts all that is left of it for every part.
   */
  public SweepPage forAnyone(String after) {
    return page(
        after,
        new Choice(
            "(host, position) > (:asks, :after) order by host, position",
            "host = :asks",
            "true",
            self));
  }

  /**
   * Which ops are given, in SQL.
   *
   * @param read which are read, and in which order
   * @param scanned up to where that is the order of the log
   * @param given which of these are given
   * @param asks a host, for {@code :asks} in all of them
   */
  private record Choice(String read, String scanned, String given, String asks) {}

  private SweepPage page(String after, Choice choice) {
    Reading reading = new Reading(after);
    boolean more = true;
    while (more) {
      more = reading.take(catalog.execute(part(reading, choice)), reading.budget());
    }
    boolean isLimited = reading.scanned == MOST_ROWS || reading.wasCut;
    return new SweepPage(reading.body, reading.last(), isLimited, gap(after, reading));
  }

  private static Statement part(Reading reading, Choice choice) {
    return Statement.of(
            """
            select string_agg(line, chr(10) order by position)
                filter (where given and chunk is not null) as lines,
              max(position) as last, count(*) as scanned, chunk is not null as kept,
              (select min(position) from ops) as least,
              (select position from ops_deleted) as deleted
            from (
              select position, given, line,
                case when bytes <= :budget or :first and place = 1 then bytes / %4$d end as chunk
              from (
                select position, given, line, sum(octet_length(line) + 1) over up as bytes,
                  row_number() over up as place
                from (
                  select host, position, %1$s as given,
                    ulid || ' ' || host || ' ' || action || ' ' || "table" || ' ' || data as line
                  from ops where %2$s limit :rows
                ) read
                where %3$s
                window up as (order by position rows unbounded preceding)
              ) measured
            ) chunks
            group by chunk order by max(position)
            """
                .formatted(choice.given(), choice.read(), choice.scanned(), PageBody.BYTES_A_ROW))
        .text("after", reading.position)
        .text("asks", choice.asks())
        .number("rows", reading.rows())
        .number("budget", reading.budget())
        .flag("first", reading.scanned == 0);
  }

  /**
   * A sweep that found nothing began behind everything: nothing is missing to it. Nor is anything
   * to one that began where retention had ended, below the first op that came afterwards.
   */
  private static Optional<Ulid> gap(String after, Reading reading) {
    String least = reading.least;
    String deleted = reading.deleted;
    return after.isEmpty()
            || least == null
            || after.compareTo(least) >= 0
            || (deleted != null && after.compareTo(deleted) >= 0)
        ? Optional.empty()
        : Ulid.parse(least);
  }

  /**
   * Remembers how far a site of ours has read this one.
   *
   * @param after what it asked for; a text that is no ulid, the empty one included, says that it
   *     has read nothing
   */
  public void seen(String peer, String after, Instant now) {
    catalog.execute(
        Statement.of(
                """
                insert into peer_positions (host, after, seen_at)
                values (:host, :after, :now::timestamptz)
                on conflict (host) do update set after = excluded.after, seen_at = excluded.seen_at
                where peer_positions.after <> excluded.after
                  or peer_positions.seen_at < excluded.seen_at - interval '1 hour'
                """)
            .text("host", peer)
            .text("after", Ulid.parse(after).map(Ulid::text).orElse(""))
            .text("now", now.toString()));
  }

  /**
   * Remembers that a site of ours is there, which has not read the log yet or has gone on with a
   * snapshot: what it has read stays as it was.
   */
  public void seen(String peer, Instant now) {
    catalog.execute(
        Statement.of(
                """
                insert into peer_positions (host, after, seen_at)
                values (:host, '', :now::timestamptz)
                on conflict (host) do update set seen_at = excluded.seen_at
                where peer_positions.seen_at < excluded.seen_at - interval '1 hour'
                """)
            .text("host", peer)
            .text("now", now.toString()));
  }

  /** A page that is being read. */
  private static final class Reading {
    private final PageBody body = new PageBody();
    private String position;
    private @Nullable String least;
    private @Nullable String deleted;
    private long scanned;
    private boolean wasCut;

    Reading(String after) {
      this.position = after;
    }

    long rows() {
      return Math.min(ROWS_A_PART, MOST_ROWS - scanned);
    }

    long budget() {
      return Math.min(BYTES_A_PART, MOST_BYTES - body.size());
    }

    Optional<Ulid> last() {
      return scanned == 0 ? Optional.empty() : Ulid.parse(position);
    }

    /** Takes a part; returns whether another one is to be read. */
    boolean take(Rows part, long budget) {
      long asked = rows();
      long found = 0;
      long kept = 0;
      for (Rows.Row row : part) {
        least = row.text("least");
        deleted = row.textOrNull("deleted");
        found += row.number("scanned");
        if (row.flag("kept") && !wasCut && take(row)) {
          position = row.text("last");
          kept += row.number("scanned");
        }
      }
      scanned += kept;
      wasCut |= kept < found && (budget < BYTES_A_PART || kept == 0);
      return !wasCut && scanned < MOST_ROWS && (kept < found || found == asked);
    }

    /** Takes some ops; returns whether they had room: their JSON is longer than what is counted. */
    private boolean take(Rows.Row row) {
      int before = body.size();
      String lines = row.textOrNull("lines");
      if (lines != null) {
        body.addOps(lines);
      }
      wasCut = body.size() > MOST_BYTES - END && before > PageBody.BEGIN;
      if (wasCut) {
        body.cut(before);
      }
      return !wasCut;
    }
  }
}
