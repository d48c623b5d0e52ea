package dev.sheaf.repair;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sheaf.bundle.Content;
import dev.sheaf.bundle.ContentId;
import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.ObjectKeys;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.repair.peer.Peers;
import dev.sheaf.repair.placement.Placement;
import dev.sheaf.repair.presence.Kind;
import dev.sheaf.repair.presence.LyingStore;
import dev.sheaf.repository.Repo;
import dev.sheaf.storage.ObjectStore.Condition;
import dev.sheaf.storage.catalog.Statement;
import dev.sheaf.storage.counting.RequestKind;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What the site's own bundles do not give back, others may; and what nobody has is lost. */
class PeersTest extends SiteTest {
  private static final String SELF = "https://self.example";

  private final List<String> asked = Collections.synchronizedList(new ArrayList<>());

  private List<MemoryPeer> peers(int count) {
    List<MemoryPeer> all =
        IntStream.rangeClosed(1, count)
            .mapToObj(i -> new MemoryPeer("https://peer" + i + ".example", spool, asked))
            .toList();
    peers = new Peers(Optional.of(SELF), List.copyOf(all), count + 1);
    return all;
  }

  private List<String> ranked(List<MemoryPeer> all, String content) {
    return new Placement(all.stream().map(MemoryPeer::site).toList(), 1).rank(id(content).hex());
  }

  @Test
  void pullTriesHostsInRankOrderSkippingSelf() {
    List<MemoryPeer> all = peers(5);
    List<String> ranked = ranked(all, "lonely");
    all.stream()
        .filter(peer -> peer.site().equals(ranked.get(3)))
        .forEach(peer -> peer.with("lonely"));
    pushWithoutBundle(repo("r"), "lonely");
    runCleanup();
    lose("lonely");
    RepairTracker tracker = runCleanup();
    assertThat(asked).isEqualTo(ranked.subList(0, 4));
    assertThat(count(tracker, Counter.PULL_MINE_NEEDED)).isEqualTo(1);
    assertThat(count(tracker, Counter.PULL_MINE_FAIL)).as("pullFailCountsPerHost").isEqualTo(3);
    assertThat(count(tracker, Counter.PULL_MINE_SUCCESS)).isEqualTo(1);
    assertThat(requests.count(RequestKind.S3_PUT)).isEqualTo(1);
    assertThat(spool).as("nothing is left behind").isEmptyDirectory();
    assertThat(lost()).isEmpty();
    requireSound();
  }

  /** Those that are to have it and four more, in their order; after three cycles everybody. */
  @Test
  void peersAreWidenedAfterThreeFailedCycles() {
    List<MemoryPeer> all = peers(9);
    peers = new Peers(Optional.of(SELF), List.copyOf(all), 2);
    List<String> ranked = ranked(all, "lonely");
    all.stream()
        .filter(peer -> peer.site().equals(ranked.getLast()))
        .forEach(peer -> peer.with("lonely"));
    pushWithoutBundle(repo("r"), "lonely");
    runCleanup();
    lose("lonely");
    for (int cycle = 1; cycle <= 3; cycle++) {
      asked.clear();
      clock.advance(Duration.ofDays(1));
      run();
      assertThat(asked).as("cycle %d", cycle).isEqualTo(ranked.subList(0, 6));
      assertThat(exhaustive()).as("not everybody has said so").isZero();
    }
    asked.clear();
    clock.advance(Duration.ofDays(1));
    run();
    assertThat(asked).isEqualTo(ranked);
    assertThat(has("lonely")).isTrue();
    assertThat(lost()).isEmpty();
    requireSound();
  }

  private long exhaustive() {
    return catalog
        .execute(Statement.of("select count(*) as n from lost where exhaustive"))
        .first()
        .orElseThrow()
        .number("n");
  }

  /** It is left alone until all else of the batch has been asked for, and then asked again. */
  @Test
  void aBusyPeerIsAskedLaterInTheSameCycle() {
    MemoryPeer peer = peers(1).getFirst().with("l1", "l2", "l3");
    peer.busy = 1;
    pushWithoutBundle(repo("r"), "l1", "l2", "l3");
    runCleanup();
    lose("l1", "l2", "l3");
    RepairTracker tracker = runCleanup();
    assertThat(asked).as("once in vain, then for each").hasSize(4);
    assertThat(count(tracker, Counter.PULL_PEER_BUSY)).isEqualTo(1);
    assertThat(count(tracker, Counter.PULL_MINE_NEEDED)).isEqualTo(3);
    assertThat(count(tracker, Counter.PULL_MINE_FAIL)).isZero();
    assertThat(count(tracker, Counter.PULL_MINE_SUCCESS)).isEqualTo(3);
    assertThat(lost()).isEmpty();
    requireSound();
  }

