package dev.sheaf.repair;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sheaf.bundle.BytesContent;
import dev.sheaf.bundle.Content;
import dev.sheaf.bundle.ContentId;
import dev.sheaf.bundle.ObjectKeys;
import dev.sheaf.repository.Repo;
import dev.sheaf.repository.history.ObjectRows;
import dev.sheaf.storage.ObjectStore;
import dev.sheaf.storage.catalog.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What is lost comes back out of the site's own bundles. */
class RecoveryTest extends SiteTest {
  @Test
  void aCycleWithNothingToDoChangesNothing() {
    Repo repo = repo("r");
    push(repo, "a", "b", "c");
    runCleanup(); // notes the bundle's ETag, once in its life
    List<String> before = bucket.keys();
    for (int i = 0; i < 8; i++) {
      RepairTracker tracker = run();
      assertThat(requests.asMap().keySet())
          .as("cycle %d", i)
          .allMatch(kind -> kind.equals("s3_list") || kind.startsWith("catalog_"));
      // A cleanup also looks for what is written down of repositories.
      assertThat(requests.asMap())
          .containsEntry("s3_list", tracker.isCleanup() ? 5L : 4L)
          .containsEntry("catalog_statement", tracker.isCleanup() ? 15L : 12L);
      assertThat(count(tracker, Counter.ALREADY_HAVE)).isEqualTo(4);
      assertThat(count(tracker, Counter.PRESENCE_INDEX_HIT)).isEqualTo(4);
      assertThat(count(tracker, Counter.PRESENCE_INDEX_MISS)).isZero();
      assertThat(count(tracker, Counter.PRESENCE_INDEX_ENTRIES)).isEqualTo(4);
    }
    assertThat(bucket.keys()).isEqualTo(before);
    requireSound();
  }

  @Test
  void lostObjectsAreReMadeFromTheirBundle() {
    Repo repo = repo("r");
    push(repo, "a", "b", "c");
    runCleanup();
    lose("a", "c");
    RepairTracker tracker = runCleanup();
    assertThat(count(tracker, Counter.REMADE_FROM_BUNDLE)).isEqualTo(2);
    assertThat(count(tracker, Counter.PRESENCE_INDEX_MISS)).isEqualTo(2);
    assertThat(requests.asMap())
        .as("HEADs of the sample, then of the misses; the bundle; the objects")
        .containsEntry("s3_head", 4L)
        .containsEntry("s3_get", 1L)
        .containsEntry("s3_put", 2L)
        .containsEntry("s3_list", 5L)
        .doesNotContainKey("s3_delete");
    assertThat(lost()).isEmpty();
    requireSound();
    assertThat(count(runNormal(), Counter.ALREADY_HAVE)).isEqualTo(4);
  }

  @Test
  void aWholePrefixComesBackAndEveryBundleIsReadOnce() {
    options = options.withBatch(10);
    Repo repo = repo("r");
    for (int bundle = 0; bundle < 5; bundle++) {
      int from = 20 * bundle;
      push(repo, IntStream.range(from, from + 20).mapToObj(i -> "o" + i).toArray(String[]::new));
      clock.advance(Duration.ofMinutes(10));
    }
    runCleanup();
    bucket.delete(bucket.keys().stream().filter(key -> key.startsWith("objects/")).toList());
    runCleanup();
    assertThat(requests.asMap()).containsEntry("s3_get", 5L).containsEntry("s3_put", 100L);
    requireSound();
  }

  @Test
  void anObjectIsFoundInWhicheverRepositoryHasItsBundle() {
    Repo first = repo("first");
    Repo second = repo("second");
    push(first, "shared", "x");
    ContentId bundle = push(second, "shared", "y");
    assertThat(bundle).isNotNull();
    bucket.delete(bucket.keys().stream().filter(key -> key.contains("/first/")).toList());
    catalog.execute(Statement.of("delete from bundles where repo_id = 'repo-first'"));
    lose("shared");
    run();
    assertThat(has("shared")).isTrue();
    requireSound();
  }

  @Test
  void anotherBundleIsTakenForOneThatIsBroken() {
    Repo repo = repo("r");
    ContentId broken = push(repo, "a", "b");
    clock.advance(Duration.ofMinutes(1));
    push(repo, "a", "c");
    bucket.plant(bundleKey(repo, broken), text("garbage"));
    lose("a");
    RepairTracker tracker = runNormal();
    assertThat(has("a")).isTrue();
    assertThat(count(tracker, Counter.READ_BLOB_FAIL)).isEqualTo(1);
  }

  /** Objects of a repository's small pushes stay in the catalog until a job stores them. */
  @Test
  void whatTheCatalogHoldsIsNotMissed() {
    Repo repo = repo("r");
    ObjectRows.Cached small =
        new ObjectRows.Cached(id("small"), (BytesContent) Content.of(text("small")));
    new ObjectRows(catalog).putCached(repo.repoId(), List.of(small), clock.instant());
    RepairTracker tracker = run();
    assertThat(count(tracker, Counter.TOTAL_CHECKED)).isZero();
  }

