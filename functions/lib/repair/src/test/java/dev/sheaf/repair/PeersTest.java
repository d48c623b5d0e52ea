package dev.sheaf.repair;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sheaf.bundle.Content;
import dev.sheaf.bundle.ContentId;
import dev.sheaf.bundle.FileContent;
import dev.sheaf.bundle.ObjectKeys;
import dev.sheaf.repair.placement.Placement;
import dev.sheaf.repository.Repo;
import dev.sheaf.storage.ObjectStore.Condition;
import dev.sheaf.storage.catalog.Statement;
import dev.sheaf.storage.counting.RequestKind;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What the site's own bundles do not give back, others may; and what nobody has is lost. */
class PeersTest extends SiteTest {
  private static final String SELF = "https://self.example";

  private final List<String> asked = new ArrayList<>();

  /** A site in memory. */
  private final class Peer implements BlobPeer {
    private final String site;
    private final Map<ContentId, byte[]> blobs = new HashMap<>();
    private boolean silent;

    Peer(String site) {
      this.site = site;
    }

    Peer with(String... contents) {
      for (String content : contents) {
        blobs.put(id(content), text(content));
      }
      return this;
    }

    @Override
    public String site() {
      return site;
    }

    @Override
    public Answer fetch(ContentId id) {
      asked.add(site);
      byte[] bytes = blobs.get(id);
      if (silent) {
        return new Answer.NoAnswer("503");
      }
      if (bytes == null) {
        return new Answer.HasNot();
      }
      try {
        Path file = Files.createTempFile(spool, "pulled", null);
        Files.write(file, bytes);
        return new Answer.Bytes(new FileContent(file, bytes.length));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  private List<Peer> peers(int count) {
    List<Peer> all =
        IntStream.rangeClosed(1, count)
            .mapToObj(i -> new Peer("https://peer" + i + ".example"))
            .toList();
    peers = new Peers(Optional.of(SELF), List.copyOf(all), count + 1);
    return all;
  }

  private List<String> ranked(List<Peer> all, String content) {
    return new Placement(all.stream().map(Peer::site).toList(), 1).rank(id(content).hex());
  }

  @Test
  void pullTriesHostsInRankOrderSkippingSelf() {
    List<Peer> all = peers(5);
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

  @Test
  void pulledBytesAreVerified() {
    List<Peer> all = peers(2);
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
    List<Peer> all = peers(1);
    Repo repo = repo("r");
    ContentId bundle = push(repo, "a");
    all.getFirst().blobs.put(bundle, bundle("a"));
    runCleanup();
    bucket.delete(List.of(bundleKey(repo, bundle)));
    lose("a");
    RepairTracker tracker = runCleanup();
    assertThat(bucket.bytes(bundleKey(repo, bundle))).isEqualTo(bundle("a"));
    assertThat(count(tracker, Counter.PULL_MINE_SUCCESS)).isEqualTo(1);
    // The listing of this cycle lacks the bundle, so the object comes back by the peer or the next.
    runCleanup();
    clock.advance(Duration.ofHours(2));
    runCleanup();
    assertThat(has("a")).isTrue();
    requireSound();
  }

  /** Others are asked only for what this site is to have; its own bundles it always uses. */
  @Test
  void notMineIsNotPulled() {
    List<Peer> all = peers(3);
    peers = new Peers(Optional.of(SELF), List.copyOf(all), 1);
    String[] contents = IntStream.range(0, 20).mapToObj(i -> "c" + i).toArray(String[]::new);
    all.forEach(peer -> peer.with(contents));
    pushWithoutBundle(repo("r"), contents);
    push(repo("r"), "bundled");
    runCleanup();
    lose(contents);
    lose("bundled");
    RepairTracker tracker = runCleanup();
    List<String> sites = new ArrayList<>(all.stream().map(Peer::site).toList());
    sites.add(SELF);
    Placement placement = new Placement(sites, 1);
    for (String content : contents) {
      assertThat(has(content)).isEqualTo(placement.isPlaced(SELF, id(content).hex()));
    }
    assertThat(count(tracker, Counter.PULL_MINE_NEEDED)).isBetween(1L, 12L);
    assertThat(has("bundled")).isTrue();
  }

  /** Slowly, and only when everybody has been asked and has answered. */
  @Test
  void aLossIsDeclaredAfterFiveCyclesAndSevenDays() {
    List<Peer> all = peers(2);
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
}
