package dev.sheaf.repository;

import dev.sheaf.repository.column.PgArray;
import dev.sheaf.storage.catalog.Batches;
import dev.sheaf.storage.catalog.Catalog;
import dev.sheaf.storage.catalog.PagedRead;
import dev.sheaf.storage.catalog.Statement;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The table {@code job_moves}: branches that were moved before anybody had read the bundle. */
public final class JobMoves {
  private static final int MOVES_A_PAGE = 2_000;

  private JobMoves() {}

  /**
   * A move that was announced.
   *
   * @param previous where the branch was before; null when the push made it
   */
  public record Move(String branch, String head, @Nullable String previous, boolean forced) {}

  /** Notes the moves of a push; of two moves of a branch for one job the later counts. */
  public static void note(
      Catalog catalog, String jobId, BranchMoves.Outcome outcome, boolean forced) {
    List<Map.Entry<String, String>> rows = List.copyOf(outcome.moved().entrySet());
    for (var batch : Batches.of(rows, row -> encodedBytes(row, outcome.previous()))) {
      catalog.execute(
          Statement.of(
                  """
                  insert into job_moves (job_id, branch, head_commit_id, previous_commit_id, forced)
                  select :job, branch, head, previous, :forced
                  from unnest(:branches::text[], :heads::text[], :previous::text[])
                    as moves (branch, head, previous)
                  on conflict (job_id, branch) do update
                    set head_commit_id = excluded.head_commit_id,
                        previous_commit_id = excluded.previous_commit_id,
                        forced = excluded.forced
                  """)
              .text("job", jobId)
              .flag("forced", forced)
              .text("branches", PgArray.texts(batch, Map.Entry::getKey))
              .text("heads", PgArray.texts(batch, Map.Entry::getValue))
              .text("previous", PgArray.texts(batch, row -> outcome.previous().get(row.getKey()))));
    }
  }

  private static long encodedBytes(Map.Entry<String, String> row, Map<String, String> previous) {
    return PgArray.encodedBytes(row.getKey())
        + PgArray.encodedBytes(row.getValue())
        + PgArray.encodedBytes(previous.get(row.getKey()));
  }

  /** What was moved for a job. */
  public static List<Move> of(Catalog catalog, String jobId) {
    List<Move> moves = new ArrayList<>();
    new PagedRead<>(
            (after, limit) -> page(jobId, after, limit), row -> row.text("branch"), MOVES_A_PAGE)
        .forEach(
            catalog,
            "",
            row ->
                moves.add(
                    new Move(
                        row.text("branch"),
                        row.text("head_commit_id"),
                        row.textOrNull("previous_commit_id"),
                        row.flag("forced"))));
    return moves;
  }

  private static Statement page(String jobId, String after, long limit) {
    return Statement.of(
            """
            select branch, head_commit_id, previous_commit_id, forced from job_moves
            where job_id = :job and branch > :after collate "C"
            order by branch limit :limit
            """)
        .text("job", jobId)
        .text("after", after)
        .number("limit", limit);
  }

  /**
   * Gives the branches of a failed push back what they had, unless somebody has moved them on
   * since. Pushes that were built on this one, and are still to be read, will fall back to where
   * this one came from. What was taken back is owed: a retry moves it again.
   *
   * @param seq the number of the failed job
   */
  public static void takeBack(
      BranchMoves moves, String repoId, String jobId, long seq, Instant now) {
    boolean hasMoved =
        moves
            .transaction()
            .execute(
                Statement.of(
                        """
                        with failed as (
                          update jobs set decision = 'owed'
                          where job_id = :job and decision = 'moved'
                          returning job_id
                        ), later as (
                          update job_moves l set previous_commit_id = m.previous_commit_id
                          from failed f, job_moves m, jobs j
                          where m.job_id = f.job_id and j.repo_id = :repo
                            and j.status in ('pending', 'running')
                            and l.job_id = j.job_id and l.job_id <> :job
                            and l.branch = m.branch and l.previous_commit_id = m.head_commit_id
                        )
                        select exists (select 1 from failed) as moved
                        """)
                    .text("job", jobId)
                    .text("repo", repoId))
            .first()
            .orElseThrow()
            .flag("moved");
    if (hasMoved) {
      moves.takeBack(of(moves.transaction(), jobId), seq, now);
    }
  }
}
