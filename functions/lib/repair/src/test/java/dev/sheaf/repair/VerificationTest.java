package dev.sheaf.repair;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sheaf.bundle.Content;
import dev.sheaf.bundle.ContentId;
import dev.sheaf.bundle.ObjectKeys;
import dev.sheaf.repair.peer.Peers;
import dev.sheaf.repair.presence.LyingStore;
import dev.sheaf.repository.Repo;
import dev.sheaf.storage.ObjectStore;
import dev.sheaf.storage.ObjectStore.Condition;
import dev.sheaf.storage.catalog.Statement;
import dev.sheaf.storage.counting.RequestKind;
import dev.sheaf.testing.Faults;
import dev.sheaf.testing.FaultyObjectStore;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Cleanups look closely at what is there. */
class VerificationTest extends SiteTest {
  @Test
  void cleanupDeletesBlobWhoseHashDiffersAndReMakesIt() {
    push(repo("r"), "a", "b");
    runCleanup();
    corrupt("a");
    RepairTracker tracker = runCleanup();
    assertThat(count(tracker, Counter.DELETE_INVALID_NEEDED)).isEqualTo(1);
    assertThat(count(tracker, Counter.DELETE_INVALID_SUCCESS)).isEqualTo(1);
    assertThat(count(tracker, Counter.REMADE_FROM_BUNDLE)).isEqualTo(1);
    assertThat(requests.asMap())
        .as("the false object twice, the bundle; the delete; the copy and the object")
        .containsEntry("s3_get", 3L)
        .containsEntry("s3_delete", 1L)
        .containsEntry("s3_put", 2L)
        .doesNotContainKey("s3_head");
    requireSound();
  }

  @Test
  void aNormalCycleLooksAtNothing() {
    push(repo("r"), "a", "b");
    runCleanup();
    corrupt("a");
    runNormal();
    assertThat(requests.count(RequestKind.S3_GET)).isZero();
    assertThat(bucket.bytes(key("a"))).isEqualTo(text("not a"));
  }

  /** Bytes of the right length under another ETag, as after a copy with other encryption. */
  @Test
  void aChangedEtagIsASuspicionOnly() {
    push(repo("r"), "a");
    runCleanup();
    catalog.execute(Statement.of("update objects set etag = '\"of old\"'"));
    RepairTracker tracker = runCleanup();
    assertThat(count(tracker, Counter.DELETE_INVALID_NEEDED)).isZero();
    assertThat(count(tracker, Counter.ETAGS_NOTED)).isEqualTo(1);
    runCleanup();
    assertThat(requests.count(RequestKind.S3_GET)).as("it is known now").isZero();
    requireSound();
  }

  @Test
  void validationReadErrorDoesNotDelete() {
    push(repo("r"), "a");
    runCleanup();
    corrupt("a");
    Faults none = Faults.none();
    runCleanup(new FaultyObjectStore(bucket, none));
    int get = none.log().indexOf("GET " + key("a")) + 1;
    assertThat(get).isPositive();
    corrupt("a");
    RepairTracker tracker =
        runCleanup(new FaultyObjectStore(bucket, Faults.at(get, Faults.Way.FAILS_AFTER)));
    assertThat(count(tracker, Counter.VALIDATE_READ_FAIL)).isEqualTo(1);
    assertThat(count(tracker, Counter.DELETE_INVALID_NEEDED)).isZero();
    assertThat(bucket.bytes(key("a"))).isEqualTo(text("not a"));
  }

  @Test
  void staleIndexHitInCleanupCountsReadBlobFail() {
    push(repo("r"), "a");
    runCleanup();
    catalog.execute(Statement.of("update objects set etag = '\"of old\"'"));
    ObjectStore store =
        new LyingStore(bucket)
            .onEveryPage(page -> {
              bucket.delete(List.of(key("a")));
              return page;
            });
    RepairTracker tracker = runCleanup(store);
    assertThat(count(tracker, Counter.READ_BLOB_FAIL)).isEqualTo(1);
    assertThat(requests.count(RequestKind.S3_DELETE)).isZero();
  }

