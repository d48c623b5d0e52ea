package dev.sheaf.repository;

import dev.sheaf.bundle.RefName;
import dev.sheaf.repository.column.PgArray;
import dev.sheaf.storage.catalog.Batches;
import dev.sheaf.storage.catalog.Catalog;
import dev.sheaf.storage.catalog.PagedRead;
import dev.sheaf.storage.catalog.Rows;
import dev.sheaf.storage.catalog.Statement;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HexFormat;
import java.util.List;
import org.eclipse.jgit.lib.ObjectId;
import org.jspecify.annotations.Nullable;

/**
 * The table {@code git_ref_moves}: refs that were moved before anybody had read the bundle, and
 * where they were before. The bundle's job proves them, or they go back.
 */
public final class GitRefMoves {
  private static final int MOVES_A_PAGE = 2_000;
  private static final byte[] HEAD = GitState.HEAD.getBytes(StandardCharsets.US_ASCII);

  private final Catalog catalog;
  private final String jobId;

  public GitRefMoves(Catalog catalog, String jobId) {
    this.catalog = catalog;
    this.jobId = jobId;
  }

  /**
   * A move that was announced.
   *
   * @param name null for HEAD, which is to be detached when the job is done
   * @param forced whether it may leave what was there
   * @param atomic whether it counts only together with the other such moves of the job
   * @param previous where the ref was; null when the push made it
   * @param epoch of the repository's home when it was moved
   * @param isSuperseded whether that home has moved it once more since, and it was proven
   */
  public record Move(
      @Nullable RefName name,
      ObjectId target,
      boolean forced,
      boolean atomic,
      @Nullable GitRef previous,
      Epoch epoch,
      boolean isSuperseded) {

    /** A move that is about to be noted. */
    public Move(
        @Nullable RefName name,
        ObjectId target,
        boolean forced,
        boolean atomic,
        @Nullable GitRef previous,
        Epoch epoch) {
      this(name, target, forced, atomic, previous, epoch, false);
    }

    /**
     * The name under which the ref is kept beside those of another home than the one that moved it.
     */
    public RefName keptName() {
      return RefName.ofBytes(HexFormat.of().parseHex(TakenOver.gitName(hex(), epoch)));
    }

    private String hex() {
      return name == null ? HexFormat.of().formatHex(HEAD) : name.hex();
    }

    private @Nullable String previousTarget() {
      return previous == null ? null : previous.target().name();
    }

    private @Nullable String previousPeeled() {
      return previous == null || previous.peeled() == null ? null : previous.peeled().name();
    }

    private @Nullable String previousJob() {
      return previous == null ? null : previous.unprovenBy();
    }

    private long encodedBytes() {
      return 2L * hex().length() + 4 * 48 + 20 + PgArray.encodedBytes(previousJob());
    }
  }

  /**
   * Notes moves; of two moves of a ref for one job the later counts, from where the first began.
   */
  public void note(List<Move> moves) {
    for (List<Move> batch : Batches.of(moves, Move::encodedBytes)) {
      catalog.execute(
          Statement.of(
                  """
                  insert into git_ref_moves (job_id, name, target, forced, atomic,
                    previous_target, previous_peeled, previous_job, epoch)
                  select :job, decode(hex, 'hex'), target, forced, atomic, old, old_peeled, old_job,
                    epoch
                  from unnest(:names::text[], :targets::text[], :forced::boolean[],
                      :atomic::boolean[], :old::text[], :old_peeled::text[], :old_jobs::text[],
                      :epochs::bigint[])
                    as m (hex, target, forced, atomic, old, old_peeled, old_job, epoch)
                  on conflict (job_id, name) do update
                    set target = excluded.target, atomic = excluded.atomic,
                        epoch = excluded.epoch, superseded = false,
                        forced = git_ref_moves.forced or excluded.forced
                  """)
              .text("job", jobId)
              .text("names", PgArray.texts(batch, Move::hex))
              .text("targets", PgArray.texts(batch, move -> move.target().name()))
              .text("forced", PgArray.texts(batch, move -> Boolean.toString(move.forced())))
              .text("atomic", PgArray.texts(batch, move -> Boolean.toString(move.atomic())))
              .text("old", PgArray.texts(batch, Move::previousTarget))
              .text("old_peeled", PgArray.texts(batch, Move::previousPeeled))
              .text("old_jobs", PgArray.texts(batch, Move::previousJob))
              .text("epochs", PgArray.numbers(batch, move -> move.epoch().value())));
    }
  }

