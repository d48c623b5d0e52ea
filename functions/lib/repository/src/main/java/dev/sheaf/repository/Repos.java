package dev.sheaf.repository;

import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.ops.Action;
import dev.sheaf.ops.InlineOps;
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
  public static final String COLUMNS = "repo_id, owner, name, shown, public, default_branch, kind";

  /** Of one that was called so when this site first saw it, and is called otherwise now. */
  private static final String RENAMED =
      "name = :name and told_name <> :name and deleted_at is null";

  private static final int NAMES_A_PAGE = 2_000;

  private final Catalog catalog;
  private final SiteLog log;
  private final KnownBucket bucket;

  /** For reading, and for a site that nobody follows. */
  public Repos(Catalog catalog) {
    this(catalog, SiteLog.OFF);
  }

  /**
   * @param log tells of repositories that are made here, and of what else is changed
   */
  public Repos(Catalog catalog, SiteLog log) {
    this(catalog, log, KnownBucket.none(catalog));
  }

  /**
   * @param bucket asked before the first repository is made
   */
  public Repos(Catalog catalog, SiteLog log, KnownBucket bucket) {
    this.catalog = catalog;
    this.log = log;
    this.bucket = bucket;
  }

  /**
   * One row {@code repo}: the repository that is shown at a place, made if there is none. One that
   * exists is neither changed nor waited for; the update that changes nothing makes the statement
   * answer with the row of a concurrent creator, which "do nothing" would hide. No row where a
   * deleted one has the name still, or one that was renamed had it and has its keys there: whoever
   * pushes there means that one. {@link #nameIsTaken} says so. None either as long as nobody knows
   * what the bucket has: {@link KnownBucket#making}.
   */
  public static String made(InlineOps ops) {
    String op =
        ops.appendOne(
            Action.CREATE,
            Travelling.REPOS.name(),
            "made_suffix",
            "(select * from made where is_new) made",
            Travelling.record(Travelling.REPOS, "made"));
    return """
    found as (
      select * from repos where owner = :owner and shown = :name
    ), %s, made as (
      insert into repos (repo_id, owner, name, told_name, shown, created_at, home, made_at, op_ulid)
      select :new_id, :owner, %s, :name, :name, :now::timestamptz, :home,
        coalesce(:ops_host::text, ''), %s || :made_suffix
      where not exists (select 1 from found)
        and not exists (
          select 1 from repos where owner = :owner and %s)
        and (:trusted or (select is_known from known_bucket))
      on conflict (owner, shown) do update set owner = excluded.owner
      returning *, xmax = 0 as is_new
    ), made_op as (
      %s
    ), repo as (
      select %s from found where deleted_at is null
      union all select %s from made
    )\
    """
        .formatted(
            InlineOps.stamp("not exists (select 1 from found)"),
            RepoNames.place(":owner", ":name", ":new_id"),
            ops.prefix(),
            RENAMED,
            op,
            COLUMNS,
            COLUMNS);
  }

  /** Binds what {@link #made} needs. */
  public static Statement bindMade(
      Statement statement,
      InlineOps ops,
      SiteLog log,
      KnownBucket bucket,
      String owner,
      String name,
      String newId,
      Instant now) {
    return ops.bindStamp(statement)
        .text("new_id", newId)
        .text("owner", owner)
        .text("name", name)
        .text("home", log.home())
        .flag("trusted", bucket.isTrusted())
        .text("made_suffix", ops.suffix())
        .text("now", now.toString());
  }

  /** The repository whose keys in the bucket are those of {@code owner/name}, unless deleted. */
  public Optional<Repo> find(String owner, String name) {
    return find(owner, name, "name = :name and deleted_at is null");
  }

  /** The same, also one that is deleted and has bytes still. */
  public Optional<Repo> findEvenDeleted(String owner, String name) {
    return find(owner, name, "name = :name");
  }

  /** The repository whose URL ends in {@code owner/name}, unless it is deleted. */
  public Optional<Repo> findShown(String owner, String name) {
    return find(owner, name, "shown = :name and deleted_at is null");
  }

  /** The same, also one that is deleted and has bytes still. */
  public Optional<Repo> findShownEvenDeleted(String owner, String name) {
    return find(owner, name, "shown = :name");
  }

  private Optional<Repo> find(String owner, String name, String condition) {
    return catalog
        .execute(
            Statement.of(
                    "select %s from repos where owner = :owner and %s"
                        .formatted(COLUMNS, condition))
                .text("owner", owner)
                .text("name", name))
        .first()
        .map(Repos::repo);
  }

  /** The repository that had this name when the site first saw it, and has another one now. */
  public Optional<Repo> findRenamed(String owner, String name) {
    return find(owner, name, RENAMED);
  }

  /** The repository with an id, unless it is deleted. */
  public Optional<Repo> byId(String repoId) {
    return byId(repoId, " and deleted_at is null");
  }

  /** The repository with an id, also one that is deleted and has bytes still. */
  public Optional<Repo> byIdEvenDeleted(String repoId) {
    return byId(repoId, "");
  }

  private Optional<Repo> byId(String repoId, String condition) {
    return catalog
        .execute(
            Statement.of("select " + COLUMNS + " from repos where repo_id = :repo" + condition)
                .text("repo", repoId))
        .first()
        .map(Repos::repo);
  }

  /**
   * The repository that is shown as {@code owner/name}, made if there is none; private, without
   * branches.
   *
   * @param newId the id that it gets when it is made
   * @throws dev.sheaf.bundle.SheafException of kind CONFLICT when a deleted one has the name still
   *     and SITE when the bucket has repositories that the catalog lacks
   * @throws RepoMovedException when it was renamed
   */
  public Repo findOrCreate(String owner, String name, String newId, Instant now) {
    InlineOps ops = log.ops(now);
    Statement statement = Statement.of("with " + made(ops) + " select " + COLUMNS + " from repo");
    Statement bound = bindMade(statement, ops, log, bucket, owner, name, newId, now);
    return bucket
        .making(() -> catalog.execute(bound).first().map(Repos::repo))
        .orElseThrow(() -> nameIsTaken(catalog, owner, name));
  }

  /** Why {@link #made} gave no row. */
  public static SheafException nameIsTaken(Catalog catalog, String owner, String name) {
    return catalog
        .execute(
            Statement.of(
                    "select %s from repos where owner = :owner and shown = :name"
                        .formatted(Deletions.COLUMNS))
                .text("owner", owner)
                .text("name", name))
        .first()
        .map(row -> Deletions.nameIsTaken(owner, name, Deletions.deletion(row)))
        .or(() ->
            new Repos(catalog)
                .findRenamed(owner, name)
                .map(repo -> new RepoMovedException(owner + "/" + name, repo)))
        .orElseGet(() ->
            new SheafException(
                ErrorKind.UNAVAILABLE,
                owner + "/" + name + " was freed by its deleted owner just now; try again"));
  }

  /** The names of all public repositories, as {@code owner/name}, and their ids. */
  public List<String> publicNames() {
    List<String> names = new ArrayList<>();
    new PagedRead<>(Repos::publicPage, row -> row.text("repo_id"), NAMES_A_PAGE)
        .forEach(
            catalog,
            "",
            row -> {
              names.add(row.text("owner") + "/" + row.text("shown"));
              names.add(row.text("repo_id"));
            });
    return names;
  }

  private static Statement publicPage(String after, long limit) {
    return Statement.of(
            "select repo_id, owner, shown from repos"
                + " where public and deleted_at is null and repo_id > :after"
                + " order by repo_id limit :limit")
        .text("after", after)
        .number("limit", limit);
  }

  /** Lets everybody read a repository, or no longer. */
  public void setPublic(String repoId, boolean isPublic, Instant now) {
    InlineOps ops = log.ops(now);
    String op =
        ops.appendOne(
            Action.UPDATE,
            Travelling.REPOS.name(),
            "suffix",
            "changed",
            Travelling.record(Travelling.REPOS, "changed"));
    catalog.execute(
        ops.bindStamp(
            Statement.of(
                    """
                    with %s, changed as (
                      update repos set public = :public,
                        listed_as = case when :public then listed_as end,
                        op_ulid = coalesce(%s || :suffix, op_ulid)
                      where repo_id = :repo
                      returning *
                    )
                    %s
                    """
                        .formatted(InlineOps.stamp("true"), ops.prefix(), op))
                .flag("public", isPublic)
                .text("repo", repoId)
                .text("suffix", ops.suffix())));
  }

  public static Repo repo(Rows.Row row) {
    return new Repo(
        row.text("repo_id"),
        row.text("owner"),
        row.text("name"),
        row.text("shown"),
        row.flag("public"),
        row.textOrNull("default_branch"),
        Repo.Kind.ofColumn(row.textOrNull("kind")));
  }
}
