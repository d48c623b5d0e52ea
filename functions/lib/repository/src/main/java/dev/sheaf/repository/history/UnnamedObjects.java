package dev.sheaf.repository.history;

import dev.sheaf.bundle.ContentId;
import dev.sheaf.bundle.ObjectKeys;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.repository.column.IdBlob;
import dev.sheaf.repository.column.PgArray;
import dev.sheaf.storage.Deadline;
import dev.sheaf.storage.ObjectStore;
import dev.sheaf.storage.catalog.Catalog;
import dev.sheaf.storage.catalog.Rows;
import dev.sheaf.storage.catalog.Statement;
import dev.sheaf.storage.parallel.ParallelCalls;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Deletes objects that no repository names any more, in two steps, as pushes run meanwhile that
 * rely on what is there.
 *
 * <ol>
 *   <li>Whoever takes a name away notes the object (table {@code dropped_names}). One that nobody
 *       else names is <em>marked</em> ({@code objects.marked_at}). A marked object counts as absent
 *       for every push: it is sent again, and the transaction that names it takes the mark away.
 *   <li>What has been marked for {@link #GRACE} and is named by nobody is deleted, under the locks
 *       of its rows.
 * </ol>
 *
 * <p>Why no push loses what it relies on: it looks its objects up ({@link ObjectRows#standing})
 * before it relies on any, and names them within half of the grace, or not at all. What was not
 * marked at the look-up is marked later than that, and stays for the whole grace; what was marked
 * gets a new mark by the look-up, which waits for the row where it is being deleted. Bytes that are
 * gone while their row is still there belong to a marked row, which nobody believes.
 *
 * <p>Costs one statement when there is nothing to do.
 */
public final class UnnamedObjects {
  /**
   * How long an object stays marked: longer than any job, and any clone with its presigned URLs.
   */
  public static final Duration GRACE = Duration.ofDays(2);

  /** Of each kind in one plan. */
  public static final int MOST_AT_A_TIME = 1_000;

  private static final int DELETES_IN_FLIGHT = 50;

  /** The Data API rolls a transaction back that is idle for three minutes: its locks are gone. */
  private static final Duration UNDER_LOCK = Duration.ofMinutes(1);

  private static final String PLAN =
      """
      with looked_at as (
        (select object_id, note from dropped_names order by note limit :limit)
        union all
        (select object_id, null from objects where marked_at < :before::timestamptz
         order by marked_at, object_id limit :limit)
      )
      select object_id, string_agg(note::text, ',' order by note) as notes, o.size_bytes,
        to_char(o.marked_at at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as marked,
        %s as named
      from looked_at l left join objects o using (object_id)
      group by object_id, o.size_bytes, o.marked_at order by object_id
      """
          .formatted(ObjectNames.isNamed("l.object_id"));

  private static final String SETTLE =
      """
      with locked as materialized (
        select o.object_id, %s as named
        from %s join objects o using (object_id) order by o.object_id for update of o
      ), marked as (
        update objects o set marked_at = :now::timestamptz
        from locked l where o.object_id = l.object_id and not l.named and o.marked_at is null
        returning 1
      ), kept as (
        update objects o set marked_at = null
        from locked l where o.object_id = l.object_id and l.named and o.marked_at is not null
      ), looked_at as (
        delete from dropped_names where note = any (:notes::bigint[])
      )
      select count(*) as marked from marked
      """
          .formatted(ObjectNames.isNamed("o.object_id"), IdBlob.ROWS);

  private static final String LOCK =
      """
      select o.object_id, o.etag, o.size_bytes from %s join objects o using (object_id)
      where o.marked_at < :before::timestamptz and not %s
      order by o.object_id for update of o skip locked
      """
          .formatted(IdBlob.ROWS, ObjectNames.isNamed("o.object_id"));

  private static final String FORGET =
      """
      with forgotten as (
        delete from lost where kind = 'object' and id in (select object_id from %1$s)
      )
      delete from objects where object_id in (select object_id from %1$s)
      """
          .formatted(IdBlob.ROWS);

  private static final String PUT_OFF =
      """
      update objects set marked_at = :now::timestamptz, etag = null
      where object_id in (select object_id from %s)
      """
          .formatted(IdBlob.ROWS);

  private final Catalog catalog;
  private final ObjectStore store;
  private final InstantSource clock;

  public UnnamedObjects(Catalog catalog, ObjectStore store, InstantSource clock) {
    this.catalog = catalog;
    this.store = store;
    this.clock = clock;
  }

  /** What there is to do about an object. */
  public enum Action {
    /** Somebody names it, or it is not there: nobody need look at it again. */
    KEEP,
    /** Mark it. */
    MARK,
    /** Delete it. */
    DELETE
  }

  /**
   * An object to look at.
   *
   * @param reason why that is to be done, for people
   * @param notes the notes by which it was found; empty for one that was found by its mark
   */
  public record Step(
      ContentId id, long sizeBytes, Action action, String reason, List<Long> notes) {}

  /**
   * What was done.
   *
   * @param looked how many objects were looked at
   */
  public record Done(long looked, long marked, long deleted, long bytes) {
    /** Nothing. */
    public static final Done NOTHING = new Done(0, 0, 0, 0);

    /** Both together. */
    public Done and(Done other) {
      return new Done(
          looked + other.looked,
          marked + other.marked,
          deleted + other.deleted,
          bytes + other.bytes);
    }
  }

  /** What there is to do now, some at most; changes nothing. One statement. */
  public List<Step> plan() {
    Instant due = clock.instant().minus(GRACE);
    List<Step> steps = new ArrayList<>();
    for (Rows.Row row :
        catalog.execute(
            Statement.of(PLAN).text("before", due.toString()).number("limit", MOST_AT_A_TIME))) {
      steps.add(step(row, due));
    }
    return steps;
  }

  private static Step step(Rows.Row row, Instant due) {
    ContentId id = ContentId.parse(row.text("object_id"));
    Long size = row.numberOrNull("size_bytes");
    List<Long> notes = notes(row.textOrNull("notes"));
    if (size == null) {
      return new Step(id, 0, Action.KEEP, "it is gone already", notes);
    }
    if (row.flag("named")) {
      return new Step(id, size, Action.KEEP, "a repository names it", notes);
    }
    String marked = row.textOrNull("marked");
    if (marked == null) {
      return new Step(
          id, size, Action.MARK, "no repository names it; it goes " + GRACE + " later", notes);
    }
    boolean isDue = notes.isEmpty() && Instant.parse(marked).isBefore(due);
    return new Step(
        id,
        size,
        isDue ? Action.DELETE : Action.MARK,
        "no repository names it; marked at " + marked,
        notes);
  }

  private static List<Long> notes(@Nullable String numbers) {
    List<Long> notes = new ArrayList<>();
    if (numbers != null) {
      for (String number : numbers.split(",", -1)) {
        notes.add(Long.parseLong(number));
      }
    }
    return List.copyOf(notes);
  }

  /**
   * Does what was planned, unless it is different by now: one statement to mark and to keep, and
   * for what goes one transaction of two statements, with one DELETE for each object in it, and a
   * HEAD before where no ETag was noted.
   *
   * @throws SheafException of kind UNAVAILABLE when the store did not answer; what was deleted by
   *     then stays marked, and is looked at again
   */
  public Done carryOut(List<Step> steps) {
    List<Step> settled = steps.stream().filter(step -> step.action() != Action.DELETE).toList();
    List<Step> deleted = steps.stream().filter(step -> step.action() == Action.DELETE).toList();
    Done done = settled.isEmpty() ? Done.NOTHING : settle(settled);
    return deleted.isEmpty() ? done : done.and(delete(deleted));
  }

  private Done settle(List<Step> steps) {
    List<Long> notes = steps.stream().flatMap(step -> step.notes().stream()).toList();
    Rows.Row row =
        catalog
            .execute(
                Statement.of(SETTLE)
                    .bytes("ids", ids(steps))
                    .text("notes", PgArray.numbers(notes, Long::longValue))
                    .text("now", clock.instant().toString()))
            .first()
            .orElseThrow();
    return new Done(steps.size(), row.number("marked"), 0, 0);
  }

  private static byte[] ids(List<Step> steps) {
    return IdBlob.of(steps.stream().map(Step::id).toList());
  }

  /** What somebody else has locked is left to the next time. */
  private Done delete(List<Step> steps) {
    return catalog.transaction(transaction -> {
      Map<ContentId, Rows.Row> locked = new LinkedHashMap<>();
      transaction
          .execute(
              Statement.of(LOCK)
                  .bytes("ids", ids(steps))
                  .text("before", clock.instant().minus(GRACE).toString()))
          .forEach(row -> locked.put(ContentId.parse(row.text("object_id")), row));
      List<ContentId> ids = List.copyOf(locked.keySet());
      List<ContentId> gone = new ArrayList<>();
      List<ContentId> changed = new ArrayList<>();
      List<Boolean> answers = deleteFromStore(locked);
      for (int i = 0; i < ids.size(); i++) {
        (answers.get(i) ? gone : changed).add(ids.get(i));
      }
      if (!gone.isEmpty()) {
        transaction.execute(Statement.of(FORGET).bytes("ids", IdBlob.of(gone)));
      }
      if (!changed.isEmpty()) {
        transaction.execute(
            Statement.of(PUT_OFF)
                .bytes("ids", IdBlob.of(changed))
                .text("now", clock.instant().toString()));
      }
      long bytes = gone.stream().mapToLong(id -> row(locked, id).number("size_bytes")).sum();
      return new Done(ids.size(), 0, gone.size(), bytes);
    });
  }

  private static Rows.Row row(Map<ContentId, Rows.Row> rows, ContentId id) {
    return Optional.ofNullable(rows.get(id)).orElseThrow();
  }

  /** Of each whether nothing is there now. None of these requests outlives the locks. */
  private List<Boolean> deleteFromStore(Map<ContentId, Rows.Row> locked) {
    Deadline deadline = new Deadline(clock.instant().plus(UNDER_LOCK), clock);
    try (ParallelCalls<Boolean> calls = new ParallelCalls<>(DELETES_IN_FLIGHT)) {
      locked.forEach((id, row) ->
          calls.submit(() -> deadline.call(() -> deleteFromStore(id, row.textOrNull("etag")))));
      return calls.results();
    }
  }

  private boolean deleteFromStore(ContentId id, @Nullable String etag) {
    String key = ObjectKeys.object(id);
    String seen = etag;
    if (seen == null) {
      Optional<ObjectStore.StoredObject> stored = store.head(key);
      if (stored.isEmpty()) {
        return true;
      }
      seen = stored.get().etag();
    }
    return store.deleteIf(key, seen);
  }
}