  /** Throttling costs two questions a batch, and proves no loss; others give what they have. */
  @Test
  void aPeerThatStaysBusyIsSparedAndOthersAreAsked() {
    List<MemoryPeer> all = peers(2);
    all.get(0).with("l1", "l2", "l3").busy = Integer.MAX_VALUE;
    all.get(1).with("l3");
    pushWithoutBundle(repo("r"), "l1", "l2", "l3");
    runCleanup();
    lose("l1", "l2", "l3");
    RepairTracker tracker = runCleanup();
    assertThat(count(tracker, Counter.PULL_PEER_BUSY)).isEqualTo(2);
    assertThat(asked.stream().filter(all.get(0).site()::equals)).hasSize(2);
    assertThat(has("l3")).isTrue();
    assertThat(lost())
        .hasSize(2)
        .allSatisfy(entry -> assertThat(entry.reason()).contains("is busy (HTTP 503)"));
    all.get(0).busy = 0;
    clock.advance(Duration.ofHours(1));
    runCleanup();
    assertThat(lost()).isEmpty();
    requireSound();
  }

  @Test
  void aPeerWithoutRoomIsNotAskedAgainInThisCycle() {
    MemoryPeer peer = peers(1).getFirst().with("l1", "l2", "l3");
    peer.full = true;
    pushWithoutBundle(repo("r"), "l1", "l2", "l3");
    runCleanup();
    lose("l1", "l2", "l3");
    runCleanup();
    assertThat(asked).hasSize(1);
    assertThat(lost())
        .hasSize(3)
        .allSatisfy(entry -> assertThat(entry.reason()).contains("no room to answer (HTTP 507)"));
    peer.full = false;
    clock.advance(Duration.ofHours(1));
    runCleanup();
    assertThat(lost()).isEmpty();
    requireSound();
  }

  /** Each question to it costs a minute: after two others have their turn, and nothing is lost. */
  @Test
  void aPeerThatSwallowsPacketsIsWaitedForTwice() {
    List<MemoryPeer> all = peers(2);
    String[] contents = IntStream.range(0, 40).mapToObj(i -> "l" + i).toArray(String[]::new);
    all.get(0).swallows = true;
    all.get(1).with(contents);
    pushWithoutBundle(repo("r"), contents);
    pushWithoutBundle(repo("r"), "nowhere");
    runCleanup();
    lose(contents);
    lose("nowhere");
    asked.clear();
    runCleanup();
    assertThat(asked.stream().filter(all.get(0).site()::equals)).hasSizeBetween(2, 2 + 8);
    assertThat(contents).allMatch(this::has);
    assertThat(lost())
        .singleElement()
        .satisfies(entry -> assertThat(entry.reason()).contains("waited for twice in vain"));
    assertThat(exhaustive()).isZero();
    asked.clear();
    all.get(0).swallows = false;
    all.get(0).with("nowhere");
    clock.advance(Duration.ofHours(1));
    runCleanup();
    assertThat(has("nowhere")).as("another invocation asks it again").isTrue();
    assertThat(lost()).isEmpty();
  }

  /**
   * What was cut off gets the whole of the next invocation; what has had that is passed over until
   * a later cycle, and others have their turn.
   */
  @Test
  void whatComesTooSlowlyForAnInvocationStopsNoOthers() {
    options = options.withBatch(2);
    MemoryPeer peer = peers(1).getFirst();
    String[] contents = IntStream.range(0, 6).mapToObj(i -> "l" + i).toArray(String[]::new);
    List<String> inOrder =
        Stream.of(contents).sorted(Comparator.comparing(text -> id(text).hex())).toList();
    peer.with(contents).endless.add(id(inOrder.get(3)));
    pushWithoutBundle(repo("r"), contents);
    runCleanup();
    lose(contents);
    clock.advance(Duration.ofHours(1));
    CycleRun first = cycle().run(Optional.empty(), () -> false);
    assertThat(first.outcome()).isEqualTo(CycleRun.Outcome.CONTINUES);
    assertThat(lost()).as("two batches had their time").isEmpty();
    CycleRun second = cycle().run(Optional.empty(), () -> false);
    assertThat(second.outcome()).isEqualTo(CycleRun.Outcome.CONTINUES);
    assertThat(lost())
        .singleElement()
        .satisfies(entry -> {
          assertThat(entry.key()).isEqualTo(key(inOrder.get(3)));
          assertThat(entry.reason()).contains("was still at it when the invocation's time was up");
        });
    assertThat(exhaustive()).isZero();
    CycleRun third = cycle().run(Optional.empty(), () -> false);
    assertThat(third.outcome()).isEqualTo(CycleRun.Outcome.FINISHED);
    assertThat(has(inOrder.get(5))).isTrue();
    peer.endless.clear();
    run();
    assertThat(contents).allMatch(this::has);
    assertThat(lost()).isEmpty();
  }

