package dev.sheaf.repository.history;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sheaf.bundle.history.Commit;
import dev.sheaf.bundle.msgpack.PackedMap;
import dev.sheaf.repository.BranchMoves;
import dev.sheaf.repository.PushTest;
import dev.sheaf.repository.Repos;
import dev.sheaf.repository.SiteLog;
import dev.sheaf.repository.TestPush;
import dev.sheaf.repository.intake.IncomingHistory;
import dev.sheaf.repository.job.Jobs;
import dev.sheaf.storage.catalog.Rows;
import dev.sheaf.storage.catalog.Statement;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Reading histories: commits, refs, bundles. */
class CommitsTest extends PushTest {
  @Test
  void f13WideCommitsAreGivenBackWhole() throws IOException {
    Map<String, Object> deep = Map.of("value", "x".repeat(500_000));
    for (int i = 0; i < 40; i++) {
      deep = Map.of("nested", deep);
    }
    Commit wide =
        new Commit(
            "wide",
            null,
            "first line\n" + "long \"quoted\" \\ line\n".repeat(15_000),
            "2026-01-01T00:00:00.000000+02:00",
            List.of(),
            "Åuthor",
            "main",
            PackedMap.of(Map.of("structured_delta", deep, "unknown key", List.of(1L, 2L))));
    Commit small =
        new Commit("small", null, "", "no time", List.of("wide"), "", "", PackedMap.EMPTY);
    write(wide, small);

    assertThat(new Commits(catalog).find(repo.repoId(), "wide").orElseThrow()).isEqualTo(wide);
    List<Commit> all = new ArrayList<>();
    CommitSet set = new Ancestry(catalog).missing(repo.repoId(), List.of("small"), List.of());
    new Commits(catalog).read(repo.repoId(), set, all::add);
    assertThat(all).containsExactly(wide, small);

    Rows.Row row = row("wide");
    assertThat(row.text("subject")).isEqualTo("first line");
    assertThat(row.text("author")).isEqualTo("Åuthor");
    assertThat(row.text("committed_at")).startsWith("2025-12-31 22:00:00");
    assertThat(row("small").textOrNull("committed_at")).isNull();
  }

  private Rows.Row row(String commit) {
    return catalog
        .execute(
            Statement.of(
                    "select subject, author, committed_at::text as committed_at from commits"
                        + " where repo_id = :repo and commit_id = :id")
                .text("repo", repo.repoId())
                .text("id", commit))
        .first()
        .orElseThrow();
  }

  private void write(Commit... commits) {
    jobs()
        .uploaded(repo.repoId(), new Jobs.Upload(id("bundle"), 1, "1"), java.util.Optional::empty);
    IncomingHistory ingest =
        IncomingHistory.of(
            repo.repoId(),
            dev.sheaf.bundle.history.History.of(List.of(commits), List.of(), Map.of()));
    BranchMoves.transaction(
        catalog,
        repo.repoId(),
        SiteLog.OFF,
        moves -> {
          ingest.writeCommits(moves, id("bundle"), NOW);
          return true;
        });
  }

  @Test
  void namesEachSnapshotOnce() throws IOException {
    push(new TestPush().commit("a").commit("b", "a").head("main", "b"));
    CommitSet all = new Ancestry(catalog).missing(repo.repoId(), List.of("b"), List.of());
    assertThat(new Commits(catalog).snapshots(repo.repoId(), all)).containsExactly("s-a", "s-b");
    assertThat(new Commits(catalog).find(repo.repoId(), "nobody")).isEmpty();
  }

  @Test
  void plansTheBundlesThatBroughtWhatIsWanted() throws IOException {
    byte[] first = new TestPush().commit("a").bundle();
    byte[] side = new TestPush().commit("x", "a").bundle();
    byte[] second = new TestPush().commit("b", "a").bundle();
    readNow(request(first, Map.of("main", "a")), first);
    finishJob();
    readNow(request(side, Map.of("side", "x")), side);
    finishJob();
    readNow(request(second, Map.of("main", "b")), second);

    Bundles bundles = new Bundles(catalog);
    assertThat(bundles.plan(repo.repoId(), List.of("b"), List.of(), null, 10, true).bundles())
        .containsExactly(stored(first, true), stored(second, false));
    assertThat(bundles.plan(repo.repoId(), List.of("b"), List.of("a"), null, 10, true).bundles())
        .containsExactly(stored(second, false));
    assertThat(bundles.plan(repo.repoId(), List.of("a"), List.of("b"), null, 10, true).bundles())
        .isEmpty();
    byte[] unread = new TestPush().commit("c", "b").bundle();
    pushes().readLater(expecting(unread, Map.of("main", "c"), Map.of("main", "b")));
    assertThat(bundles.plan(repo.repoId(), List.of("c"), List.of("b"), null, 10, true).bundles())
        .containsExactly(
            stored(first, true), stored(side, true), stored(second, false), stored(unread, false));
  }

  private static Bundles.Stored stored(byte[] bundle, boolean indexed) {
    return new Bundles.Stored(
        dev.sheaf.bundle.history.Ids.object(bundle), bundle.length, indexed, false);
  }

  @Test
  void theFirstPushDecidesTheDefaultBranch() throws IOException {
    push(new TestPush().commit("a").head("zoo", "a").head("main", "a").head("alpha", "a"));
    assertThat(new Repos(catalog).byId(repo.repoId()).orElseThrow().defaultBranch())
        .isEqualTo("main");
    createRepo();
    push(new TestPush().commit("a").head("zoo", "a").head("alpha", "a"));
    push(new TestPush().head("main", "a"));
    assertThat(new Repos(catalog).byId(repo.repoId()).orElseThrow().defaultBranch())
        .isEqualTo("alpha");
  }
}
