package dev.sheaf.ops;

import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.storage.catalog.Catalog;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Follows the log of a peer: asks for what lies behind the cursor, applies it, and moves the cursor
 * in the same transaction, until nothing is left or time is up.
 *
 * <p>A peer is believed little: a page has an end, a position that no site can have reached moves
 * no cursor, and where the log begins after a gap is for the peer to say only once we have begun.
 */
public final class SweepClient {
  private static final Logger log = LoggerFactory.getLogger(SweepClient.class);

  private static final int FULL_PAGE = 10_000;

  /** Four times what our own server sends at most; mediorum's are indented. */
  private static final long MOST_BYTES = 64L << 20;

  private static final int MOST_OPS = 100_000;
  private static final String GIVEN_UP = "blobs";

  private final Catalog catalog;
  private final Applier applier;
  private final SnapshotClient snapshots;
  private final InstantSource clock;

  /**
   * @param tables those that travel, in the order in which a snapshot is taken of them
   */
  public SweepClient(
      Catalog catalog, Applier applier, List<RegisteredTable> tables, InstantSource clock) {
    this.catalog = catalog;
    this.applier = applier;
    this.snapshots = new SnapshotClient(applier, tables, clock);
    this.clock = clock;
  }

  /**
   * What a tick brought.
   *
   * @param pages pages read, those of snapshots included
   * @param applied ops and records that were new
   * @param failed ops that are kept to be tried again
   * @param isCaughtUp whether nothing was left when it ended
   * @param metGap whether the peer no longer had what lay behind the cursor
   */
  public record Tick(int pages, int applied, int failed, boolean isCaughtUp, boolean metGap) {
    /** Before anything was read. */
    public static final Tick BEGIN = new Tick(0, 0, 0, false, false);

    Tick and(SnapshotClient.Taken taken) {
      return new Tick(
          pages + taken.pages(),
          applied + taken.applied(),
          failed + taken.failed(),
          isCaughtUp,
          metGap);
    }

    Tick caughtUp() {
      return new Tick(pages, applied, failed, true, metGap);
    }

    Tick behind() {
      return new Tick(pages, applied, failed, false, metGap);
    }

    private Tick and(Page page, Applier.Outcome outcome, boolean isLast) {
      return new Tick(
          pages + 1,
          applied + outcome.applied(),
          failed + outcome.failed(),
          isLast,
          metGap || page.metGap());
    }
  }

  /**
   * Reads a peer: first the records that it has, where its log alone does not tell them, then its
   * log.
   *
   * @param hasTime whether another page may be begun
   * @throws IOException when the peer does not answer
   * @throws SheafException of kind UNAVAILABLE when it answers with an error, INVALID when it
   *     answers nonsense; what was read before is kept
   */
  public Tick tick(SweepPeer peer, BooleanSupplier hasTime) throws IOException {
    Tick tick = Tick.BEGIN;
    Cursors.Progress progress = Cursors.of(catalog, peer.host());
    // Nobody knows at first contact what a log no longer has.
    boolean isFirstContact = progress.cursor().isEmpty();
    Optional<PeerSnapshots.Progress> wanted =
        progress
            .snapshot()
            .or(() ->
                isFirstContact ? Optional.of(PeerSnapshots.Progress.WANTED) : Optional.empty());
    if (wanted.isPresent()) {
      SnapshotClient.Taken taken =
          take(peer, wanted.get(), progress.snapshot().isPresent(), hasTime);
      tick = tick.and(taken);
      if (taken.state() == SnapshotClient.State.EMPTY) {
        return tick.caughtUp();
      }
      if (taken.state() == SnapshotClient.State.UNDER_WAY) {
        return tick;
      }
      progress = Cursors.of(catalog, peer.host());
    }
    return follow(peer, progress.cursor(), tick, hasTime);
  }

  private SnapshotClient.Taken take(
      SweepPeer peer, PeerSnapshots.Progress wanted, boolean isNoted, BooleanSupplier hasTime)
      throws IOException {
    SnapshotClient.Taken taken = snapshots.take(peer, wanted, hasTime);
    boolean isNone =
        taken.state() == SnapshotClient.State.NOT_GIVEN
            || taken.state() == SnapshotClient.State.EMPTY;
    if (isNoted && isNone) {
      PeerSnapshots.remove(catalog, peer.host());
    }
    return taken;
  }

  /**
   * Reads the log to its end, each page while the one before it is applied; what a gap in it has
   * skipped is taken from a snapshot at once.
   */
  private Tick follow(SweepPeer peer, Optional<Ulid> from, Tick before, BooleanSupplier hasTime)
      throws IOException {
    Tick tick = before;
    Optional<Ulid> cursor = from;
    boolean goesOn = tick.pages() == 0 || hasTime.getAsBoolean();
    try (PeerPage.Ahead ahead = new PeerPage.Ahead(peer)) {
      while (goesOn) {
        Page page = judged(peer, cursor, ahead.take(cursor));
        // A page that moves nothing would come again for ever.
        boolean more = page.isFull() && !page.cursor().equals(cursor);
        goesOn = more && !page.metGap() && hasTime.getAsBoolean();
        if (goesOn) {
          ahead.begin(page.cursor());
        }
        tick = tick.and(page, apply(peer, page), !more);
        cursor = page.cursor();
        if (page.metGap()) {
          SnapshotClient.Taken taken = take(peer, PeerSnapshots.Progress.WANTED, true, hasTime);
          tick = tick.and(taken);
          if (taken.state() == SnapshotClient.State.UNDER_WAY) {
            return tick.behind();
          }
          cursor = Cursors.of(catalog, peer.host()).cursor();
          goesOn = more && hasTime.getAsBoolean();
        }
      }
    }
    return tick;
  }

