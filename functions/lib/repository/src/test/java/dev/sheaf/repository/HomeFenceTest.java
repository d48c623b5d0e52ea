package dev.sheaf.repository;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sheaf.ops.Fence;
import dev.sheaf.ops.Op;
import dev.sheaf.ops.Ulid;
import dev.sheaf.storage.catalog.Statement;
import java.util.List;
import org.junit.jupiter.api.Test;

class HomeFenceTest extends CatalogTest {
  private static final String OLD = "https://old.example";
  private static final String NEXT = "https://next.example";

  /** More than a statement reads, and more than a result may hold. */
  private static final int PUSHES = 2_500;

  private static final int BRANCHES_A_PUSH = 8;

  /** A third site heard of all of them, and then of a home that had heard of none. */
  @Test
  void allThatTheOldHomeWroteUnseenIsKept() {
    Repo repo = newRepo();
    catalog.execute(
        Statement.of("update repos set home = :home, epoch = 1 where repo_id = :repo")
            .text("home", OLD)
            .text("repo", repo.repoId()));
    catalog.execute(
        Statement.of(
                """
                insert into ops (position, ulid, host, action, "table", data)
                select ulid, ulid, :home, 'update', 'branches', jsonb_agg(
                  jsonb_build_object('repo_id', :repo::text, 'epoch', 1, 'name', 'branch-' || b,
                    'head_commit_id', 'commit-' || n))
                from generate_series(1, :pushes) n, generate_series(1, :branches) b,
                  lateral (select '01' || lpad(n::text, 24, '0') as ulid) u
                group by ulid
                """)
            .text("home", OLD)
            .text("repo", repo.repoId())
            .number("pushes", PUSHES)
            .number("branches", BRANCHES_A_PUSH));
    ObjectNode record =
        OwnRow.JSON
            .createObjectNode()
            .put("repo_id", repo.repoId())
            .put("owner", "owner")
            .put("name", repo.repoId())
            .put("home", NEXT)
            .put("epoch", 2);
    record.putObject(HomeFence.SEEN);
    Ulid ulid = new Ulid("01KB0000000000000000000000");
    Op takeOver =
        new Op(
            ulid,
            NEXT,
            "update",
            HomeFence.REPOS,
            OwnRow.JSON.createArrayNode().add(record),
            false);

    Fence.Verdict verdict =
        catalog.transaction(transaction ->
            new HomeFence(SELF, Travelling.TABLES)
                .judge(transaction, List.of(takeOver), Fence.Source.LOG));
    assertThat(verdict.admitted()).containsExactly(takeOver);
    assertThat(verdict.refused())
        .hasSize(PUSHES)
        .allSatisfy(refusal -> assertThat(refusal.op().data()).hasSize(BRANCHES_A_PUSH));
  }
}
