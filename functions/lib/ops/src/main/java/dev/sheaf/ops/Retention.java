package dev.sheaf.ops;

import dev.sheaf.storage.catalog.Catalog;
import dev.sheaf.storage.catalog.Rows;
import dev.sheaf.storage.catalog.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Retention: ops older than so many days go, but none that a configured peer has not read yet.
 * Whenever that cannot be worked out, nothing goes: an error ends the run, and a peer that was
 * never seen forbids it.
 */
public final class Retention {
  /** Batches of one run: a backlog goes in steps. */
  private static final int BATCHES = 10;

  private static final Duration LOST_AFTER = Duration.ofDays(7);

  private final Catalog catalog;
  private final List<String> peers;
  private final RetentionOptions options;

  /**
   * @param peers base URLs of the configured peers, without this site
   */
  public Retention(Catalog catalog, List<String> peers, RetentionOptions options) {
    this.catalog = catalog;
    this.peers = peers.stream().sorted().distinct().toList();
    this.options = options;
  }

  /** For a site with its peers. */
  public Retention(Catalog catalog, OpsOptions options) {
    this(catalog, options.peers(), options.retention());
  }

  /** How the configured peers stand, in the order of their names. */
  public List<PeerStanding> standings(Instant now) {
    return standings(least(), now);
  }

  /** Says what may go, and deletes nothing. */
  public RetentionPlan plan(Instant now) {
    Optional<Ulid> least = least();
    List<PeerStanding> standings = standings(least, now);
    if (options.retention().isEmpty()) {
      return skipped("retention is off", null, standings);
    }
    for (PeerStanding peer : standings) {
      if (peer.position().isEmpty()) {
        String reason = "empty cursor for peer " + peer.host() + " blocks deletion";
        return skipped(reason, peer.host(), standings);
      }
    }
    Ulid age = Ulid.least(now.minus(options.retention().get()));
    Optional<PeerStanding> slowest =
        standings.stream().min(Comparator.comparing(peer -> peer.position().orElseThrow()));
    Optional<Ulid> floor = slowest.flatMap(PeerStanding::position).map(this::belowMargin);
    boolean isPinned = floor.isPresent() && floor.get().compareTo(age) < 0;
    Ulid cutoff = isPinned ? floor.get() : age;
    String pinnedBy = isPinned ? slowest.orElseThrow().host() : null;
    if (least.isEmpty()) {
      return skipped("ops table empty", pinnedBy, standings);
    }
    if (least.get().compareTo(cutoff) >= 0) {
      String reason =
          "no rows older than cutoff (min=%s, cutoff=%s)".formatted(least.get(), cutoff);
      return skipped(reason, pinnedBy, standings);
    }
    Rows.Row below = below(cutoff);
    return new RetentionPlan(
        Optional.of(cutoff),
        Optional.empty(),
        Optional.ofNullable(pinnedBy),
        below.number("rows"),
        below.number("bytes"),
        standings);
  }

  private static RetentionPlan skipped(
      String reason, @Nullable String pinnedBy, List<PeerStanding> standings) {
    return new RetentionPlan(
        Optional.empty(), Optional.of(reason), Optional.ofNullable(pinnedBy), 0, 0, standings);
  }

  private Ulid belowMargin(Ulid position) {
    return options.margin().isZero()
        ? position
        : Ulid.least(position.time().minus(options.margin()));
  }

  private Optional<Ulid> least() {
    return catalog
        .execute(Statement.of("select min(position) as least from ops"))
        .first()
        .map(row -> row.textOrNull("least"))
        .flatMap(Ulid::parse);
  }

  private Rows.Row below(Ulid cutoff) {
    return catalog
        .execute(
            Statement.of(
                    """
                    select count(*) as rows, coalesce(sum(pg_column_size(o.*)), 0)::bigint as bytes
                    from ops o where position < :cutoff
                    """)
                .text("cutoff", cutoff.text()))
        .first()
        .orElseThrow();
  }

