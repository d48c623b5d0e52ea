package dev.sheaf.repository;

import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.storage.catalog.Catalog;
import dev.sheaf.storage.catalog.Statement;
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

  private static final String SQL =
      PackedRows.pack(
          """
          select seq as n, array_to_string(parents, ',') as parents from commits
          where repo_id = :repo and seq between :first and :last\
          """,
          "nullif(parents, '')");

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
    Statement statement =
        Statement.of(SQL)
            .text("repo", repoId)
            .number("first", Math.max(1, seq - pageSize + 1))
            .number("last", seq);
    PackedRows.read(catalog, statement, this::keep);
    pageSize = Math.min(LAST_PAGE, 4 * pageSize);
  }

  private void keep(long[] row) {
    int[] parents = Arrays.stream(row).skip(1).mapToInt(Math::toIntExact).toArray();
    page.put((int) row[0], parents);
  }
}