  /** The store's own checksum proves it for one HEAD; without one it is read. */
  @Test
  void etagsAreNotedAfterOneProof() {
    Repo repo = repo("r");
    push(repo, "a");
    ContentId planted = push(repo, "b");
    bucket.plant(bundleKey(repo, planted), bundle("b"));
    RepairTracker tracker = runCleanup();
    assertThat(count(tracker, Counter.ETAGS_NOTED)).isEqualTo(2);
    assertThat(requests.asMap()).containsEntry("s3_head", 2L).containsEntry("s3_get", 1L);
    runCleanup();
    assertThat(requests.asMap()).doesNotContainKeys("s3_head", "s3_get");
  }

  /** A bundle that changes is found by its ETag, and is none any more. */
  @Test
  void aFalseBundleIsLost() {
    Repo repo = repo("r");
    ContentId bundle = push(repo, "a");
    runCleanup();
    bucket.plant(bundleKey(repo, bundle), bundle("other"));
    RepairTracker tracker = runCleanup();
    assertThat(count(tracker, Counter.DELETE_INVALID_SUCCESS)).isEqualTo(1);
    assertThat(lost()).extracting(LossLedger.Entry::key).containsExactly(bundleKey(repo, bundle));
  }

  /** Damage that no listing shows: the scrub comes round to every object within its budget. */
  @Test
  void theScrubReadsEveryObjectInTurn() {
    String[] contents = IntStream.range(100, 130).mapToObj(i -> "c" + i).toArray(String[]::new);
    push(repo("r"), contents);
    runCleanup();
    options = options.withScrubBytes(40).withBatch(7); // ten objects of four bytes
    runCleanup(); // the bundle's turn
    assertThat(requests.count(RequestKind.S3_GET)).isEqualTo(1);
    for (int i = 0; i < 3; i++) {
      RepairTracker tracker = runCleanup();
      assertThat(count(tracker, Counter.SCRUBBED_BYTES)).as("cleanup %d", i).isEqualTo(40);
      assertThat(requests.count(RequestKind.S3_GET)).as("cleanup %d", i).isEqualTo(10);
    }
    // The same length and, by a planted row, the same ETag.
    bucket.plant(key("c111"), text("c999"));
    catalog.execute(
        Statement.of("update objects set etag = :etag where object_id = :id")
            .text("etag", bucket.head(key("c111")).orElseThrow().etag())
            .text("id", id("c111").hex()));
    for (int i = 0; i < 5; i++) {
      runCleanup();
    }
    assertThat(bucket.bytes(key("c111"))).isEqualTo(text("c111"));
    requireSound();
  }

  private void prepareAnswer(Repo repo, String answer) {
    bucket.put(
        ObjectKeys.pack(id(answer)), Content.of(text(answer)), id(answer), Condition.ALWAYS, "x/y");
    catalog.execute(
        Statement.of(
                """
                insert into packs (repo_id, request, pack, size_bytes, created_at)
                values (:repo, 'request', :pack, :size, :now::timestamptz)
                """)
            .text("repo", repo.repoId())
            .text("pack", id(answer).hex())
            .number("size", text(answer).length)
            .text("now", clock.instant().toString()));
  }

  /** The keys that a cleanup reads. */
  private List<String> readByCleanup() {
    List<String> read = Collections.synchronizedList(new ArrayList<>());
    runCleanup(new LyingStore(bucket).beforeGet(read::add));
    read.removeIf(key -> key.startsWith(".metadata/"));
    return read;
  }

