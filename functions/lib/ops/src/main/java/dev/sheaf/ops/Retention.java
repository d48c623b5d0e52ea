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

  /** Says where deleting ends, by three statements that read a few rows each. */
  public RetentionFloor floor(Instant now) {
    Optional<Ulid> least = least();
    List<PeerStanding> standings = standings(least, now);
    if (options.retention().isEmpty()) {
      return skipped("retention is off", null, null, standings);
    }
    Ulid age = Ulid.least(now.minus(options.retention().get()));
    for (PeerStanding peer : standings) {
      if (peer.position().isEmpty()) {
        String reason = "empty cursor for peer " + peer.host() + " blocks deletion";
        return skipped(reason, peer, new RetentionFloor.Range(Ulid.LEAST, age), standings);
      }
    }
    Optional<PeerStanding> slowest = slowest(standings);
    Ulid floor = slowest.flatMap(PeerStanding::position).map(this::belowMargin).orElse(age);
    boolean isPinned = floor.compareTo(age) < 0;
    Ulid cutoff = isPinned ? floor : age;
    PeerStanding pin = isPinned ? slowest.orElseThrow() : null;
    RetentionFloor.Range held = isPinned ? new RetentionFloor.Range(floor, age) : null;
    if (least.isEmpty()) {
      return skipped("ops table empty", pin, held, standings);
    }
    if (least.get().compareTo(cutoff) >= 0) {
      String reason =
          "no rows older than cutoff (min=%s, cutoff=%s)".formatted(least.get(), cutoff);
      return skipped(reason, pin, held, standings);
    }
    return new RetentionFloor(
        Optional.of(cutoff),
        Optional.empty(),
        Optional.ofNullable(pin),
        Optional.ofNullable(held),
        standings);
  }

  private static RetentionFloor skipped(
      String reason,
      @Nullable PeerStanding pin,
      RetentionFloor.@Nullable Range held,
      List<PeerStanding> standings) {
    return new RetentionFloor(
        Optional.empty(),
        Optional.of(reason),
        Optional.ofNullable(pin),
        Optional.ofNullable(held),
        standings);
  }

  /** Says what may go and what is kept for the sake of peers, and deletes nothing. */
  public RetentionPlan plan(Instant now) {
    RetentionFloor floor = floor(now);
    OpsAmount deletable =
        floor
            .cutoff()
            .map(cutoff -> OpsAmount.between(catalog, Ulid.LEAST, cutoff))
            .orElse(OpsAmount.NONE);
    return new RetentionPlan(floor, deletable, held(floor));
  }

  /** What is old enough to go, and stays for the sake of a peer. */
  public OpsAmount held(RetentionFloor floor) {
    return floor
        .held()
        .map(range -> OpsAmount.between(catalog, range.from(), range.to()))
        .orElse(OpsAmount.NONE);
  }

  /**
   * The position below which every configured peer has read that has ever read the log; those that
   * have not begin with a snapshot.
   */
  Optional<Ulid> unread(Instant now) {
    return slowest(standings(now)).flatMap(PeerStanding::position).map(this::belowMargin);
  }

  private static Optional<PeerStanding> slowest(List<PeerStanding> standings) {
    return standings.stream()
        .filter(peer -> peer.position().isPresent())
        .min(Comparator.comparing(peer -> peer.position().orElseThrow()));
  }

  private Ulid belowMargin(Ulid position) {
    if (options.margin().isZero()) {
      return position;
    }
    Instant time = position.time().minus(options.margin());
    return time.isBefore(Instant.EPOCH) ? Ulid.LEAST : Ulid.least(time);
  }

  private Optional<Ulid> least() {
    return catalog
        .execute(Statement.of("select min(position) as least from ops"))
        .first()
        .map(row -> row.textOrNull("least"))
        .flatMap(Ulid::parse);
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
    if (seenAt.isEmpty() || seenAt.get().isBefore(now.minus(LOST_AFTER))) {
      return PeerStanding.State.LOST;
    }
    if (position.isEmpty()) {
      // It begins with a snapshot, and asks for nothing else while there is no log.
      return least.isEmpty() ? PeerStanding.State.STREAMING : PeerStanding.State.EXTENDED;
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
   * Deletes what lies below a floor, at most ten batches of it, and as many of tombstones. These
   * outlive their ops by the retention once more: who comes with a gap learns from them, in a
   * snapshot, what the log no longer says.
   *
   * @param mayGoOn asked before each batch
   * @return how many ops are gone
   */
  public long run(RetentionFloor floor, BooleanSupplier mayGoOn) {
    if (options.retention().isEmpty()) {
      return 0;
    }
    long deleted =
        floor.cutoff().map(cutoff -> batches(() -> deleteBatch(cutoff), mayGoOn)).orElse(0L);
    floor
        .cutoff()
        .map(cutoff -> cutoff.time().minus(options.retention().get()))
        .filter(Instant.EPOCH::isBefore)
        .map(Ulid::least)
        .ifPresent(cutoff -> batches(() -> deleteTombstones(cutoff), mayGoOn));
    if (deleted == 0 && mayGoOn.getAsBoolean()) {
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
