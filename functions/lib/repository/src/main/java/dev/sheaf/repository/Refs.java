package dev.sheaf.repository;

import dev.sheaf.bundle.history.GitRefs;
import dev.sheaf.bundle.msgpack.Msgpack;
import dev.sheaf.storage.catalog.Batches;
import dev.sheaf.storage.catalog.Catalog;
import dev.sheaf.storage.catalog.PagedRead;
import dev.sheaf.storage.catalog.Rows;
import dev.sheaf.storage.catalog.Statement;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Reads the tables {@code branches} and {@code dialect_refs}. */
public final class Refs {
  static final String HEAD = "HEAD";
  static final String HEADS = "refs/heads/";
  static final String TAGS = "refs/tags/";

  private static final int BRANCHES_A_PAGE = 4_000;
  private static final int GIT_REFS_A_PAGE = 2_000;

  private final Catalog catalog;

  public Refs(Catalog catalog) {
    this.catalog = catalog;
  }

  /**
   * A stretch of what names commits, branches first, then the refs of git, each by name.
   *
   * @param git the part of git's refs that is in this page; null before they begin, and when there
   *     are none
   * @param next where the page after this one begins; null on the last
   */
  public record Page(
      SortedMap<String, String> branchHeads, @Nullable GitRefs git, @Nullable String next) {}

  /**
   * One page: at most {@link RefPage#MAX_REFS} refs, and few enough for one answer of a function.
   *
   * @param after {@link Page#next} of the page before; null for the first
   * @throws dev.sheaf.bundle.SheafException of kind INVALID when {@code after} is none of ours
   */
  public Page page(String repoId, @Nullable String after) {
    RefPage.Position from = RefPage.Position.parse(after);
    RefPage page = new RefPage(from);
    boolean complete =
        (!from.isBranch()
                || new PagedRead<>(
                        (name, limit) -> branchPage(repoId, name, limit),
                        row -> row.text("name"),
                        BRANCHES_A_PAGE)
                    .forEachWhile(catalog, from.name(), page::takeBranch))
            && new PagedRead<>(
                    (name, limit) -> gitPage(repoId, name, limit),
                    row -> row.text("name"),
                    GIT_REFS_A_PAGE)
                .forEachWhile(
                    catalog,
                    from.isBranch() ? "" : from.name(),
                    row -> page.takeGit(row, () -> tags(repoId, row)));
    return page.finish(complete);
  }

  /** The first page's branches; {@link Page#next} is null when these are all. */
  public Page branches(String repoId) {
    RefPage.Position from = RefPage.Position.parse(null);
    RefPage page = new RefPage(from);
    boolean complete =
        new PagedRead<>(
                (name, limit) -> branchPage(repoId, name, limit),
                row -> row.text("name"),
                BRANCHES_A_PAGE)
            .forEachWhile(catalog, from.name(), page::takeBranch);
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

  /** A branch whose head has moved on since git last named it is left out. */
  private static Statement gitPage(String repoId, String after, long limit) {
    return Statement.of(
            """
            select g.name, target, commit_id, octet_length(tags) as tag_bytes,
              case when octet_length(tags) <= 40000 then tags end as tags
            from dialect_refs g
              left join branches b on b.repo_id = :repo and starts_with(g.name, :heads)
                and b.name = substr(g.name, length(:heads) + 1)
            where g.repo_id = :repo and g.name > :after
              and (b.head_commit_id = commit_id or not starts_with(g.name, :heads))
            order by g.name limit :limit
            """)
        .text("repo", repoId)
        .text("heads", HEADS)
        .text("after", after)
        .number("limit", limit);
  }

  static GitRefs.GitRef gitRef(Rows.Row row, byte @Nullable [] tags) {
    return new GitRefs.GitRef(row.text("target"), row.text("commit_id"), decodeTags(tags));
  }

  /** The tag objects of a row, encoded; null for none. */
  private byte @Nullable [] tags(String repoId, Rows.Row row) {
    byte[] tags = row.bytesOrNull("tags");
    return tags == null && row.numberOrNull("tag_bytes") != null
        ? wideTags(repoId, row.text("name"))
        : tags;
  }

  private byte[] wideTags(String repoId, String name) {
    Map<Long, byte[]> found = new HashMap<>();
    WideRead.read(
        catalog,
        """
        select 0::bigint as n, tags as data from dialect_refs
        where repo_id = :repo and name = :name and tags is not null\
        """,
        statement -> statement.text("repo", repoId).text("name", name),
        found::put);
    return found.getOrDefault(0L, encodeTags(List.of()));
  }

  static byte[] encodeTags(List<byte[]> tags) {
    return Msgpack.encode(tags);
  }

  private static List<byte[]> decodeTags(byte @Nullable [] tags) {
    return tags != null && Msgpack.decode(tags) instanceof List<?> list
        ? list.stream().map(byte[].class::cast).toList()
        : List.of();
  }
}
