package dev.sheaf.api;

import static dev.sheaf.api.GitClient.update;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sheaf.bundle.ContentId;
import dev.sheaf.storage.counting.RequestCounts;
import dev.sheaf.storage.counting.RequestKind;
import dev.sheaf.testing.TestGit;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a push of git refs costs, whatever their number. */
class GitPushBudgetTest {
  private static ApiSite site;

  @TempDir Path temp;

  @BeforeAll
  static void start() {
    site = ApiSite.start();
  }

  @Test
  void fortyThousandTagsTakeABoundedNumberOfStatements() {
    GitClient client = GitClient.of(site, "many/tags");
    TestGit git = TestGit.init(temp.resolve("a"));
    String first = git.commit("a.txt", "one");
    ContentId bundle = client.client().upload(git.bundle("main"));
    List<Map<String, @Nullable Object>> all = new ArrayList<>();
    all.add(update("refs/heads/main", first));
    for (int i = 1; i < 40_000; i++) {
      all.add(update("refs/tags/build/nightly-2024-" + i, first));
    }
    // What fits into a request at a time; the first brings the bundle.
    for (int from = 0; from < all.size(); from += 20_000) {
      List<Map<String, @Nullable Object>> slice =
          all.subList(from, Math.min(all.size(), from + 20_000));
      RequestCounts counts = site.countAgain();
      Answer pushed = client.announce(from == 0 ? bundle : null, slice, Map.of()).expect(200);
      assertThat(pushed.document()).containsEntry("ok", true);
      assertThat(counts.count(RequestKind.CATALOG_STATEMENT)).isLessThanOrEqualTo(40);
    }
    assertThat(client.refs()).hasSize(40_000);
    RequestCounts counts = site.countAgain();
    String second = git.commit("a.txt", "two");
    client
        .push(git.bundle("main", "^" + first), update("refs/heads/main", first, second))
        .expect(200);
    assertThat(counts.count(RequestKind.CATALOG_STATEMENT)).isLessThanOrEqualTo(36);
  }

  @Test
  void aPushOfRefsCostsABoundedNumberOfRequests() {
    GitClient client = GitClient.of(site, "budget/repo");
    TestGit git = TestGit.init(temp.resolve("a"));
    String first = git.commit("a.txt", "one");
    client.push(git.bundle("main"), update("refs/heads/main", first)).expect(200);
    String second = git.commit("a.txt", "two");
    ContentId bundle = client.client().upload(git.bundle("main", "^" + first));
    RequestCounts counts = site.countAgain();
    client
        .announce(bundle, List.of(update("refs/heads/main", first, second)), Map.of())
        .expect(200);
    // The bundle, and of its base an index and a block.
    assertThat(counts.count(RequestKind.S3_GET)).isLessThanOrEqualTo(3);
    assertThat(counts.count(RequestKind.S3_HEAD)).isEqualTo(1);
    assertThat(counts.count(RequestKind.S3_PUT)).isEqualTo(3);
    assertThat(counts.count(RequestKind.S3_LIST)).isZero();
    assertThat(counts.count(RequestKind.CATALOG_STATEMENT)).isLessThanOrEqualTo(20);
  }
}