  @Test
  void pulledBytesAreVerified() {
    List<MemoryPeer> all = peers(2);
    all.get(0).blobs.put(id("lonely"), text("a lie"));
    all.get(1).blobs.put(id("lonely"), text("another"));
    pushWithoutBundle(repo("r"), "lonely");
    runCleanup();
    lose("lonely");
    RepairTracker tracker = runCleanup();
    assertThat(count(tracker, Counter.PULL_MINE_FAIL)).isEqualTo(2);
    assertThat(has("lonely")).isFalse();
    assertThat(lost().getFirst().reason()).contains("gave other bytes");
    assertThat(spool).isEmptyDirectory();
    all.get(1).with("lonely");
    clock.advance(Duration.ofHours(1));
    runCleanup();
    assertThat(has("lonely")).isTrue();
    assertThat(lost()).isEmpty();
    requireSound();
  }

  @Test
  void aLostBundleIsPulledAsItIs() {
    List<MemoryPeer> all = peers(1);
    Repo repo = repo("r");
    ContentId bundle = push(repo, "a");
    all.getFirst().blobs.put(bundle, bundle("a"));
    runCleanup();
    bucket.delete(List.of(bundleKey(repo, bundle)));
    lose("a");
    RepairTracker tracker = runCleanup();
    assertThat(bucket.bytes(bundleKey(repo, bundle))).isEqualTo(bundle("a"));
    assertThat(count(tracker, Counter.PULL_MINE_SUCCESS)).isEqualTo(1);
    assertThat(has("a")).as("out of what has just come").isTrue();
    requireSound();
  }

  /** Bundles have their sites; what readers need each site has that knows of it. */
  @Test
  void bundlesAreForTheirSitesAndObjectsForAll() {
    List<MemoryPeer> all = peers(3);
    peers = new Peers(Optional.of(SELF), List.copyOf(all), 2);
    Repo repo = repo("r");
    String[] contents = IntStream.range(0, 20).mapToObj(i -> "c" + i).toArray(String[]::new);
    List<ContentId> bundles = new ArrayList<>();
    for (String content : contents) {
      bundles.add(push(repo, content));
      all.forEach(peer -> peer.blobs.put(bundles.getLast(), bundle(content)));
    }
    pushWithoutBundle(repo, "lonely");
    all.forEach(peer -> peer.with("lonely"));
    runCleanup();
    bucket.delete(bundles.stream().map(bundle -> bundleKey(repo, bundle)).toList());
    lose(contents);
    lose("lonely");
    RepairTracker tracker = runNormal();
    long mine = bundles.stream().filter(this::isMine).count();
    assertThat(mine).isBetween(3L, 17L);
    for (ContentId bundle : bundles) {
      assertThat(bucket.head(bundleKey(repo, bundle)).isPresent()).isEqualTo(isMine(bundle));
    }
    assertThat(count(tracker, Counter.NOT_PLACED)).isEqualTo(20 - mine);
    assertThat(count(tracker, Counter.BUNDLES_READ_AT_PEERS)).isEqualTo(20 - mine);
    assertThat(count(tracker, Counter.REMADE_FROM_BUNDLE)).isEqualTo(20);
    assertThat(count(tracker, Counter.PULL_MINE_SUCCESS)).isEqualTo(mine + 1);
    assertThat(contents).allMatch(this::has);
    assertThat(has("lonely")).isTrue();
    assertThat(lost()).isEmpty();
    assertThat(spool).isEmptyDirectory();
    requireSound();
    asked.clear();
    runNormal();
    assertThat(asked).isEmpty();
    assertThat(requests.asMap()).as("at rest").doesNotContainKeys("s3_head", "s3_get", "s3_put");
  }

  private boolean isMine(ContentId bundle) {
    return peers.isMine(Kind.BUNDLE, bundle);
  }

