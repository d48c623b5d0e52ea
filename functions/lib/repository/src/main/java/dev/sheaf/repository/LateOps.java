package dev.sheaf.repository;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sheaf.ops.Action;
import dev.sheaf.ops.Op;
import dev.sheaf.storage.catalog.Catalog;
import dev.sheaf.storage.catalog.Statement;

/** What the catalog knows of ops whose writer has been replaced as the home. */
final class LateOps {
  private final Catalog transaction;

  LateOps(Catalog transaction) {
    this.transaction = transaction;
  }

  /** Whether a ref of this site's own is still to be proven: only then it can say where that is. */
  boolean isUnproven(Op op) {
    if (!op.table().equals(HomeFence.GIT_REFS)) {
      return false;
    }
    return exists(
        Statement.of(
                """
                select exists (
                  select 1 from jsonb_to_recordset(:records::jsonb) as l (repo_id text, name text)
                    join git_refs r on r.repo_id = l.repo_id and r.name = decode(l.name, 'hex')
                  where r.job_id is not null) as it
                """)
            .text("records", op.data().toString()));
  }

  /** What was applied before the home changed and seen by the next, or has its answer already. */
  boolean wasAnswered(Op op) {
    return exists(
        Statement.of(
                """
                select exists (select 1 from ops where ulid = :ulid)
                  and not exists (select 1 from failed_ops where ulid = :ulid) as it
                """)
            .text("ulid", op.ulid().text()));
  }

  /** Whether each head, or one that its writer put in its place, is under its new name here. */
  boolean isKeptByItsHome(Op op) {
    for (JsonNode record : op.data()) {
      String name = keptName(op, record);
      boolean isDone =
          op.action().equals(Action.DELETE.text())
              || GitRecords.isHead(op, record)
              || isSuperseded(op, record)
              || exists(kept(op, record, name));
      if (!isDone) {
        return false;
      }
    }
    return true;
  }

  static String keptName(Op op, JsonNode record) {
    String name = HomeFence.text(record, "name");
    return op.table().equals(HomeFence.GIT_REFS)
        ? GitRecords.isHead(op, record) ? name : TakenOver.gitName(name, HomeFence.epoch(record))
        : TakenOver.name(name, HomeFence.epoch(record));
  }

  private static Statement kept(Op op, JsonNode record, String name) {
    boolean isGit = op.table().equals(HomeFence.GIT_REFS);
    return Statement.of(
            """
            select exists (
              select 1 from %s
              where repo_id = :repo and name = %s and %s = :head)
              or exists (
                select 1 from tombstones t where t."table" = :table
                  and t.key = jsonb_build_array(:repo::text, :kept::text)::text) as it
            """
                .formatted(
                    isGit ? "git_refs" : "branches",
                    isGit ? "decode(:kept, 'hex')" : ":kept",
                    isGit ? "target" : "head_commit_id"))
        .text("repo", HomeFence.text(record, "repo_id"))
        .text("kept", name)
        .text("head", HomeFence.text(record, isGit ? "target" : "head_commit_id"))
        .text("table", op.table());
  }

  /**
   * Whether the same writer, which the epoch tells, moved the same ref once more: what came of that
   * stands for both. A snapshot's records do not say who wrote them.
   */
  boolean isSuperseded(Op op, JsonNode record) {
    return exists(
        Statement.of(
                """
                select exists (
                  select 1 from ops where ulid > :ulid and "table" = :table
                    and data @> jsonb_build_array(jsonb_build_object(
                      'repo_id', :repo::text, 'name', :name::text, 'epoch', :epoch::bigint)))
                  as it
                """)
            .text("ulid", op.ulid().text())
            .text("table", op.table())
            .text("repo", HomeFence.text(record, "repo_id"))
            .text("name", HomeFence.text(record, "name"))
            .number("epoch", HomeFence.epoch(record).value()));
  }

  private boolean exists(Statement statement) {
    return transaction.execute(statement).first().orElseThrow().flag("it");
  }
}