  /** In one round, one after the other, as the catalog has them. */
  @Test
  void theScrubReadsBundlesAndPacksInTurnToo() {
    // In the order of texts these are the other way round.
    List<String> bundles = new ArrayList<>();
    for (String name : List.of("r", "r-2")) {
      Repo repo = repo(name);
      bundles.add(bundleKey(repo, push(repo, "of " + name)));
      prepareAnswer(repo, "answer of " + name);
    }
    runCleanup();
    options = options.withScrubBytes(1).withBatch(1);
    List<String> read = new ArrayList<>();
    for (int i = 0; i < 6; i++) {
      assertThat(readByCleanup()).as("cleanup %d", i).hasSize(1).allSatisfy(read::add);
    }
    assertThat(read.subList(0, 2)).isEqualTo(bundles);
    assertThat(read.subList(2, 4))
        .containsExactly(ObjectKeys.pack(id("answer of r")), ObjectKeys.pack(id("answer of r-2")));
    assertThat(read.subList(4, 6)).containsExactlyInAnyOrder(key("of r"), key("of r-2"));
    assertThat(readByCleanup()).as("round again").isEqualTo(read.subList(0, 1));
  }

  /** As a disk does that nobody hears of. */
  @Test
  void theScrubFindsWhatNoListingShows() {
    Repo repo = repo("r");
    ContentId bundle = push(repo, "a");
    prepareAnswer(repo, "answer");
    runCleanup();
    String key = bundleKey(repo, bundle);
    bucket.plant(key, bundle("b"));
    catalog.execute(
        Statement.of("update bundles set etag = :etag")
            .text("etag", bucket.head(key).orElseThrow().etag()));
    String answer = ObjectKeys.pack(id("answer"));
    bucket.plant(answer, text("ANSWER"));
    catalog.execute(
        Statement.of("update packs set etag = :etag")
            .text("etag", bucket.head(answer).orElseThrow().etag()));
    assertThat(readByCleanup()).as("they look as they should").isEmpty();
    options = options.withScrubBytes(1 << 20);
    MemoryPeer peer =
        new MemoryPeer("https://peer.example", spool, new ArrayList<>()).with(bundle("a"));
    peers = new Peers(Optional.of("https://self.example"), List.of(peer), 2);
    RepairTracker tracker = runCleanup();
    assertThat(count(tracker, Counter.DELETE_INVALID_SUCCESS)).isEqualTo(2);
    assertThat(count(tracker, Counter.PACKS_FORGOTTEN)).isEqualTo(1);
    assertThat(bucket.bytes(key)).isEqualTo(bundle("a"));
    assertThat(lost()).isEmpty();
    requireSound();
  }

  /** Prepared answers, too: once by a HEAD, then by each listing. */
  @Test
  void preparedAnswersAreProvenByTheListing() {
    Repo repo = repo("r");
    prepareAnswer(repo, "answer");
    RepairTracker tracker = runCleanup();
    assertThat(count(tracker, Counter.ETAGS_NOTED)).isEqualTo(1);
    runCleanup();
    assertThat(requests.asMap()).doesNotContainKeys("s3_head", "s3_get");
    bucket.plant(ObjectKeys.pack(id("answer")), text("ANSWER"));
    tracker = runCleanup();
    assertThat(count(tracker, Counter.DELETE_INVALID_SUCCESS)).isEqualTo(1);
    assertThat(count(tracker, Counter.PACKS_FORGOTTEN)).isEqualTo(1);
  }

  /** What the rest of a budget does not suffice for comes first in the next cleanup. */
  @Test
  void theScrubLeavesNothingOut() {
    String[] contents =
        IntStream.range(0, 20)
            .mapToObj(i -> "c" + i + "x".repeat(i % 4 * 9))
            .toArray(String[]::new);
    pushWithoutBundle(repo("r"), contents);
    runCleanup();
    options = options.withScrubBytes(40).withBatch(3);
    List<String> read = new ArrayList<>();
    while (read.size() < 20) {
      assertThat(readByCleanup()).isNotEmpty().allSatisfy(read::add);
    }
    assertThat(read.subList(0, 20)).doesNotHaveDuplicates();
  }

