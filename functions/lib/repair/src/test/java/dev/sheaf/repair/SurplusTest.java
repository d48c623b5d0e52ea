package dev.sheaf.repair;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sheaf.bundle.ContentId;
import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.bundle.history.Ids;
import dev.sheaf.repair.peer.PeerSites;
import dev.sheaf.repair.peer.Peers;
import dev.sheaf.repair.placement.Placement;
import dev.sheaf.repair.presence.Kind;
import dev.sheaf.repair.presence.LyingStore;
import dev.sheaf.repository.Repo;
import dev.sheaf.storage.ObjectStore.Page;
import dev.sheaf.storage.catalog.Statement;
import dev.sheaf.storage.counting.RequestKind;
import dev.sheaf.storage.wiring.SiteConfig;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A bundle that other sites are to have goes when they have it, and in no other case. Three sites,
 * of which two are to have each; this one has a bundle that is not its own.
 */
class SurplusTest extends SiteTest {
  private static final String SELF = "https://self.example";

  private final List<String> asked = Collections.synchronizedList(new ArrayList<>());
  private List<MemoryPeer> all = List.of();
  private String content = "";
  private String key = "";

  @BeforeEach
  void push() {
    all =
        IntStream.rangeClosed(1, 2)
            .mapToObj(i -> new MemoryPeer("https://peer" + i + ".example", spool, asked))
            .toList();
    peers = new Peers(Optional.of(SELF), List.copyOf(all), 2);
    content =
        IntStream.range(0, 100)
            .mapToObj(i -> "content " + i)
            .filter(text -> !peers.isMine(Kind.BUNDLE, Ids.object(bundle(text))))
            .findFirst()
            .orElseThrow();
    Repo repo = repo("r");
    ContentId bundle = push(repo, content);
    key = bundleKey(repo, bundle);
    all.forEach(peer -> peer.with(bundle(content)));
    runCleanup(); // notes ETags
    clock.advance(Duration.ofDays(8));
    asked.clear();
  }

  private void requireKept(RepairTracker tracker, long needed, long kept) {
    assertThat(bucket.head(key)).isPresent();
    assertThat(requests.count(RequestKind.S3_DELETE)).isZero();
    assertThat(count(tracker, Counter.DELETE_OVER_REPLICATED_NEEDED)).isEqualTo(needed);
    assertThat(count(tracker, Counter.DELETE_OVER_REPLICATED_KEPT)).isEqualTo(kept);
    assertThat(count(tracker, Counter.DELETE_OVER_REPLICATED_SUCCESS)).isZero();
  }

  @Test
  void goesWhenAllThatAreToHaveItSaySo() {
    List<String> headed = new ArrayList<>();
    RepairTracker tracker = runCleanup(new LyingStore(bucket).beforeHead(headed::add));
    assertThat(bucket.head(key)).isEmpty();
    assertThat(asked).containsExactlyInAnyOrder(all.get(0).site(), all.get(1).site());
    assertThat(headed).filteredOn(key::equals).as("directly before the delete").hasSize(1);
    assertThat(requests.count(RequestKind.S3_DELETE)).isEqualTo(1);
    assertThat(count(tracker, Counter.DELETE_OVER_REPLICATED_SUCCESS)).isEqualTo(1);
    assertThat(has(content)).as("readers are served by objects").isTrue();

    asked.clear();
    RepairTracker after = runCleanup();
    assertThat(asked).isEmpty();
    assertThat(count(after, Counter.NOT_PLACED)).isEqualTo(1);
    assertThat(count(after, Counter.PULL_MINE_NEEDED)).isZero();
    assertThat(requests.asMap()).doesNotContainKeys("s3_head", "s3_get", "s3_put", "s3_delete");
    assertThat(lost()).isEmpty();
  }

  /** On a small site it is every bundle's turn each time. */
  @Test
  void whatIsReadInTurnGoesAllTheSame() {
    options = options.withScrubBytes(1 << 20);
    RepairTracker tracker = runCleanup();
    assertThat(count(tracker, Counter.DELETE_OVER_REPLICATED_SUCCESS)).isEqualTo(1);
    assertThat(bucket.head(key)).isEmpty();
  }

