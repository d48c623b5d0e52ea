package dev.sheaf.repository.history;

import dev.sheaf.bundle.history.Commit;
import dev.sheaf.repository.column.PackedRows;
import dev.sheaf.repository.column.PgArray;
import dev.sheaf.repository.column.WideRead;
import dev.sheaf.storage.catalog.Batches;
import dev.sheaf.storage.catalog.Catalog;
import dev.sheaf.storage.catalog.PagedRead;
import dev.sheaf.storage.catalog.Statement;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.IntStream;

/** The table {@code commits}. */
public final class Commits {
  /** Of some 150 bytes each. */
  private static final int SNAPSHOTS_A_PAGE = 4_000;

  /** Of some 14 bytes each. */
  private static final int NAMED_A_PAGE = 50_000;

  private final Catalog catalog;

  public Commits(Catalog catalog) {
    this.catalog = catalog;
  }

  /** Which of these commits the repository has. */
  public Set<String> known(String repoId, Collection<String> commitIds) {
    return seqs(repoId, commitIds).keySet();
  }

  /** The numbers of those commits that the repository has. */
  public Map<String, Integer> seqs(String repoId, Collection<String> commitIds) {
    String sql =
        PackedRows.pack(
            """
            select ordinal as n, seq
            from unnest(:ids::text[]) with ordinality as ids (commit_id, ordinal)
              join commits c on c.repo_id = :repo and c.commit_id = ids.commit_id\
            """,
            "seq");
    Map<String, Integer> seqs = new HashMap<>();
    for (List<String> batch : Batches.of(List.copyOf(commitIds), PgArray::encodedBytes)) {
      Statement statement =
          Statement.of(sql).text("repo", repoId).text("ids", PgArray.texts(batch));
      PackedRows.read(
          catalog, statement, row -> seqs.put(batch.get((int) row[0] - 1), (int) row[1]));
    }
    return seqs;
  }

  /**
   * The commits that branches name.
   *
   * @param allKnown whether the repository has all of them; a branch may be ahead of the worker
   */
  record Named(CommitSet seqs, boolean allKnown) {}

  /** What branches name, in one statement for many thousands of them. */
  Named named(String repoId) {
    IntStream.Builder seqs = IntStream.builder();
    boolean[] unknown = {false};
    int[] last = {-1};
    int[] count = {NAMED_A_PAGE};
    while (count[0] == NAMED_A_PAGE) {
      count[0] = 0;
      PackedRows.read(
          catalog,
          namedPage(repoId, last[0]),
          row -> {
            count[0]++;
            last[0] = (int) row[1];
            unknown[0] |= row[1] == 0;
            seqs.add((int) row[1]);
          });
    }
    return new Named(CommitSet.of(seqs.build().filter(seq -> seq > 0)), !unknown[0]);
  }

  private static Statement namedPage(String repoId, int after) {
    return Statement.of(
            PackedRows.pack(
                """
                select row_number() over (order by seq) as n, seq
                from (
                  select distinct coalesce(c.seq, 0) as seq
                  from branches b
                    left join commits c on c.repo_id = :repo and c.commit_id = b.head_commit_id
                  where b.repo_id = :repo and coalesce(c.seq, 0) > :after
                  order by 1 limit :limit
                ) seqs\
                """,
                "seq"))
        .text("repo", repoId)
        .number("after", after)
        .number("limit", NAMED_A_PAGE);
  }

  /** One commit, whole. */
  public Optional<Commit> find(String repoId, String commitId) {
    List<Commit> found = new ArrayList<>(1);
    Integer seq = seqs(repoId, List.of(commitId)).get(commitId);
    if (seq != null) {
      read(repoId, CommitSet.of(IntStream.of(seq)), found::add);
    }
    return found.stream().findFirst();
  }

  /** Gives out commits whole, parents first, in as few statements as their sizes allow. */
  public void read(String repoId, CommitSet commits, Consumer<Commit> consumer) {
    WideRead.read(
        catalog,
        """
        select seq::bigint as n, record as data
        from unnest(:ranges::int4multirange) r
          join commits on repo_id = :repo and seq >= lower(r) and seq < upper(r)
        where seq >= :after_n\
        """,
        statement -> statement.text("repo", repoId).text("ranges", commits.toMultirange()),
        (_, record) -> consumer.accept(CommitColumn.decode(record)));
  }

  /** The snapshots of these commits, each once, in the order in which they are first needed. */
  public List<String> snapshots(String repoId, CommitSet commits) {
    Set<String> snapshots = new LinkedHashSet<>();
    new PagedRead<>(
            (after, limit) -> snapshotPage(repoId, commits, after, limit),
            row -> row.number("seq"),
            SNAPSHOTS_A_PAGE)
        .forEach(catalog, 0L, row -> snapshots.add(row.text("snapshot_id")));
    return List.copyOf(snapshots);
  }

  private static Statement snapshotPage(String repoId, CommitSet commits, long after, long limit) {
    return Statement.of(
            """
            select seq, snapshot_id
            from unnest(:ranges::int4multirange) r
              join commits on repo_id = :repo and seq >= lower(r) and seq < upper(r)
            where seq > :after and snapshot_id is not null
            order by seq limit :limit
            """)
        .text("repo", repoId)
        .text("ranges", commits.toMultirange())
        .number("after", after)
        .number("limit", limit);
  }
}
