package dev.sheaf.ops;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.SheafException;
import java.io.IOException;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Takes the records of a peer: at first contact, and where its log no longer reaches back to the
 * cursor. Each page is written together with how far the snapshot has come, so that the next tick
 * goes on where time was up; the last one moves the cursor to the position that the first one
 * named.
 *
 * <p>Within a table keys only grow: a peer can go on for ever with records that it makes up, but
 * not with the same ones.
 */
final class SnapshotClient {
  private static final int OK = 200;
  private static final int NOT_FOUND = 404;
  private static final int METHOD_NOT_ALLOWED = 405;

  private final Applier applier;
  private final List<RegisteredTable> tables;
  private final InstantSource clock;

  SnapshotClient(Applier applier, List<RegisteredTable> tables, InstantSource clock) {
    this.applier = applier;
    this.tables = List.copyOf(tables);
    this.clock = clock;
  }

  /**
   * What was taken.
   *
   * @param pages answers of the peer
   * @param applied records that were written, or were there as new already
   * @param failed records that are kept to be tried again
   */
  record Taken(int pages, int applied, int failed, State state) {
    private Taken and(Page page) {
      return new Taken(
          pages + 1,
          applied + page.outcome().applied(),
          failed + page.outcome().failed(),
          page.next() == null ? State.WHOLE : State.UNDER_WAY);
    }
  }

  /** How a snapshot stands. */
  enum State {
    /** There is more to take. */
    UNDER_WAY,
    /** All is taken, and the cursor is behind it. */
    WHOLE,
    /** The peer has no such route: its log is all there is. */
    NOT_GIVEN,
    /** Nothing was ever written to the peer's log. */
    EMPTY
  }

  /**
   * Goes on with a snapshot until it is whole or time is up.
   *
   * @throws SheafException of kind UNAVAILABLE or INVALID as {@link SweepClient#tick}
   */
  Taken take(SweepPeer peer, PeerSnapshots.Progress from, BooleanSupplier hasTime)
      throws IOException {
    if (tables.isEmpty()) {
      return new Taken(0, 0, 0, State.NOT_GIVEN);
    }
    Taken taken = new Taken(0, 0, 0, State.UNDER_WAY);
    PeerSnapshots.Progress progress = from;
    while (progress != null && (taken.pages() == 0 || hasTime.getAsBoolean())) {
      Page page = page(peer, progress);
      if (page.state() != State.UNDER_WAY) {
        return new Taken(0, 0, 0, page.state());
      }
      taken = taken.and(page);
      progress = page.next();
    }
    return taken;
  }

  /**
   * A page that was written, and how the snapshot goes on; null when that was all.
   *
   * @param state under way, or why there is none
   */
  private record Page(Applier.Outcome outcome, PeerSnapshots.@Nullable Progress next, State state) {
    static Page none(State state) {
      return new Page(new Applier.Outcome(0, 0, 0), null, state);
    }
  }

  private Page page(SweepPeer peer, PeerSnapshots.Progress progress) throws IOException {
    RegisteredTable table = table(progress.table());
    try (SweepPeer.Answer answer = peer.snapshot(table.name(), progress.after())) {
      boolean isFirst = progress.position() == null;
      if (isFirst && (answer.status() == NOT_FOUND || answer.status() == METHOD_NOT_ALLOWED)) {
        return Page.none(State.NOT_GIVEN);
      }
      if (answer.status() != OK) {
        throw new SheafException(
            ErrorKind.UNAVAILABLE,
            "%s answered for a snapshot of %s with HTTP %d; it goes on from there the next time"
                .formatted(peer.host(), table.name(), answer.status()));
      }
      List<Op> records = records(peer, table, progress.after(), answer);
      Optional<String> next = answer.header().value(SnapshotPage.NEXT).filter(t -> !t.isEmpty());
      next.ifPresent(to -> requireProgress(peer, table, records, progress.after(), to));
      Ulid position = isFirst ? position(peer, answer) : progress.position();
      return position == null
          ? Page.none(State.EMPTY)
          : write(peer, records, following(table, position, next), position);
    }
  }

