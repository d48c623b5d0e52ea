package dev.sheaf.repository;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sheaf.ops.Fence;
import dev.sheaf.ops.Op;
import dev.sheaf.ops.Ulid;
import dev.sheaf.storage.catalog.Statement;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

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

  private Repo repo(String home, String seen) {
    Repo repo = newRepo();
    catalog.execute(
        Statement.of(
                """
                update repos set home = :home, epoch = 1, seen = :seen::jsonb where repo_id = :repo
                """)
            .text("home", home)
            .text("seen", seen)
            .text("repo", repo.repoId()));
    return repo;
  }

  private static Op op(String host, String action, String table, Repo repo, String field) {
    ObjectNode record =
        OwnRow.JSON.createObjectNode().put("repo_id", repo.repoId()).put("epoch", 1);
    record.put(field, "a".repeat(64)).put("size_bytes", 1).put("objects", 1);
    return new Op(
        new Ulid("01KB0000000000000000000000"),
        host,
        action,
        table,
        OwnRow.JSON.createArrayNode().add(record),
        false);
  }

  private Fence.Verdict judge(Op op, Fence.Source source) {
    return catalog.transaction(transaction ->
        new HomeFence(SELF, Travelling.TABLES).judge(transaction, List.of(op), source));
  }

  /** What was pushed to somebody's repository is not for everybody to tell. */
  @ParameterizedTest
  @CsvSource({"bundles, bundle", "git_packs, pack"})
  void whatPushesBroughtIsToldByHomesOnly(String table, String field) {
    Repo repo = repo(NEXT, "{\"0\": {\"" + OLD + "\": \"01KA0000000000000000000000\"}}");
    for (String host : List.of(NEXT, OLD)) {
      Op op = op(host, "create", table, repo, field);
      assertThat(judge(op, Fence.Source.LOG).admitted()).as(host).containsExactly(op);
    }
    for (String action : List.of("create", "update")) {
      Op op = op("https://stranger.example", action, table, repo, field);
      assertThat(judge(op, Fence.Source.LOG).admitted()).as(action).isEmpty();
      assertThat(judge(op, Fence.Source.LOG).refused()).as(action).hasSize(1);
    }
    Op removal = op(NEXT, "delete", table, repo, field);
    assertThat(judge(removal, Fence.Source.LOG).refused()).as("by anybody").hasSize(1);
  }

  /** A peer's snapshot has no say at the home, whatever its ulids. */
  @ParameterizedTest
  @ValueSource(strings = {"create", "delete"})
  void aHomeKnowsBetterThanSnapshots(String action) {
    Op op = op(NEXT, action, "branches", repo(SELF, "{}"), "name");
    Fence.Verdict verdict = judge(op, Fence.Source.SNAPSHOT);
    assertThat(verdict.admitted()).isEmpty();
    assertThat(verdict.refused()).isEmpty();
    assertThat(verdict.answers()).isEmpty();
    Op elsewhere = op(NEXT, action, "branches", repo(OLD, "{}"), "name");
    assertThat(judge(elsewhere, Fence.Source.SNAPSHOT).admitted()).containsExactly(elsewhere);
  }
}
