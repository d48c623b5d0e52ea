package dev.sheaf.repository;

import dev.sheaf.repository.column.PgArray;
import dev.sheaf.storage.catalog.Batches;
import dev.sheaf.storage.catalog.Catalog;
import dev.sheaf.storage.catalog.PagedRead;
import dev.sheaf.storage.catalog.Statement;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Reads the table {@code branches}. */
public final class Refs {
  private static final int BRANCHES_A_PAGE = 4_000;

  private final Catalog catalog;

  public Refs(Catalog catalog) {
    this.catalog = catalog;
  }

  /**
   * A stretch of the branches, by name.
   *
   * @param next where the page after this one begins; null on the last
   */
  public record Page(SortedMap<String, String> branchHeads, @Nullable String next) {}

  /**
   * One page: at most {@link RefPage#MAX_REFS} branches, and few enough for one answer of a
   * function.
   *
   * @param after {@link Page#next} of the page before; null for the first
   */
  public Page page(String repoId, @Nullable String after) {
    RefPage page = new RefPage();
    boolean complete =
        new PagedRead<>(
                (name, limit) -> branchPage(repoId, name, limit),
                row -> row.text("name"),
                BRANCHES_A_PAGE)
            .forEachWhile(catalog, after == null ? "" : after, page::take);
    return page.finish(complete);
  }

  /** Those of these commits that branches point to. */
  public Set<String> headed(String repoId, Collection<String> commits) {
    Set<String> headed = new HashSet<>();
    for (List<String> batch : Batches.of(List.copyOf(commits), PgArray::encodedBytes)) {
      catalog
          .execute(
              Statement.of(
                      """
                      select distinct head_commit_id from branches
                      where repo_id = :repo and head_commit_id = any(:commits::text[])
                      """)
                  .text("repo", repoId)
                  .text("commits", PgArray.texts(batch)))
          .forEach(row -> headed.add(row.text("head_commit_id")));
    }
    return headed;
  }

  /** The head of one branch, if there is such a branch. */
  public Optional<String> head(String repoId, String branch) {
    return catalog
        .execute(
            Statement.of(
                    "select head_commit_id from branches where repo_id = :repo and name = :name")
                .text("repo", repoId)
                .text("name", branch))
        .first()
        .map(row -> row.text("head_commit_id"));
  }

  /** Branch to head commit. */
  public SortedMap<String, String> branchHeads(String repoId) {
    SortedMap<String, String> heads = new TreeMap<>();
    new PagedRead<>(
            (after, limit) -> branchPage(repoId, after, limit),
            row -> row.text("name"),
            BRANCHES_A_PAGE)
        .forEach(catalog, "", row -> heads.put(row.text("name"), row.text("head_commit_id")));
    return heads;
  }

  private static Statement branchPage(String repoId, String after, long limit) {
    return Statement.of(
            """
            select name, head_commit_id from branches
            where repo_id = :repo and name > :after order by name limit :limit
            """)
        .text("repo", repoId)
        .text("after", after)
        .number("limit", limit);
  }
}
