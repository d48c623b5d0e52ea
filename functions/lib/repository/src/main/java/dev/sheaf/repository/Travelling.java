package dev.sheaf.repository;

import dev.sheaf.ops.RegisteredTable;
import java.util.List;

/**
 * The tables whose records travel between sites, what cannot be derived from bundles: the rest each
 * site makes of the bundles, by the intake that makes it of every other.
 *
 * <p>A bundle that a peer told of is {@code awaited} until its bytes are here. Its upload makes a
 * job that moves no branch, since branches travel as records, and that appends no op. A pack is
 * awaited in the same way; a git ref that a peer told of is shown when its objects are here, and as
 * it was until then.
 */
public final class Travelling {
  /** Repositories; two sites may have given one name, see {@link RepoNames}. */
  public static final RegisteredTable REPOS =
      new RegisteredTable(
              "repos",
              List.of(
                  text("repo_id"),
                  text("owner"),
                  new RegisteredTable.Column("name", "text", "told_name"),
                  column("public", "boolean"),
                  text("default_branch"),
                  text("kind"),
                  text("home"),
                  column("epoch", "bigint"),
                  column("seen", "jsonb"),
                  text("made_at"),
                  column("created_at", "timestamptz"),
                  column("named_at", "timestamptz"),
                  column("deleted_at", "timestamptz"),
                  column("purged_at", "timestamptz")),
              List.of("repo_id"))
          .settledBy(RepoNames.SETTLING);

  /** Bundles that were pushed and proven. */
  public static final RegisteredTable BUNDLES =
      new RegisteredTable(
          "bundles",
          List.of(
              text("repo_id"),
              text("bundle"),
              column("size_bytes", "bigint"),
              column("ordinal", "bigint")),
          List.of("repo_id", "bundle"),
          "bundles_told",
          List.of());

  /**
   * Packs that pushes brought. What folds make of them is each site's own; so one that is not to be
   * had any more at the site that told of it is made up for by what that site has in its place.
   */
  public static final RegisteredTable GIT_PACKS =
      new RegisteredTable(
          "git_packs",
          List.of(
              text("repo_id"),
              text("pack"),
              column("size_bytes", "bigint"),
              column("objects", "bigint"),
              column("ordinal", "bigint")),
          List.of("repo_id", "pack"),
          "git_packs_told",
          List.of());

  /** Heads of branches. */
  public static final RegisteredTable BRANCHES =
      new RegisteredTable(
          "branches",
          List.of(text("repo_id"), text("name"), text("head_commit_id"), column("epoch", "bigint")),
          List.of("repo_id", "name"));

  /**
   * Refs of git repositories, HEAD among them. One that a job is still to prove is told when it is:
   * nobody else could tell what became of the job.
   */
  public static final RegisteredTable GIT_REFS =
      new RegisteredTable(
          "git_refs",
          List.of(
              text("repo_id"),
              column("name", "bytea"),
              text("target"),
              text("peeled"),
              column("symref", "bytea"),
              column("epoch", "bigint")),
          List.of("repo_id", "name"),
          "git_refs_told",
          List.of("job_id"));

  /** All of them, in the order in which a new site takes them. */
  public static final List<RegisteredTable> TABLES =
      List.of(REPOS, BUNDLES, GIT_PACKS, BRANCHES, GIT_REFS);

  private Travelling() {}

  private static RegisteredTable.Column text(String name) {
    return column(name, "text");
  }

  private static RegisteredTable.Column column(String name, String type) {
    return new RegisteredTable.Column(name, type);
  }

  /**
   * The record of a row, in SQL.
   *
   * @param row what its columns are of
   */
  static String record(RegisteredTable table, String row) {
    return table.record(row + ".");
  }
}
