package dev.sheaf.repository;

import dev.sheaf.storage.catalog.Catalog;
import dev.sheaf.storage.catalog.PagedRead;
import dev.sheaf.storage.catalog.Rows;
import dev.sheaf.storage.catalog.Statement;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The table {@code repos}. */
public final class Repos {
  static final String COLUMNS = "repo_id, owner, name, public, default_branch, kind";

  /**
   * One row {@code repo}: the repository at {@code :owner} and {@code :name}, made with {@code
   * :new_id} if there is none. One that exists is neither changed nor waited for; the update that
   * changes nothing makes the statement answer with the row of a concurrent creator, which "do
   * nothing" would hide.
   */
  static final String MADE =
      """
      found as (
        select * from repos where owner = :owner and name = :name
      ), made as (
        insert into repos (repo_id, owner, name, created_at)
        select :new_id, :owner, :name, :now::timestamptz where not exists (select 1 from found)
        on conflict (owner, name) do update set owner = excluded.owner
        returning *
      ), repo as (
        select * from found union all select * from made
      )\
      """;

  private static final int NAMES_A_PAGE = 2_000;

  private final Catalog catalog;

  public Repos(Catalog catalog) {
    this.catalog = catalog;
  }

  /** The repository at {@code owner/name}. */
  public Optional<Repo> find(String owner, String name) {
    return catalog
        .execute(
            Statement.of("select " + COLUMNS + " from repos where owner = :owner and name = :name")
                .text("owner", owner)
                .text("name", name))
        .first()
        .map(Repos::repo);
  }

  /** The repository with an id. */
  public Optional<Repo> byId(String repoId) {
    return catalog
        .execute(
            Statement.of("select " + COLUMNS + " from repos where repo_id = :repo")
                .text("repo", repoId))
        .first()
        .map(Repos::repo);
  }

  /**
   * The repository at {@code owner/name}, made if there is none; private, without branches.
   *
   * @param newId the id that it gets when it is made
   */
  public Repo findOrCreate(String owner, String name, String newId, Instant now) {
    return catalog
        .execute(
            Statement.of("with " + MADE + " select " + COLUMNS + " from repo")
                .text("new_id", newId)
                .text("owner", owner)
                .text("name", name)
                .text("now", now.toString()))
        .first()
        .map(Repos::repo)
        .orElseThrow();
  }

  /** The names of all public repositories, as {@code owner/name}. */
  public List<String> publicNames() {
    List<String> names = new ArrayList<>();
    new PagedRead<>(Repos::publicPage, row -> row.text("repo_id"), NAMES_A_PAGE)
        .forEach(catalog, "", row -> names.add(row.text("owner") + "/" + row.text("name")));
    return names;
  }

  private static Statement publicPage(String after, long limit) {
    return Statement.of(
            "select repo_id, owner, name from repos where public and repo_id > :after"
                + " order by repo_id limit :limit")
        .text("after", after)
        .number("limit", limit);
  }

  /** Lets everybody read a repository, or no longer. */
  public void setPublic(String repoId, boolean isPublic) {
    catalog.execute(
        Statement.of("update repos set public = :public where repo_id = :repo")
            .flag("public", isPublic)
            .text("repo", repoId));
  }

  static Repo repo(Rows.Row row) {
    return new Repo(
        row.text("repo_id"),
        row.text("owner"),
        row.text("name"),
        row.flag("public"),
        row.textOrNull("default_branch"),
        Repo.Kind.ofColumn(row.textOrNull("kind")));
  }
}
