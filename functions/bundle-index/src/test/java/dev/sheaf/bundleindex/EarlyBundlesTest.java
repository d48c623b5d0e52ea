package dev.sheaf.bundleindex;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sheaf.bundle.history.History;
import dev.sheaf.bundle.history.Ids;
import dev.sheaf.bundle.msgpack.PackedMap;
import dev.sheaf.repository.Repos;
import dev.sheaf.repository.job.Job;
import dev.sheaf.storage.catalog.Statement;
import dev.sheaf.testing.RandomisedTest;
import dev.sheaf.testing.StoreChecker;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** S3 tells of uploads in any order; what builds on what is still to come waits for it. */
class EarlyBundlesTest extends IndexTest {
  private static String tip(TestHistory history) {
    return history.commits().getLast().commitId();
  }

  private static TestHistory history(String text) {
    TestHistory history = new TestHistory();
    return history.head("main", history.commit(text, Map.of("f", text)));
  }

  private static TestHistory after(TestHistory base, String text) {
    TestHistory next = base.next();
    return next.head("main", next.commit(text, Map.of("f", text), tip(base)));
  }

  private List<Job.Status> statuses(String repo) {
    return jobs().list(repo(repo).repoId(), 100).stream().map(Job::status).toList();
  }

  @RandomisedTest(seeds = 5)
  void aChainOfUploadsIsIndexedInWhateverOrderItsEventsCome(long seed) {
    List<TestHistory> chain = new ArrayList<>(List.of(history("0")));
    for (int i = 1; i < 8; i++) {
      chain.add(after(chain.getLast(), Integer.toString(i)));
    }
    List<String> events = new ArrayList<>();
    chain.forEach(history -> events.add(upload("early", history.bundle())));
    Collections.shuffle(events, new Random(seed));

    events.forEach(this::handle);

    assertThat(statuses("early")).hasSize(8).containsOnly(Job.Status.DONE);
    assertThat(heads("early")).isEqualTo(Map.of("main", tip(chain.getLast())));
    assertThat(queue.drain()).isEmpty();
    StoreChecker.requireSound(store, catalog);
  }

  @Test
  void theOneThatCameTooEarlySaysSoUntilItsBaseIsHere() {
    TestHistory base = history("base");
    String early = upload("early", after(base, "next").bundle());
    handle(early);
    assertThat(lastJob("early").status()).isEqualTo(Job.Status.FAILED);
    assertThat(lastJob("early").error()).contains("neither in the bundle nor in the repository");

    handle(upload("early", history("of somebody else's").bundle()));
    handle(early);
    assertThat(statuses("early")).containsExactly(Job.Status.DONE, Job.Status.FAILED);

    handle(upload("early", base.bundle()));
    assertThat(statuses("early")).containsOnly(Job.Status.DONE);
  }

  @Test
  void whatAnotherRepositoryBringsWakesNothing() {
    TestHistory base = history("base");
    handle(upload("early", after(base, "next").bundle()));
    handle(upload("other", base.bundle()));
    assertThat(lastJob("early").status()).isEqualTo(Job.Status.FAILED);
  }

  @Test
  void anObjectThatALaterBundleBringsIsWaitedForToo() {
    TestHistory whole = history("content");
    byte[] manifestOnly =
        TestHistory.bundle(
            new History(
                whole.commits(),
                whole.snapshots(),
                Map.of("main", tip(whole)),
                List.of(),
                PackedMap.EMPTY),
            List.of());
    handle(upload("early", manifestOnly));
    assertThat(lastJob("early").status()).isEqualTo(Job.Status.FAILED);
    assertThat(heads("early")).isEmpty();

    TestHistory other = new TestHistory();
    other.commit("another history with the same content", Map.of("g", "content"));
    handle(upload("early", other.bundle()));
    assertThat(statuses("early")).containsOnly(Job.Status.DONE);
    assertThat(heads("early")).isEqualTo(Map.of("main", tip(whole)));
  }

  @Test
  void aBundleThatWasSentAgainSinceIsNotIndexedTwice() {
    TestHistory base = history("base");
    byte[] next = after(base, "next").bundle();
    handle(upload("early", next));
    clock.advance(Duration.ofSeconds(2));
    handle(upload("early", next));
    assertThat(statuses("early")).containsExactly(Job.Status.FAILED, Job.Status.FAILED);

    handle(upload("early", base.bundle()));
    assertThat(statuses("early"))
        .containsExactly(Job.Status.DONE, Job.Status.DONE, Job.Status.FAILED);
  }

  /** As after a rebuild, whose jobs come beside those of the store's events. */
  @Test
  void whatAPeerToldOfMovesNoBranchAtNoAttempt() {
    TestHistory base = history("base");
    byte[] next = after(base, "next").bundle();
    new Repos(catalog).findOrCreate("alice", "early", "its-id", clock.instant());
    String home = "https://elsewhere.example";
    catalog.execute(Statement.of("update repos set home = :home").text("home", home));
    for (byte[] bundle : List.of(next, base.bundle())) {
      catalog.execute(
          Statement.of(
                  """
                  insert into bundles (repo_id, bundle, size_bytes, state, registered_at)
                  select repo_id, :bundle, 1, 'awaited', now() from repos
                  """)
              .text("bundle", Ids.object(bundle).hex()));
    }
    handle(upload("early", next));
    clock.advance(Duration.ofSeconds(2));
    handle(upload("early", next));

    handle(upload("early", base.bundle()));

    assertThat(statuses("early")).containsOnlyOnce(Job.Status.FAILED).hasSize(3);
    assertThat(jobs().list(repo("early").repoId(), 100))
        .filteredOn(job -> job.status() == Job.Status.FAILED)
        .allMatch(job -> String.valueOf(job.error()).contains("neither in the bundle"));
    assertThat(heads("early")).isEmpty();
  }

  @Test
  void aBranchThatHasMovedOnSinceStaysWhereItIs() {
    TestHistory base = history("base");
    TestHistory early = after(base, "early");
    handle(upload("early", early.bundle()));
    TestHistory other = history("other");
    handle(upload("early", other.bundle()));

    handle(upload("early", base.head("side", tip(base)).bundle()));

    assertThat(statuses("early")).containsOnly(Job.Status.DONE);
    assertThat(heads("early")).containsEntry("main", tip(other));
  }
}
