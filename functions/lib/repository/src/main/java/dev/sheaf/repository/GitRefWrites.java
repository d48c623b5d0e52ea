package dev.sheaf.repository;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sheaf.bundle.RefName;
import dev.sheaf.ops.Action;
import dev.sheaf.repository.column.PgArray;
import dev.sheaf.storage.catalog.Batches;
import dev.sheaf.storage.catalog.Catalog;
import dev.sheaf.storage.catalog.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Changes of one repository's refs, and what peers are told of them. Whoever writes holds the
 * repository's lock.
 */
public final class GitRefWrites {
  /** A null among the suffixes of ops. */
  private static final long NO_SUFFIX_BYTES = 8;

  private final Catalog catalog;
  private final String repoId;

  public GitRefWrites(Catalog catalog, String repoId) {
    this.catalog = catalog;
    this.repoId = repoId;
  }

  /**
   * What becomes of a ref.
   *
   * @param ref what it is from now on; null when it is deleted
   */
  public record Change(RefName name, @Nullable GitRef ref) {
    public static Change of(GitRef ref) {
      return new Change(ref.name(), ref);
    }

    private @Nullable String target() {
      return ref == null ? null : ref.target().name();
    }

    private @Nullable String peeled() {
      return ref == null || ref.peeled() == null ? null : ref.peeled().name();
    }

    private @Nullable String job() {
      return ref == null ? null : ref.unprovenBy();
    }

    /** Whether peers are told of it: not of what is still to be proven. */
    private boolean isTold() {
      return job() == null;
    }

    private long encodedBytes(GitTelling telling) {
      return 2L * name.hex().length()
          + PgArray.encodedBytes(target())
          + PgArray.encodedBytes(peeled())
          + PgArray.encodedBytes(job())
          + (telling.isOn()
              ? GitTelling.encodedBytes(telling.record(name.hex(), ref))
              : NO_SUFFIX_BYTES);
    }
  }

  /** Writes changes, in one statement for each 10,000 or so, and tells of what is proven. */
  public void write(List<Change> changes, GitTelling telling) {
    for (List<Change> batch : Batches.of(changes, change -> change.encodedBytes(telling))) {
      GitTelling.Told told = telling.told();
      List<@Nullable String> suffixes = suffixes(batch, told, telling);
      catalog.execute(
          told.bind(
              Statement.of(writing(told.prefix(), told.records()))
                  .text("repo", repoId)
                  .text("names", PgArray.texts(batch, change -> change.name().hex()))
                  .text("targets", PgArray.texts(batch, Change::target))
                  .text("peeled", PgArray.texts(batch, Change::peeled))
                  .text("jobs", PgArray.texts(batch, Change::job))
                  .text("suffixes", PgArray.nullableTexts(suffixes))
                  .number("epoch", telling.epoch().value())
                  .text("now", telling.now().toString())));
    }
  }

  // Each name is looked up by itself ("offset 0" keeps Postgres from joining otherwise): statistics
  // that do not know the repository yet say that it has one ref, and then a join compares each of
  // its refs with each change. What is found is named by its place, which a lock on it keeps.
  private static String writing(String prefix, String tellings) {
    return """
    with changed as (
      select decode(hex, 'hex') as name, hex, target, peeled, job_id, %s || suffix as ulid
      from unnest(:names::text[], :targets::text[], :peeled::text[], :jobs::text[],
          :suffixes::text[])
        as c (hex, target, peeled, job_id, suffix)
    ), superseded as (
      update git_ref_moves m set superseded = true
      from changed c
        cross join lateral (
          select job_id from git_refs where repo_id = :repo and name = c.name offset 0) r
        cross join lateral (
          select ctid as place from git_ref_moves
          where job_id = r.job_id and name = c.name offset 0) found
      where c.job_id is null and m.ctid = found.place
    ), gone as (
      delete from git_refs g using changed c
        cross join lateral (
          select ctid as place from git_refs
          where repo_id = :repo and name = c.name offset 0) found
      where c.target is null and g.ctid = found.place
    ), entombed as (
      insert into tombstones ("table", key, epoch, op_ulid)
      select 'git_refs', jsonb_build_array(:repo::text, hex)::text, :epoch, ulid
      from changed where target is null and ulid is not null
      on conflict ("table", key) do update
        set epoch = excluded.epoch, op_ulid = excluded.op_ulid
    )%s
    insert into git_refs (repo_id, name, target, peeled, shown_target, shown_peeled, job_id,
      epoch, op_ulid, updated_at)
    select :repo, name, target, peeled, target, peeled, job_id,
      case when changed.job_id is null then :epoch else 0 end, ulid, :now::timestamptz
    from changed where target is not null
    on conflict (repo_id, name) do update
      set target = excluded.target, peeled = excluded.peeled,
          shown_target = excluded.shown_target, shown_peeled = excluded.shown_peeled,
          symref = null, job_id = excluded.job_id, updated_at = excluded.updated_at,
          epoch = greatest(git_refs.epoch, excluded.epoch),
          op_ulid = coalesce(excluded.op_ulid, git_refs.op_ulid)
    """
        .formatted(prefix, tellings);
  }

  /** The rest of the ulid of each change's op; null for one that is not told. */
  private static List<@Nullable String> suffixes(
      List<Change> batch, GitTelling.Told told, GitTelling telling) {
    @Nullable String[] suffixes = new @Nullable String[batch.size()];
    for (Action action : List.of(Action.UPDATE, Action.DELETE)) {
      List<Integer> places = new ArrayList<>();
      List<ObjectNode> records = new ArrayList<>();
      for (int i = 0; i < batch.size(); i++) {
        Change change = batch.get(i);
        if (change.isTold() && (change.ref() == null) == (action == Action.DELETE)) {
          places.add(i);
          records.add(telling.record(change.name().hex(), change.ref()));
        }
      }
      List<String> given = told.add(action, Travelling.GIT_REFS.name(), records);
      for (int i = 0; i < given.size(); i++) {
        suffixes[places.get(i)] = given.get(i);
      }
    }
    return Arrays.asList(suffixes);
  }

  /**
   * Tells that refs were moved, as of an earlier home of the repository, and changes no row: what
   * is to become of them is for the present home to say.
   */
  public void tellOnly(List<Change> changes, GitTelling telling) {
    for (List<Change> batch : Batches.of(changes, change -> change.encodedBytes(telling))) {
      GitTelling.Told told = telling.told();
      suffixes(batch, told, telling);
      if (!told.records().isEmpty()) {
        catalog.execute(
            told.bind(Statement.of("with none as (select 1)" + told.records() + " select 1")));
      }
    }
  }
}
