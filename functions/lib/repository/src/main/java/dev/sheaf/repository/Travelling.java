package dev.sheaf.repository;

import dev.sheaf.ops.RegisteredTable;
import java.util.List;

/**
 * The tables whose records travel between sites, what cannot be derived from bundles: the rest each
 * site makes of the bundles, by the intake that makes it of every other.
 *
 * <p>A bundle that a peer told of is {@code awaited} until its bytes are here. Its upload makes a
 * job that moves no branch, since branches travel as records, and that appends no op.
 */
public final class Travelling {
  /** Repositories; a name may be theirs at several sites, see {@link Repos}. */
  public static final RegisteredTable REPOS =
      new RegisteredTable(
          "repos",
          List.of(
              text("repo_id"),
              text("owner"),
              text("name"),
              column("public", "boolean"),
              text("default_branch"),
              text("kind"),
              text("home"),
              column("epoch", "bigint"),
              text("made_at"),
              column("created_at", "timestamptz")),
          List.of("repo_id"));

  /** Bundles that were pushed and proven. */
  public static final RegisteredTable BUNDLES =
      new RegisteredTable(
          "bundles",
          List.of(
              text("repo_id"),
              text("bundle"),
              column("size_bytes", "bigint"),
              column("ordinal", "bigint")),
          List.of("repo_id", "bundle"));

  /** Heads of branches. */
  public static final RegisteredTable BRANCHES =
      new RegisteredTable(
          "branches",
          List.of(text("repo_id"), text("name"), text("head_commit_id"), column("epoch", "bigint")),
          List.of("repo_id", "name"));

  /** All of them, in the order in which a new site takes them. */
  public static final List<RegisteredTable> TABLES = List.of(REPOS, BUNDLES, BRANCHES);

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
    StringBuilder record = new StringBuilder("jsonb_build_object(");
    for (RegisteredTable.Column column : table.columns()) {
      record
          .append(record.charAt(record.length() - 1) == '(' ? "" : ", ")
          .append("'%1$s', %2$s.\"%1$s\"".formatted(column.name(), row));
    }
    return record.append(')').toString();
  }
}
