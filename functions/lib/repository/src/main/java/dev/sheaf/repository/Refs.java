package dev.sheaf.repository;

import dev.sheaf.bundle.history.GitRefs;
import dev.sheaf.bundle.msgpack.Msgpack;
import dev.sheaf.storage.catalog.Catalog;
import dev.sheaf.storage.catalog.PagedRead;
import dev.sheaf.storage.catalog.Rows;
import dev.sheaf.storage.catalog.Statement;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Reads the tables {@code branches} and {@code git_refs}. */
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
   * Everything that names a commit.
   *
   * @param defaultBranch what a clone checks out; null before the first push
   * @param branchHeads branch to head commit
   * @param git the refs of the git repository that was pushed; null if none was. A branch whose
   *     head has moved on since git last named it is left out
   */
  public record View(
      @Nullable String defaultBranch,
      SortedMap<String, String> branchHeads,
      @Nullable GitRefs git) {}

  /** Everything that names a commit of the repository. */
  public View read(Repo repo) {
    SortedMap<String, String> heads = branchHeads(repo.repoId());
    return new View(repo.defaultBranch(), heads, git(repo.repoId(), heads));
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

  private @Nullable GitRefs git(String repoId, Map<String, String> heads) {
    SortedMap<String, GitRefs.GitRef> refs = new TreeMap<>();
    Map<String, String> head = new HashMap<>();
    new PagedRead<>(
            (after, limit) -> gitPage(repoId, after, limit),
            row -> row.text("name"),
            GIT_REFS_A_PAGE)
        .forEach(
            catalog,
            "",
            row -> {
              String name = row.text("name");
              if (name.equals(HEAD)) {
                head.put(HEAD, row.text("target"));
              } else if (isCurrent(name, row.text("commit_id"), heads)) {
                refs.put(name, gitRef(repoId, row));
              }
            });
    return refs.isEmpty() && head.isEmpty() ? null : new GitRefs(head.get(HEAD), refs);
  }

  private static boolean isCurrent(String name, String commitId, Map<String, String> heads) {
    return !name.startsWith(HEADS) || commitId.equals(heads.get(name.substring(HEADS.length())));
  }

  private static Statement gitPage(String repoId, String after, long limit) {
    return Statement.of(
            """
            select name, target, commit_id, octet_length(tags) as tag_bytes,
              case when octet_length(tags) <= 40000 then tags end as tags
            from git_refs
            where repo_id = :repo and name > :after order by name limit :limit
            """)
        .text("repo", repoId)
        .text("after", after)
        .number("limit", limit);
  }

  private GitRefs.GitRef gitRef(String repoId, Rows.Row row) {
    byte[] tags = row.bytesOrNull("tags");
    if (tags == null && row.numberOrNull("tag_bytes") != null) {
      tags = wideTags(repoId, row.text("name"));
    }
    return new GitRefs.GitRef(row.text("target"), row.text("commit_id"), decodeTags(tags));
  }

  private byte[] wideTags(String repoId, String name) {
    Map<Long, byte[]> found = new HashMap<>();
    WideRead.read(
        catalog,
        """
        select 0::bigint as n, tags as data from git_refs
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