  /** Rows of hosts that are not configured, and texts that are no ulid, do not count. */
  private List<PeerStanding> standings(Optional<Ulid> least, Instant now) {
    Map<String, Ulid> asked = new HashMap<>();
    Map<String, Instant> seen = new HashMap<>();
    for (Rows.Row row :
        catalog.execute(
            Statement.of(
                """
                select host, after, to_char(seen_at at time zone 'utc',
                  'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as seen_at
                from peer_positions
                """))) {
      Ulid.parse(row.text("after")).ifPresent(after -> asked.put(row.text("host"), after));
      seen.put(row.text("host"), Instant.parse(row.text("seen_at")));
    }
    Map<String, Ulid> read = new HashMap<>();
    for (Rows.Row row : catalog.execute(Statement.of("select host, last_ulid from cursors"))) {
      Ulid.parse(row.text("last_ulid")).ifPresent(last -> read.put(row.text("host"), last));
    }
    List<PeerStanding> standings = new ArrayList<>();
    for (String host : peers) {
      Optional<Ulid> position =
          Optional.ofNullable(asked.get(host))
              .flatMap(
                  after -> Stream.of(after, read.getOrDefault(host, after)).min(Ulid::compareTo));
      Optional<Instant> seenAt = Optional.ofNullable(seen.get(host));
      standings.add(new PeerStanding(host, position, seenAt, state(position, seenAt, least, now)));
    }
    return standings;
  }

  private PeerStanding.State state(
      Optional<Ulid> position, Optional<Instant> seenAt, Optional<Ulid> least, Instant now) {
    if (position.isEmpty() || seenAt.isEmpty() || seenAt.get().isBefore(now.minus(LOST_AFTER))) {
      return PeerStanding.State.LOST;
    }
    if (least.isPresent() && position.get().next().compareTo(least.get()) < 0) {
      return PeerStanding.State.GAP;
    }
    boolean isBehindAge =
        options.retention().isPresent()
            && position.get().compareTo(Ulid.least(now.minus(options.retention().get()))) < 0;
    return isBehindAge ? PeerStanding.State.EXTENDED : PeerStanding.State.STREAMING;
  }

  /**
   * Deletes what a plan names, at most ten batches of it, and as many of tombstones. These outlive
   * their ops by the retention once more: who comes with a gap learns from them, in a snapshot,
   * what the log no longer says.
   *
   * @param mayGoOn asked before each batch
   * @return how many ops are gone
   */
  public long run(RetentionPlan plan, BooleanSupplier mayGoOn) {
    if (options.retention().isEmpty()) {
      return 0;
    }
    long deleted =
        plan.cutoff().map(cutoff -> batches(() -> deleteBatch(cutoff), mayGoOn)).orElse(0L);
    plan.cutoff()
        .map(cutoff -> cutoff.time().minus(options.retention().get()))
        .filter(Instant.EPOCH::isBefore)
        .map(Ulid::least)
        .ifPresent(cutoff -> batches(() -> deleteTombstones(cutoff), mayGoOn));
    if (deleted == 0) {
      OpsCounter.RETENTION_SWEEPS_SKIPPED.add(catalog, 1);
    }
    return deleted;
  }

  private long batches(LongSupplier delete, BooleanSupplier mayGoOn) {
    long deleted = 0;
    for (int i = 0; i < BATCHES && mayGoOn.getAsBoolean(); i++) {
      long batch = delete.getAsLong();
      deleted += batch;
      if (batch < options.batch()) {
        break;
      }
    }
    return deleted;
  }

  private long deleteTombstones(Ulid cutoff) {
    return catalog
        .execute(
            Statement.of(
                    """
                    with doomed as materialized (
                      select "table", key from tombstones where op_ulid < :cutoff
                      order by op_ulid limit :batch
                    )
                    delete from tombstones t using doomed d
                    where t."table" = d."table" and t.key = d.key and t.op_ulid < :cutoff
                    """)
                .text("cutoff", cutoff.text())
                .number("batch", options.batch()))
        .updated();
  }

  /** Deletes and counts in one transaction, so that the counter is never less than the truth. */
  private long deleteBatch(Ulid cutoff) {
    return catalog.transaction(transaction -> {
      long deleted =
          transaction
              .execute(
                  Statement.of(
                          """
                          with doomed as materialized (
                            select position from ops where position < :cutoff
                            order by position limit :batch
                          ), noted as (
                            insert into ops_deleted as present (position)
                            select max(position) from doomed having count(*) > 0
                            on conflict (only_one) do update set position = excluded.position
                            where present.position < excluded.position
                          )
                          delete from ops using doomed where ops.position = doomed.position
                          """)
                      .text("cutoff", cutoff.text())
                      .number("batch", options.batch()))
              .updated();
      if (deleted > 0) {
        OpsCounter.RETENTION_OPS_DELETED.add(transaction, deleted);
      }
      return deleted;
    });
  }
}