  static Stream<Arguments> doubts() {
    Consumer<MemoryPeer> silent = peer -> peer.silent = true;
    Consumer<MemoryPeer> hasNot = peer -> peer.blobs.clear();
    Consumer<MemoryPeer> doesNotKeep = peer -> peer.keeps = false;
    Consumer<MemoryPeer> otherKind = peer -> peer.kind = "pack";
    Consumer<MemoryPeer> otherSize = peer -> peer.blobs.replaceAll((_, _) -> new byte[3]);
    return Stream.of(
        Arguments.of("does not answer", silent),
        Arguments.of("has it not", hasNot),
        Arguments.of("is not to have it, by what it knows", doesNotKeep),
        Arguments.of("has it as something that goes", otherKind),
        Arguments.of("has other bytes", otherSize));
  }

  @ParameterizedTest(name = "one of them {0}")
  @MethodSource("doubts")
  void staysInDoubt(String what, Consumer<MemoryPeer> doubt) {
    for (MemoryPeer peer : all) {
      MemoryPeer before = new MemoryPeer(peer.site(), spool, asked);
      before.blobs.putAll(peer.blobs);
      doubt.accept(peer);
      requireKept(runCleanup(), 1, 1);
      peer.silent = false;
      peer.keeps = true;
      peer.kind = "bundle";
      peer.blobs.putAll(before.blobs);
    }
    runCleanup();
    assertThat(bucket.head(key)).as("no doubt is left: not one that %s", what).isEmpty();
  }

  @Test
  void goesInACleanupOnly() {
    requireKept(runNormal(), 0, 0);
    assertThat(asked).isEmpty();
  }

  @Test
  void whatIsYoungStays() {
    options = options.withSurplusAfter(Duration.ofDays(9));
    requireKept(runCleanup(), 1, 1);
    assertThat(asked).isEmpty();
  }

  /** Even where nothing needs to grow old. */
  @Test
  void whatCameSinceTheCycleBeganStays() {
    options = options.withSurplusAfter(Duration.ZERO);
    clock.advance(Duration.ofHours(2));
    bucket.plant(key, bundle(content));
    clock.advance(Duration.ofHours(-2)); // the cycle began an hour before
    requireKept(runCleanup(), 1, 1);
  }

  @Test
  void noDeleteInACycleWithoutAListing() {
    LyingStore store =
        new LyingStore(bucket).onEveryPage(_ -> new Page(List.of(), List.of(), null));
    requireKept(runCleanup(store), 1, 1);
    assertThat(asked).isEmpty();
  }

  /** One listing of two was refused: the cycle is not complete. */
  @Test
  void noDeleteInACycleOfWhichAListingFailed() {
    options = options.withBatch(1);
    List<String> sites = all.stream().map(MemoryPeer::site).toList();
    catalog.execute(
        Statement.of(
            """
            insert into repair_trackers (started_at, updated_at, cleanup_mode, cursor_i, counters,
              content_size, duration_nanos)
            values (now() + interval '90 years', now(), true, 1,
              '{"presence_index_build_fail": 1}', 0, 0)
            """));
    CycleRun run = cycle().run(Optional.empty(), () -> false);
    requireKept(run.cycle().orElseThrow(), 1, 1);
    assertThat(asked).doesNotContainAnyElementsOf(sites);
  }

  /** Sent again, and taken in from what lay there: its time in the store is of old. */
  @ParameterizedTest
  @CsvSource({"pending,", "running,", "done, 1 hour"})
  void whatAJobReadsStays(String status, @Nullable String doneBefore) {
    catalog.execute(
        Statement.of(
                """
                insert into jobs (job_id, repo_id, job_type, bundle, status, claim_token,
                  created_at, done_at)
                select 'j', repo_id, 'index', bundle, :status,
                  case when :status = 'running' then 'r' end, now(),
                  :now::timestamptz - :before::interval
                from bundles
                """)
            .text("status", status)
            .text("now", clock.instant().toString())
            .text("before", doneBefore));
    requireKept(runCleanup(), 1, 1);
    clock.advance(Duration.ofDays(8));
    catalog.execute(Statement.of("delete from jobs where status <> 'done'"));
    runCleanup();
    assertThat(bucket.head(key)).isEmpty();
  }

