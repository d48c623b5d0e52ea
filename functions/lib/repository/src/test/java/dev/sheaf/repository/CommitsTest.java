package dev.sheaf.repository;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sheaf.bundle.history.Commit;
import dev.sheaf.bundle.history.GitRefs;
import dev.sheaf.bundle.msgpack.PackedMap;
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
    assertThat(bundles.plan(repo.repoId(), List.of("b"), List.of(), null, 10).bundles())
        .containsExactly(stored(first, true), stored(second, false));
    assertThat(bundles.plan(repo.repoId(), List.of("b"), List.of("a"), null, 10).bundles())
        .containsExactly(stored(second, false));
    assertThat(bundles.plan(repo.repoId(), List.of("a"), List.of("b"), null, 10).bundles())
        .isEmpty();
    byte[] unread = new TestPush().commit("c", "b").bundle();
    pushes().readLater(expecting(unread, Map.of("main", "c"), Map.of("main", "b")));
    assertThat(bundles.plan(repo.repoId(), List.of("c"), List.of("b"), null, 10).bundles())
        .containsExactly(
            stored(first, true), stored(side, true), stored(second, false), stored(unread, false));
  }

  private static Bundles.Stored stored(byte[] bundle, boolean indexed) {
    return new Bundles.Stored(dev.sheaf.bundle.history.Ids.object(bundle), bundle.length, indexed);
  }

  @Test
  void readsGitRefsWithWideTags() throws IOException {
    byte[] wide = new byte[100_000];
    wide[99_999] = 7;
    GitRefs refs =
        new GitRefs(
            "refs/heads/trunk",
            Map.of(
                "refs/heads/trunk", new GitRefs.GitRef("1".repeat(40), "a", List.of()),
                "refs/heads/other", new GitRefs.GitRef("2".repeat(40), "a", List.of()),
                "refs/tags/light", new GitRefs.GitRef("1".repeat(40), "a", List.of()),
                "refs/tags/wide",
                    new GitRefs.GitRef("3".repeat(40), "a", List.of(wide, new byte[] {1}))));
    push(new TestPush().commit("a").head("other", "a").head("trunk", "a").git(refs));

    Repo present = new Repos(catalog).byId(repo.repoId()).orElseThrow();
    assertThat(present.defaultBranch()).isEqualTo("trunk");
    GitRefs git = new Refs(catalog).page(present.repoId(), null).git();
    assertThat(git).isNotNull();
    if (git != null) {
      assertThat(git.head()).isEqualTo("refs/heads/trunk");
      assertThat(git.refs()).containsOnlyKeys(refs.refs().keySet());
      GitRefs.GitRef tag = git.refs().get("refs/tags/wide");
      assertThat(tag == null ? List.of() : tag.tags()).hasSize(2).first().isEqualTo(wide);
    }

    // A branch that moved on without git has no git id any more.
    push(new TestPush().commit("b", "a").head("other", "b"));
    GitRefs later = new Refs(catalog).page(present.repoId(), null).git();
    assertThat(later == null ? Map.of() : later.refs())
        .containsOnlyKeys("refs/heads/trunk", "refs/tags/light", "refs/tags/wide");
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
    assertThat(new Refs(catalog).page(repo.repoId(), null).git()).isNull();
  }
}