  private Page write(
      SweepPeer peer, List<Op> records, PeerSnapshots.@Nullable Progress next, Ulid position) {
    Applier.Outcome outcome =
        applier.applySnapshot(
            peer.host(),
            records,
            transaction -> {
              if (next != null) {
                PeerSnapshots.write(transaction, peer.host(), next);
              } else {
                PeerSnapshots.remove(transaction, peer.host());
                Cursors.advance(transaction, peer.host(), position, clock.instant());
              }
            });
    return new Page(outcome, next, State.UNDER_WAY);
  }

  private RegisteredTable table(@Nullable String name) {
    return tables.stream()
        .filter(table -> table.name().equals(name))
        .findAny()
        .orElseGet(tables::getFirst);
  }

  /** The rest of this table, or the next one; null behind the last. */
  private PeerSnapshots.@Nullable Progress following(
      RegisteredTable table, Ulid position, Optional<String> next) {
    if (next.isPresent()) {
      return new PeerSnapshots.Progress(position, table.name(), next.get());
    }
    int index = tables.indexOf(table) + 1;
    return index == tables.size()
        ? null
        : new PeerSnapshots.Progress(position, tables.get(index).name(), "");
  }

  /** Null when the peer's log has nothing: there is nothing to take, and nowhere to go on. */
  private @Nullable Ulid position(SweepPeer peer, SweepPeer.Answer answer) {
    Optional<String> named = answer.header().value(SnapshotPage.POSITION);
    if (named.isEmpty()) {
      return null;
    }
    return named
        .flatMap(Ulid::parse)
        .filter(ulid -> ulid.isCredible(clock.instant()))
        .orElseThrow(() ->
            invalid(
                "%s gave a snapshot as of '%s', which cannot be"
                    .formatted(peer.host(), named.get())));
  }

  private List<Op> records(
      SweepPeer peer, RegisteredTable table, String after, SweepPeer.Answer answer)
      throws IOException {
    List<Op> records = SweepClient.read(peer, answer.body());
    SnapshotKey place = SnapshotKey.parse(after, table);
    List<String> last = place.isTombstone() ? List.of() : place.values();
    for (Op op : records) {
      if (!op.table().equals(table.name()) || op.data().size() != 1) {
        throw invalid(
            "%s gave something else than one record of %s at a time in a snapshot of it"
                .formatted(peer.host(), table.name()));
      }
      if (!op.action().equals(Action.DELETE.text())) {
        List<String> key = key(table, op.data().get(0));
        if (!last.isEmpty() && compare(last, key) >= 0) {
          throw invalid(
              "%s gave a snapshot of %s that does not go on: %s came behind %s"
                  .formatted(peer.host(), table.name(), key, last));
        }
        last = key;
      }
    }
    return records;
  }

  private static List<String> key(RegisteredTable table, JsonNode record) {
    List<String> key = new ArrayList<>();
    table.key().forEach(column -> key.add(record.path(column).asText()));
    return key;
  }

  /** Keys are texts, in the order of their bytes. */
  private static int compare(List<String> a, List<String> b) {
    for (int i = 0; i < a.size(); i++) {
      int order = compare(a.get(i), b.get(i));
      if (order != 0) {
        return order;
      }
    }
    return 0;
  }

  private static int compare(String a, String b) {
    return Arrays.compareUnsigned(a.getBytes(UTF_8), b.getBytes(UTF_8));
  }

  /** Pages that do not lead on would come for ever. */
  private static void requireProgress(
      SweepPeer peer, RegisteredTable table, List<Op> records, String after, String next) {
    SnapshotKey from = SnapshotKey.parse(after, table);
    SnapshotKey to = SnapshotKey.parse(next, table);
    boolean leadsOn =
        to.isTombstone()
            ? !from.isTombstone() || (!records.isEmpty() && compare(next, after) > 0)
            : !from.isTombstone()
                && !records.isEmpty()
                && to.values().equals(key(table, records.getLast().data().get(0)));
    if (!leadsOn) {
      throw invalid(
          "%s gave a page of a snapshot of %s that leads from '%s' to '%s'"
              .formatted(peer.host(), table.name(), after, next));
    }
  }

  private static SheafException invalid(String message) {
    return new SheafException(ErrorKind.INVALID, message);
  }
}