  /** Between LIST and delete somebody has sent it again: the same bytes, under the same ETag. */
  @Test
  void whatIsSentAgainMeanwhileStays() {
    options = options.withSurplusAfter(Duration.ZERO);
    LyingStore store =
        new LyingStore(bucket)
            .beforeHead(asked -> {
              clock.advance(Duration.ofHours(3));
              bucket.plant(asked, bundle(content));
            });
    RepairTracker tracker = runCleanup(store);
    requireKept(tracker, 1, 0);
    assertThat(count(tracker, Counter.DELETE_CONFLICT)).isEqualTo(1);
  }

  /** Between HEAD and delete something else has come under the key. */
  @Test
  void aDeleteHitsNothingButWhatWasSeen() {
    LyingStore store =
        new LyingStore(bucket).beforeDelete(asked -> bucket.plant(asked, text("other bytes")));
    RepairTracker tracker = runCleanup(store);
    assertThat(bucket.bytes(key)).isEqualTo(text("other bytes"));
    assertThat(count(tracker, Counter.DELETE_CONFLICT)).isEqualTo(1);
  }

  @Test
  void aDeleteThatFailsIsTriedTheNextTime() {
    LyingStore store =
        new LyingStore(bucket)
            .beforeDelete(_ -> {
              throw new SheafException(ErrorKind.UNAVAILABLE, "503 SlowDown");
            });
    RepairTracker tracker = runCleanup(store);
    assertThat(count(tracker, Counter.DELETE_OVER_REPLICATED_FAIL)).isEqualTo(1);
    runCleanup();
    assertThat(bucket.head(key)).isEmpty();
  }

  /** A plan has a reason for each, and asks nobody. */
  @Test
  void aDryRunNamesThem() {
    catalog.execute(Statement.of("update repair_trackers set cursor_i = 4"));
    List<String> steps = new ArrayList<>();
    cycle().plan(steps::add);
    assertThat(steps).hasSize(1);
    assertThat(steps.getFirst())
        .startsWith("drop      " + key + ": this site is not to have it, but https://peer")
        .contains(" and https://peer");
    assertThat(asked).isEmpty();
    assertThat(bucket.head(key)).isPresent();
  }

  /** What a site says of itself to whoever asks is what the others say of it. */
  @Test
  void allSitesComeToTheSameAnswer() {
    List<String> sites = List.of("https://one.example", "https://two.example", "https://3.example");
    for (String self : sites) {
      List<String> others = sites.stream().filter(site -> !site.equals(self)).toList();
      Predicate<ContentId> keeps =
          PeerSites.keeps(
              SiteConfig.from(
                  Map.of(
                      "SHEAF_BUCKET",
                      "bucket",
                      "SHEAF_SELF",
                      self + "/",
                      "SHEAF_PEERS",
                      String.join(",", others),
                      "SHEAF_REPLICATION",
                      "2")));
      for (int i = 0; i < 50; i++) {
        ContentId id = id("content " + i);
        assertThat(keeps.test(id)).isEqualTo(new Placement(sites, 2).isPlaced(self, id.hex()));
      }
    }
  }

  /** A site that does not know its own name is none of those that are to have anything. */
  @Test
  void rankMinusOneNeverDeletes() {
    peers = new Peers(Optional.empty(), List.copyOf(all), 1);
    requireKept(runCleanup(), 0, 0);
    assertThat(asked).isEmpty();
  }

  /** With two sites and two copies each has all; so has a site that is alone. */
  @Test
  void whereThereAreNoMoreSitesThanCopiesNothingIsSurplus() {
    peers = new Peers(Optional.of(SELF), List.of(all.getFirst()), 2);
    requireKept(runCleanup(), 0, 0);
    peers = Peers.none();
    requireKept(runCleanup(), 0, 0);
    assertThat(asked).isEmpty();
  }
}