  /** Slowly, and only when everybody has been asked and has answered. */
  @Test
  void aLossIsDeclaredAfterFiveCyclesAndSevenDays() {
    List<MemoryPeer> all = peers(2);
    all.get(1).silent = true;
    pushWithoutBundle(repo("r"), "lonely");
    runCleanup();
    lose("lonely");
    Duration waited = Duration.ZERO;
    for (int hour = 0; hour < 24 * 9; hour++) {
      assertThat(count(run(), Counter.LOST_DECLARED)).as("hour %d", hour).isZero();
    }
    LossLedger.Entry entry = lost().getFirst();
    assertThat(entry.failedCycles()).isBetween(10L, 16L);
    assertThat(entry.declaredAt()).as("one of them never answered: %s", waited).isEmpty();
    all.get(1).silent = false;
    long declared = 0;
    for (int hour = 0; hour < 26; hour++) {
      declared += count(run(), Counter.LOST_DECLARED);
    }
    assertThat(declared).isEqualTo(1);
    entry = lost().getFirst();
    assertThat(entry.declaredAt()).isPresent();
    assertThat(entry.reason()).contains("no stored bundle has it", "peer1.example has not got it");
    requireLeftAlone(entry);
    all.getFirst().with("lonely");
    clock.advance(Duration.ofDays(30));
    run();
    assertThat(has("lonely")).isTrue();
    assertThat(lost()).isEmpty();
  }

  private void requireLeftAlone(LossLedger.Entry entry) {
    asked.clear();
    RepairTracker tracker = run();
    assertThat(count(tracker, Counter.LOST_LEFT_ALONE)).isEqualTo(1);
    assertThat(asked).isEmpty();
    assertThat(lost().getFirst()).isEqualTo(entry);
  }

  /** A site alone: there is nobody to ask, and its bundles do not have it. */
  @Test
  void aReuploadOfALostObjectHealsIt() {
    Repo repo = repo("r");
    pushWithoutBundle(repo, "lonely");
    runCleanup();
    lose("lonely");
    run();
    assertThat(lost()).hasSize(1);
    assertThat(
            catalog
                .execute(Statement.of("select in_store from object_refs"))
                .first()
                .orElseThrow()
                .flag("in_store"))
        .as("whoever sends it again puts it")
        .isFalse();
    bucket.put(
        ObjectKeys.object(id("lonely")),
        Content.of(text("lonely")),
        id("lonely"),
        Condition.IF_ABSENT,
        "x/y");
    RepairTracker tracker = run();
    assertThat(count(tracker, Counter.LOST_RECOVERED)).isEqualTo(1);
    assertThat(lost()).isEmpty();
  }

  /** A loss that recovered and comes again begins anew. */
  @Test
  void aLossThatComesAgainIsANewOne() {
    Repo repo = repo("r");
    pushWithoutBundle(repo, "lonely");
    lose("lonely");
    for (int i = 0; i < 24 * 9; i++) {
      run();
    }
    assertThat(lost().getFirst().declaredAt()).isPresent();
    pushWithoutBundle(repo, "lonely");
    run();
    assertThat(lost()).isEmpty();
    lose("lonely");
    run();
    assertThat(lost().getFirst().declaredAt()).isEmpty();
    assertThat(lost().getFirst().failedCycles()).isEqualTo(1);
  }

  /** What is pulled counts with its size, whatever a HEAD would say of it by then. */
  @Test
  void contentSizeGrowsAfterPull() {
    peers(1).getFirst().with("lonely");
    pushWithoutBundle(repo("r"), "lonely", "there");
    runCleanup();
    lose("lonely");
    LyingStore headFailureAfterPull =
        new LyingStore(bucket)
            .beforeHead(_ -> {
              if (!asked.isEmpty()) {
                throw new SheafException(ErrorKind.UNAVAILABLE, "503");
              }
            });
    RepairTracker tracker = runNormal(headFailureAfterPull);
    assertThat(count(tracker, Counter.PULL_MINE_SUCCESS)).isEqualTo(1);
    assertThat(tracker.contentSize()).isEqualTo("lonely".length() + "there".length());
    assertThat(count(tracker, Counter.READ_ATTRS_FAIL)).isZero();
  }

  /** A recheck that fails, thirty days later, is no new declaration. */
  @Test
  void aRecheckLeavesTheDateOfTheDeclaration() {
    peers(1);
    pushWithoutBundle(repo("r"), "lonely");
    runCleanup();
    lose("lonely");
    for (int day = 0; day < 10; day++) {
      clock.advance(Duration.ofDays(1));
      run();
    }
    Instant declared = lost().getFirst().declaredAt().orElseThrow();
    clock.advance(Duration.ofDays(31));
    asked.clear();
    run();
    assertThat(asked).as("it is looked for again").isNotEmpty();
    assertThat(lost().getFirst().declaredAt()).contains(declared);
    assertThat(lost().getFirst().lastFailedAt()).isAfter(declared.plus(Duration.ofDays(30)));
  }
}