  /**
   * A page and what it moves.
   *
   * @param to where the cursor goes once it is applied; empty when it stays
   * @param cursor where it is then
   */
  private record Page(
      List<Op> ops, Optional<Ulid> to, Optional<Ulid> cursor, boolean isFull, boolean metGap) {}

  private Page judged(SweepPeer peer, Optional<Ulid> from, PeerPage page) throws IOException {
    Optional<Ulid> beyondGap = stepOverGap(peer, from, page);
    Optional<Ulid> cursor = beyondGap.or(() -> from);
    List<Op> ops = page.ops();
    Optional<Ulid> to = end(ops, page, cursor);
    boolean isFull =
        ops.size() >= FULL_PAGE || page.header(SweepPage.LIMITED).equals(Optional.of("true"));
    return new Page(known(page, ops), to, to.or(() -> cursor), isFull, beyondGap.isPresent());
  }

  /**
   * The original's servers have ops of a table that it has given up, as many as it has files; it
   * passes over them itself.
   */
  private static List<Op> known(PeerPage page, List<Op> ops) {
    return page.header(SweepPage.LAST_SCANNED).isPresent()
        ? ops
        : ops.stream().filter(op -> !op.table().equals(GIVEN_UP)).toList();
  }

  private Applier.Outcome apply(SweepPeer peer, Page page) {
    if (page.ops().isEmpty() && page.to().isEmpty()) {
      return new Applier.Outcome(0, 0, 0);
    }
    return applier.apply(
        peer.host(),
        page.ops(),
        transaction ->
            page.to()
                .ifPresent(position ->
                    Cursors.advance(transaction, peer.host(), position, clock.instant())));
  }

  /**
   * Moves the cursor to right before what the peer still has, before anything of the page is
   * applied: a crash in between loses no op that is still there.
   *
   * @return the new cursor, if there was a gap
   */
  private Optional<Ulid> stepOverGap(SweepPeer peer, Optional<Ulid> cursor, PeerPage page) {
    Optional<Ulid> least =
        page.header(SweepPage.GAP)
            .filter("true"::equals)
            .flatMap(_ -> page.header(SweepPage.AVAILABLE_MIN))
            .flatMap(Ulid::parse)
            .filter(ulid -> ulid.isCredible(clock.instant()));
    if (cursor.isEmpty() || least.isEmpty() || least.get().compareTo(cursor.get().next()) <= 0) {
      return Optional.empty();
    }
    Ulid to = least.get().previous();
    log.warn(
        "{} no longer has its ops between {} and {}: a snapshot makes good what they wrote, if it"
            + " gives any",
        peer.host(),
        cursor.get(),
        least.get());
    catalog.transaction(transaction -> {
      Cursors.advance(transaction, peer.host(), to, clock.instant());
      PeerSnapshots.want(transaction, peer.host());
      OpsCounter.SWEEP_GAP_ADVANCES.add(transaction, 1);
      return to;
    });
    return Optional.of(to);
  }

  static List<Op> read(SweepPeer peer, InputStream body) throws IOException {
    List<Op> ops = new ArrayList<>();
    OpJson.readPage(
        new Bounded(body),
        op -> {
          if (ops.size() == MOST_OPS) {
            throw invalid(peer.host() + " gave a page of more than " + MOST_OPS + " ops");
          }
          ops.add(op);
        },
        strange -> {
          throw invalid(peer.host() + " gave a page with what is no op: " + strange.getMessage());
        });
    return ops;
  }

  /** Where the page ends, if that is behind the cursor and can be true. */
  private Optional<Ulid> end(List<Op> ops, PeerPage page, Optional<Ulid> cursor) {
    Optional<Ulid> lastOp = ops.isEmpty() ? Optional.empty() : Optional.of(ops.getLast().ulid());
    return page.header(SweepPage.LAST_SCANNED)
        .flatMap(Ulid::parse)
        .filter(ulid -> isAhead(ulid, cursor))
        .or(() -> lastOp.filter(ulid -> isAhead(ulid, cursor)));
  }

  private boolean isAhead(Ulid ulid, Optional<Ulid> cursor) {
    return ulid.isCredible(clock.instant())
        && (cursor.isEmpty() || ulid.compareTo(cursor.get()) > 0);
  }

  private static SheafException invalid(String message) {
    return new SheafException(ErrorKind.INVALID, message);
  }

  /** A body with an end, whatever the peer sends. */
  private static final class Bounded extends FilterInputStream {
    private long left = MOST_BYTES;

    Bounded(InputStream in) {
      super(in);
    }

    @Override
    public int read() throws IOException {
      return count(super.read(), 1);
    }

    @Override
    public int read(byte[] buffer, int offset, int length) throws IOException {
      int n = super.read(buffer, offset, length);
      return count(n, n);
    }

    private int count(int result, int bytes) {
      if (result >= 0) {
        left -= bytes;
      }
      if (left < 0) {
        throw invalid("a page of more than " + MOST_BYTES + " bytes");
      }
      return result;
    }
  }
}