  @Test
  void anObjectLargerThanTheBudgetIsReadAlone() {
    push(repo("r"), "larger than the budget", "another large one");
    runCleanup();
    options = options.withScrubBytes(5);
    runCleanup();
    assertThat(requests.count(RequestKind.S3_GET)).isEqualTo(1);
    runCleanup();
    assertThat(requests.count(RequestKind.S3_GET)).isEqualTo(1);
  }

  @Test
  void surplusIsCountedWhenItIsOldAndNeverDeleted() {
    push(repo("r"), "a", "b", "c");
    bucket.plant(key("nobody's"), text("nobody's"));
    assertThat(count(runCleanup(), Counter.SURPLUS_OBJECTS)).as("too young").isZero();
    clock.advance(Duration.ofDays(8));
    for (int batch : new int[] {1, 2, 3, 1_000}) {
      options = options.withBatch(batch);
      RepairTracker tracker = runCleanup();
      assertThat(count(tracker, Counter.SURPLUS_OBJECTS)).as("batches of %d", batch).isEqualTo(1);
      assertThat(count(tracker, Counter.SURPLUS_BYTES)).isEqualTo(8);
    }
    assertThat(has("nobody's")).isTrue();
  }

  @Test
  void aDryRunPrintsThePlanAndChangesNothing() {
    ContentId bundle = push(repo("r"), "a", "b");
    runCleanup();
    lose("a");
    List<String> before = bucket.keys();
    List<String> steps = new ArrayList<>();
    CycleRun run = cycle().plan(steps::add);
    assertThat(run.outcome()).isEqualTo(CycleRun.Outcome.PLANNED);
    assertThat(steps)
        .containsExactly(
            "restore   %s: neither listed nor found by HEAD; from %s"
                .formatted(key("a"), bundleKey(repo("r"), bundle)));
    assertThat(bucket.keys()).isEqualTo(before);
    assertThat(requests.asMap()).doesNotContainKeys("s3_put", "s3_delete");
    assertThat(new RepairLog(catalog).newest(10)).hasSize(2);
    assertThat(cycle().run(Optional.empty(), () -> false).restored()).isEqualTo(1);
  }

  /** All that a cycle would do: what it reads in turn, and what it writes down. */
  @Test
  void aDryRunOfACleanupNamesScrubAndRecordsAndWhereThingsComeFrom() {
    Repo repo = repo("r");
    ContentId bundle = push(repo, "a", "b");
    pushWithoutBundle(repo("other"), "lonely");
    runCleanup();
    peers =
        new Peers(
            Optional.empty(),
            List.of(new MemoryPeer("https://peer.example", spool, new ArrayList<>())),
            1);
    lose("a", "lonely");
    bucket.delete(List.of(bundleKey(repo, bundle), ObjectKeys.record("owner", "r")));
    catalog.execute(Statement.of("update repos set public = not public where name = 'other'"));
    catalog.execute(Statement.of("update repair_trackers set cursor_i = 4"));
    options = options.withScrubBytes(100);
    List<String> before = bucket.keys();
    List<String> steps = new ArrayList<>();
    cycle().plan(steps::add);
    String missing = ": neither listed nor found by HEAD; from ";
    assertThat(steps)
        .containsExactlyInAnyOrder(
            "restore   " + bundleKey(repo, bundle) + missing + "peers (https://peer.example)",
            "restore   %s%s%s, which is not here, or peers (https://peer.example)"
                .formatted(key("a"), missing, bundleKey(repo, bundle)),
            "restore   " + key("lonely") + missing + "peers (https://peer.example)",
            "verify    " + key("b") + ": its turn to be read",
            "write     repos/owner/r.json: it is not there as it was written",
            "write     repos/owner/other.json: something has changed that only the catalog knows");
    assertThat(bucket.keys()).isEqualTo(before);
    assertThat(requests.asMap()).doesNotContainKeys("s3_put", "s3_delete");
  }
}
