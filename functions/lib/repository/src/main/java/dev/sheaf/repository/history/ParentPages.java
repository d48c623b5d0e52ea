package dev.sheaf.repository.history;

import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.repository.column.PackedRows;
import dev.sheaf.repository.column.WideRead;
import dev.sheaf.storage.catalog.Catalog;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.function.IntFunction;

/**
 * The parents of a repository's commits, for a walk in descending order: read page by page, small
 * pages first, since most walks end early.
 */
final class ParentPages implements IntFunction<int[]> {
  private static final int FIRST_PAGE = 1_000;
  private static final int LAST_PAGE = 16_000;

  /** Commits with many parents make wide rows: the lines are read in slices. */
  private static final int COMMITS_A_LINE = 500;

  private static final String SOURCE =
      """
      select (seq / %1$d)::bigint as n, convert_to(string_agg(
          concat_ws(',', seq, nullif(array_to_string(parents, ','), '')), ' ' order by seq),
        'UTF8') as data
      from commits
      where repo_id = :repo and seq between :first and :last and seq / %1$d >= :after_n
      group by seq / %1$d\
      """
          .formatted(COMMITS_A_LINE);

  private final Catalog catalog;
  private final String repoId;
  private final Map<Integer, int[]> page = new HashMap<>();
  private int pageSize = FIRST_PAGE;

  ParentPages(Catalog catalog, String repoId) {
    this.catalog = catalog;
    this.repoId = repoId;
  }

  @Override
  public int[] apply(int seq) {
    if (!page.containsKey(seq)) {
      readDownFrom(seq);
    }
    int[] parents = page.get(seq);
    if (parents == null) {
      throw new SheafException(
          ErrorKind.CORRUPT,
          "commit number " + seq + " of repository " + repoId + " is missing in the catalog");
    }
    return parents;
  }

  private void readDownFrom(int seq) {
    page.clear();
    WideRead.read(
        catalog,
        SOURCE,
        statement ->
            statement
                .text("repo", repoId)
                .number("first", Math.max(1, seq - pageSize + 1))
                .number("last", seq),
        (_, line) -> PackedRows.each(new String(line, StandardCharsets.US_ASCII), this::keep));
    pageSize = Math.min(LAST_PAGE, 4 * pageSize);
  }

  private void keep(long[] row) {
    int[] parents = Arrays.stream(row).skip(1).mapToInt(Math::toIntExact).toArray();
    page.put((int) row[0], parents);
  }
}