  @Test
  void packsThatAreGoneAreForgotten() {
    Repo repo = repo("r");
    String pack = "ab".repeat(32);
    catalog.execute(
        Statement.of(
                """
                insert into packs (repo_id, request, pack, size_bytes, created_at)
                values (:repo, 'request', :pack, 5, :now::timestamptz)
                """)
            .text("repo", repo.repoId())
            .text("pack", pack)
            .text("now", clock.instant().toString()));
    RepairTracker tracker = run();
    assertThat(count(tracker, Counter.PACKS_FORGOTTEN)).isEqualTo(1);
    assertThat(catalog.execute(Statement.of("select 1::bigint as n from packs")).size()).isZero();
    assertThat(lost()).isEmpty();
  }

  /** Clones get its bundles again, and the next merge makes it anew. */
  @Test
  void aMergedBundleThatIsGoneIsDissolved() {
    Repo repo = repo("r");
    push(repo, "a");
    String merged = "ab".repeat(32);
    catalog.execute(
        Statement.of(
                """
                with named as (update bundles set merged_into = :merged)
                insert into merged_bundles (repo_id, merged, size_bytes, bundles, created_at)
                values (:repo, :merged, 5, 1, :now::timestamptz)
                """)
            .text("repo", repo.repoId())
            .text("merged", merged)
            .text("now", clock.instant().toString()));
    assertThat(count(runNormal(), Counter.MERGES_MENDED)).isZero();
    catalog.execute(Statement.of("update repair_trackers set cursor_i = 4"));
    List<String> steps = new ArrayList<>();
    cycle().plan(steps::add);
    assertThat(steps).contains("mend      merged/owner/r/" + merged + ": it is not there");
    assertThat(count(runCleanup(), Counter.MERGES_MENDED)).isEqualTo(1);
    assertThat(
            catalog
                .execute(Statement.of("select merged_into from bundles"))
                .first()
                .orElseThrow()
                .textOrNull("merged_into"))
        .isNull();
    assertThat(count(runCleanup(), Counter.MERGES_MENDED)).isZero();
  }

  @Test
  void bundlesMayExpire() {
    Repo repo = repo("r");
    ContentId bundle = push(repo, "a");
    clock.advance(Duration.ofDays(40));
    bucket.delete(List.of(bundleKey(repo, bundle)));
    options = options.withBundlesExpireAfter(Duration.ofDays(30));
    run();
    assertThat(lost()).isEmpty();
    options = options.withBundlesExpireAfter(Duration.ofDays(60));
    run();
    assertThat(lost()).extracting(LossLedger.Entry::kind).containsExactly("bundle");
  }

  @Test
  void contentSizeIsWhatWasFound() {
    push(repo("r"), "a", "bb", "ccc");
    RepairTracker tracker = run();
    long bundle = bundle("a", "bb", "ccc").length;
    assertThat(tracker.contentSize()).isEqualTo(bundle + 6);
    assertThat(Map.copyOf(tracker.counters().asMap()))
        .containsEntry("total_checked", 4L)
        .containsEntry("already_have", 4L);
  }

  /** Bundles, prepared answers and objects: none of the three costs a HEAD. */
  @Test
  void indexUsedInAllThreeLoopsInNormalCycle() {
    Repo repo = repo("r");
    push(repo, "a", "b");
    ContentId pack = id("a prepared answer");
    bucket.put(
        ObjectKeys.pack(pack),
        Content.of(text("a prepared answer")),
        pack,
        ObjectStore.Condition.ALWAYS,
        "x/y");
    catalog.execute(
        Statement.of(
                """
                insert into packs (repo_id, request, pack, size_bytes, created_at)
                values (:repo, 'request', :pack, 17, :now::timestamptz)
                """)
            .text("repo", repo.repoId())
            .text("pack", pack.hex())
            .text("now", clock.instant().toString()));
    runCleanup();
    RepairTracker tracker = runNormal();
    assertThat(count(tracker, Counter.TOTAL_CHECKED)).isEqualTo(4);
    assertThat(count(tracker, Counter.ALREADY_HAVE)).isEqualTo(4);
    assertThat(count(tracker, Counter.PRESENCE_INDEX_HIT)).isEqualTo(4);
    assertThat(count(tracker, Counter.PACKS_FORGOTTEN)).isZero();
    assertThat(requests.asMap()).doesNotContainKeys("s3_head", "s3_get", "s3_put", "s3_delete");
  }

  @Test
  void dedupedIsWhatCameBackWithAnother() {
    options = options.withBatch(1);
    push(repo("r"), "a", "b", "c");
    runCleanup();
    lose("a", "b", "c");
    RepairTracker tracker = runNormal();
    assertThat(count(tracker, Counter.REMADE_FROM_BUNDLE)).isEqualTo(3);
    assertThat(count(tracker, Counter.REPAIR_DEDUPED)).isEqualTo(2);
  }
}