  /** What was moved for the job. */
  public List<Move> all() {
    List<Move> moves = new ArrayList<>();
    new PagedRead<byte[]>(this::page, row -> row.bytes("name"), MOVES_A_PAGE)
        .forEach(catalog, new byte[0], row -> moves.add(move(row)));
    return moves;
  }

  private Statement page(byte[] after, long limit) {
    return Statement.of(
            """
            select name, target, forced, atomic, previous_target, previous_peeled, previous_job,
              epoch, superseded
            from git_ref_moves
            where job_id = :job and name > :after::bytea order by name limit :limit
            """)
        .text("job", jobId)
        .bytes("after", after)
        .number("limit", limit);
  }

  private static Move move(Rows.Row row) {
    byte[] bytes = row.bytes("name");
    RefName name = Arrays.equals(bytes, HEAD) ? null : RefName.ofBytes(bytes);
    ObjectId previous = GitRefTable.id(row.textOrNull("previous_target"));
    return new Move(
        name,
        ObjectId.fromString(row.text("target")),
        row.flag("forced"),
        row.flag("atomic"),
        name == null || previous == null
            ? null
            : new GitRef(
                name,
                previous,
                GitRefTable.id(row.textOrNull("previous_peeled")),
                row.textOrNull("previous_job")),
        new Epoch(row.number("epoch")),
        row.flag("superseded"));
  }

  /** Each name is looked up by itself, as in {@link GitRefWrites}. */
  private static final String BACK =
      """
      wrong as (
        select m.name, m.target, m.previous_target, m.previous_peeled, j.job_id as previous_job
        from failed f join git_ref_moves m on m.job_id = f.job_id
          left join jobs j on j.job_id = m.previous_job and j.status in ('pending', 'running')
        where :all or m.name in (select decode(hex, 'hex') from unnest(:names::text[]) as n (hex))
      ), later as (
        update git_ref_moves l
        set previous_target = w.previous_target, previous_peeled = w.previous_peeled,
            previous_job = w.previous_job
        from wrong w cross join jobs j
          cross join lateral (
            select ctid as place, previous_target, previous_job from git_ref_moves
            where job_id = j.job_id and name = w.name offset 0) m
        where j.repo_id = :repo and j.status in ('pending', 'running') and j.job_id <> :job
          and m.previous_target = w.target and m.previous_job = :job and l.ctid = m.place
      ), found as (
        select w.*, g.place from wrong w
          cross join lateral (
            select ctid as place, job_id from git_refs
            where repo_id = :repo and name = w.name offset 0) g
        where g.job_id = :job
      ), back as (
        update git_refs r
        set target = f.previous_target, peeled = f.previous_peeled, job_id = f.previous_job,
            shown_target = f.previous_target, shown_peeled = f.previous_peeled,
            updated_at = :now::timestamptz
        from found f where r.ctid = f.place and f.previous_target is not null
        returning 1
      ), gone as (
        delete from git_refs r using found f
        where r.ctid = f.place and f.previous_target is null
        returning 1
      )
      update repos set git_sequence = git_sequence + 1
      where repo_id = :repo and (exists (select 1 from back) or exists (select 1 from gone))
      """;

  /**
   * Gives the refs of a push whose job has failed back what they had, unless somebody has moved
   * them since. Pushes that were built on this one, and are still to be read, will fall back to
   * where this one came from. What was taken back is owed: a retry moves it again.
   */
  public static void takeBack(Catalog transaction, String repoId, String jobId, Instant now) {
    transaction.execute(
        back(
                repoId,
                jobId,
                """
                with failed as (
                  update jobs set decision = 'owed'
                  where job_id = :job and decision = 'moved'
                    and exists (select 1 from git_ref_moves where job_id = :job)
                  returning job_id
                ),
                """,
                now)
            .flag("all", true)
            .text("names", "{}"));
  }

  /** Gives some refs of a job, which goes on, back what they had. */
  public void takeBack(String repoId, Collection<RefName> names, Instant now) {
    List<RefName> refused = List.copyOf(names);
    for (List<RefName> batch : Batches.of(refused, name -> 2L * name.hex().length() + 8)) {
      catalog.execute(
          back(repoId, jobId, "with failed as (select :job as job_id),", now)
              .flag("all", false)
              .text("names", PgArray.texts(batch, RefName::hex)));
    }
  }

  private static Statement back(String repoId, String jobId, String failed, Instant now) {
    return Statement.of(failed + BACK)
        .text("job", jobId)
        .text("repo", repoId)
        .text("now", now.toString());
  }
}
