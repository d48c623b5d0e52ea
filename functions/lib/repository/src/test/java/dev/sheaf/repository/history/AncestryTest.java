package dev.sheaf.repository.history;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sheaf.bundle.history.Commit;
import dev.sheaf.bundle.history.History;
import dev.sheaf.repository.BranchMoves;
import dev.sheaf.repository.CatalogTest;
import dev.sheaf.repository.Repo;
import dev.sheaf.repository.SiteLog;
import dev.sheaf.repository.intake.IncomingHistory;
import dev.sheaf.repository.job.Jobs;
import dev.sheaf.testing.RandomisedTest;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class AncestryTest extends CatalogTest {
  private Ancestry ancestry() {
    return new Ancestry(catalog);
  }

  @Test
  void findsWhatIsMissing() throws Exception {
    Repo repo = newRepo();
    write(repo, List.of(commit("a"), commit("b", "a"), commit("c", "a"), commit("d", "b", "c")));

    assertThat(ids(repo, ancestry().missing(repo.repoId(), List.of("d"), List.of("b"))))
        .containsExactly("c", "d");
    assertThat(ancestry().missing(repo.repoId(), List.of("b"), List.of("d")).isEmpty()).isTrue();
    assertThat(ancestry().missing(repo.repoId(), List.of("nobody"), List.of()).isEmpty()).isTrue();
    assertThat(ids(repo, ancestry().newest(repo.repoId(), List.of("d"), 2)))
        .containsExactly("c", "d");
    assertThat(ancestry().reaches(repo.repoId(), List.of("d"), "a")).isTrue();
    assertThat(ancestry().reaches(repo.repoId(), List.of("b"), "c")).isFalse();
    assertThat(ancestry().reaches(repo.repoId(), List.of("b"), "b")).isTrue();
    assertThat(ancestry().reaches(repo.repoId(), List.of("b"), "nobody")).isFalse();
  }

  @RandomisedTest(seeds = 3)
  void agreesWithTheDefinitionOnAnyHistory(long seed) throws Exception {
    Repo repo = newRepo();
    Random random = new Random(seed);
    List<Commit> commits = new ArrayList<>();
    for (int i = 0; i < 3_000; i++) {
      Set<String> parents = new TreeSet<>();
      for (int p = 0; i > 0 && p < random.nextInt(3); p++) {
        parents.add("c" + (i - 1 - random.nextInt(Math.min(i, 20))));
      }
      commits.add(commit("c" + i, parents.toArray(String[]::new)));
    }
    write(repo, commits);
    Map<String, Commit> byId =
        commits.stream().collect(Collectors.toMap(Commit::commitId, commit -> commit));
    for (int round = 0; round < 5; round++) {
      List<String> want = List.of("c" + random.nextInt(3_000), "c" + random.nextInt(3_000));
      List<String> have = List.of("c" + random.nextInt(3_000), "c" + random.nextInt(3_000));
      Set<String> expected = ancestors(byId, want);
      expected.removeAll(ancestors(byId, have));
      assertThat(ids(repo, ancestry().missing(repo.repoId(), want, have)))
          .containsExactlyInAnyOrderElementsOf(expected);
      assertThat(ancestry().reaches(repo.repoId(), want, have.getFirst()))
          .isEqualTo(ancestors(byId, want).contains(have.getFirst()));
    }
  }

  private static Set<String> ancestors(Map<String, Commit> commits, List<String> from) {
    Set<String> reached = new TreeSet<>(from);
    List<String> open = new ArrayList<>(reached);
    while (!open.isEmpty()) {
      Commit commit = commits.get(open.removeLast());
      if (commit != null) {
        commit.parentIds().stream().filter(reached::add).forEach(open::add);
      }
    }
    return reached;
  }

  private List<String> ids(Repo repo, CommitSet commits) {
    List<String> ids = new ArrayList<>();
    new Commits(catalog).read(repo.repoId(), commits, commit -> ids.add(commit.commitId()));
    return ids;
  }

  private static Commit commit(String id, String... parents) {
    return new Commit(
        id,
        null,
        "message of " + id,
        "2026-01-01T00:00:00+02:00",
        List.of(parents),
        "",
        "",
        dev.sheaf.bundle.msgpack.PackedMap.EMPTY);
  }

  private void write(Repo repo, List<Commit> commits) throws Exception {
    jobs()
        .uploaded(repo.repoId(), new Jobs.Upload(id("bundle"), 1, "1"), java.util.Optional::empty);
    IncomingHistory ingest =
        IncomingHistory.of(repo.repoId(), History.of(commits, List.of(), Map.of()));
    BranchMoves.transaction(
        catalog,
        repo.repoId(),
        SiteLog.OFF,
        moves -> {
          ingest.writeCommits(moves, id("bundle"), NOW);
          return true;
        });
  }
}
