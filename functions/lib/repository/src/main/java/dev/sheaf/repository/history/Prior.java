package dev.sheaf.repository.history;

import dev.sheaf.repository.column.PackedRows;
import dev.sheaf.repository.column.PgArray;
import dev.sheaf.storage.catalog.Batches;
import dev.sheaf.storage.catalog.Catalog;
import dev.sheaf.storage.catalog.Rows;
import dev.sheaf.storage.catalog.Statement;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What a repository has of what a push names. Of few ids it is as of one moment and one statement.
 *
 * @param snapshots how those are stored that it has
 * @param commits the numbers of those that it has
 * @param lastCommitSeq the number of its newest commit: as long as that is the same, {@code
 *     commits} is complete
 */
public record Prior(
    Map<String, SnapshotRows.Form> snapshots, Map<String, Integer> commits, int lastCommitSeq) {

  /** With as many of each a result stays below 1 MiB. */
  private static final int IDS_A_STATEMENT = 8_000;

  private static final String SQL =
      """
      select 'last' as kind, last_commit_seq::text as packed from repos where repo_id = :repo
      union all select 'snapshots', packed from (%s) snapshots_packed
      union all select 'commits', packed from (%s) commits_packed
      """
          .formatted(
              PackedRows.pack(
                  """
                  select ordinal as n, depth, entry_count, chain_bytes, checkpoint_bytes
                  from unnest(:snapshots::text[]) with ordinality as ids (snapshot_id, ordinal)
                    join snapshots s on s.repo_id = :repo and s.snapshot_id = ids.snapshot_id\
                  """,
                  "depth, entry_count, chain_bytes, checkpoint_bytes"),
              PackedRows.pack(
                  """
                  select ordinal as n, seq
                  from unnest(:commits::text[]) with ordinality as ids (commit_id, ordinal)
                    join commits c on c.repo_id = :repo and c.commit_id = ids.commit_id\
                  """,
                  "seq"));

  /**
   * Looks up what a push names.
   *
   * @param snapshotIds distinct
   * @param commitIds distinct
   */
  public static Prior of(
      Catalog catalog,
      String repoId,
      Collection<String> snapshotIds,
      Collection<String> commitIds) {
    List<List<String>> snapshots = batches(snapshotIds);
    List<List<String>> commits = batches(commitIds);
    Map<String, SnapshotRows.Form> forms = new HashMap<>();
    Map<String, Integer> seqs = new HashMap<>();
    // That of the first statement: what later ones find beyond it makes no difference.
    int last = -1;
    for (int i = 0; i < Math.max(1, Math.max(snapshots.size(), commits.size())); i++) {
      List<String> snapshotBatch = i < snapshots.size() ? snapshots.get(i) : List.of();
      List<String> commitBatch = i < commits.size() ? commits.get(i) : List.of();
      Statement statement =
          Statement.of(SQL)
              .text("repo", repoId)
              .text("snapshots", PgArray.texts(snapshotBatch))
              .text("commits", PgArray.texts(commitBatch));
      for (Rows.Row row : catalog.execute(statement)) {
        String packed = row.text("packed");
        switch (row.text("kind")) {
          case "last" -> last = last < 0 ? Integer.parseInt(packed) : last;
          case "snapshots" ->
              PackedRows.each(
                  packed,
                  numbers ->
                      forms.put(
                          snapshotBatch.get((int) numbers[0] - 1),
                          SnapshotRows.Form.of(numbers, 1)));
          default ->
              PackedRows.each(
                  packed,
                  numbers -> seqs.put(commitBatch.get((int) numbers[0] - 1), (int) numbers[1]));
        }
      }
    }
    return new Prior(forms, seqs, last);
  }

  private static List<List<String>> batches(Collection<String> ids) {
    return Batches.of(List.copyOf(ids), PgArray::encodedBytes, Long.MAX_VALUE, IDS_A_STATEMENT);
  }
}
