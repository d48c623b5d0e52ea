package dev.sheaf.repair;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sheaf.bundle.SheafException;
import dev.sheaf.repair.peer.Peers;
import dev.sheaf.repair.presence.LyingStore;
import dev.sheaf.storage.catalog.Statement;
import dev.sheaf.testing.Crash;
import dev.sheaf.testing.Faults;
import dev.sheaf.testing.FaultyCatalog;
import dev.sheaf.testing.FaultyObjectStore;
import dev.sheaf.testing.TestGit;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The packs of git repositories, and what is derived from them, come back. */
class GitPacksTest extends GitSiteTest {
  private static final int PUSHES = 3;

  @TempDir Path folders = Path.of("");

  private final Map<String, byte[]> before = new TreeMap<>();

  /** Three pushes, of which each builds on the one before; settled by a cleanup. */
  @BeforeEach
  void pushes() {
    fill(TestGit.init(folders.resolve("work")));
  }

  private void fill(TestGit git) {
    String last = "";
    for (int i = 0; i < PUSHES; i++) {
      String lines = String.join("\n", IntStream.range(0, 200).mapToObj(n -> "line " + n).toList());
      String commit = git.commit("file", lines + "\nchange " + i);
      byte[] bundle = last.isEmpty() ? git.bundle("main") : git.bundle("main", "^" + last);
      announce(bundle, commit);
      clock.advance(Duration.ofMinutes(1));
      last = commit;
    }
    runCleanup();
    before.clear();
    before.putAll(stored());
    assertThat(before).hasSize(2 * PUSHES);
  }

  private Map<String, byte[]> stored() {
    Map<String, byte[]> stored = new TreeMap<>();
    keys(key -> key.startsWith("git/") && !key.endsWith(".json"))
        .forEach(key -> stored.put(key, bucket.bytes(key)));
    return stored;
  }

  private List<String> keys(Predicate<String> which) {
    return bucket.keys().stream().filter(which).toList();
  }

  private void delete(Predicate<String> which) {
    bucket.delete(keys(which));
  }

  private void forgetUploads() {
    delete(key -> key.startsWith("bundles/"));
    catalog.execute(Statement.of("update bundles set expired_at = now()"));
  }

  private void requireAsBefore() {
    Map<String, byte[]> now = stored();
    assertThat(now.keySet()).isEqualTo(before.keySet());
    now.forEach((key, bytes) -> assertThat(bytes).as(key).isEqualTo(before.get(key)));
    assertThat(spool).as("nothing is left behind").isEmptyDirectory();
  }

  private boolean isAsBefore() {
    Map<String, byte[]> now = stored();
    return now.keySet().equals(before.keySet())
        && now.entrySet().stream()
            .allMatch(file -> Arrays.equals(file.getValue(), before.get(file.getKey())));
  }

  private static boolean isPack(String key) {
    return key.endsWith(".pack");
  }

  private static boolean isIndex(String key) {
    return key.endsWith(".idx");
  }

  @Test
  void aCycleWithNothingToDoAsksForOneListingMore() {
    RepairTracker tracker = runNormal();
    assertThat(requests.asMap()).containsEntry("s3_list", 4L).doesNotContainKey("s3_head");
    assertThat(requests.asMap().keySet())
        .allMatch(kind -> kind.equals("s3_list") || kind.startsWith("catalog_"));
    assertThat(count(tracker, Counter.ALREADY_HAVE)).isEqualTo(2 * PUSHES);
    requireAsBefore();
  }

  @Test
  void theScrubReadsPacksAndIndexesInTurn() {
    options = options.withScrubBytes(1);
    List<String> read = new ArrayList<>();
    LyingStore watched =
        new LyingStore(bucket)
            .beforeGet(key -> {
              if (key.startsWith("git/") && !key.endsWith(".json")) {
                read.add(key);
              }
            });
    for (int i = 0; i < 2 * PUSHES; i++) {
      runCleanup(watched);
      assertThat(read).hasSize(i + 1);
    }
    assertThat(read).containsExactlyInAnyOrderElementsOf(before.keySet());
    requireAsBefore();
  }

  /** What is for whoever has lost the catalog is looked after, too. */
  @Test
  void aManifestThatIsGoneIsWrittenAgain() {
    String key = keys(name -> name.endsWith("/manifest.json")).getFirst();
    byte[] manifest = bucket.bytes(key);
    for (Runnable damage :
        List.<Runnable>of(
            () -> bucket.delete(List.of(key)), () -> bucket.plant(key, text("no JSON")))) {
      damage.run();
      RepairTracker tracker = runCleanup();
      assertThat(bucket.bytes(key)).isEqualTo(manifest);
      assertThat(count(tracker, Counter.DERIVED_REMADE)).isEqualTo(1);
    }
    assertThat(count(runCleanup(), Counter.DERIVED_REMADE)).isZero();
    assertThat(requests.asMap()).doesNotContainKeys("s3_head", "s3_put");
  }

  /** What is known of packs changes without a change of the repository. */
  @Test
  void aManifestThatComesOutOtherwiseIsWrittenOnce() {
    String key = keys(name -> name.endsWith("/manifest.json")).getFirst();
    byte[] manifest = bucket.bytes(key);
    catalog.execute(Statement.of("update git_packs set origin = 'unreachable'"));
    bucket.delete(List.of(key));
    assertThat(count(runCleanup(), Counter.DERIVED_REMADE)).isEqualTo(1);
    assertThat(bucket.bytes(key)).isNotEqualTo(manifest);
    assertThat(count(runCleanup(), Counter.DERIVED_REMADE)).isZero();
  }

  /** Of an upload its checksum proves the pack, and reading it once the index. */
  @Test
  void aCleanupProvesEachFileOnce() {
    catalog.execute(Statement.of("update git_packs set etag = null, index_etag = null"));
    runCleanup();
    assertThat(requests.asMap())
        .containsEntry("s3_head", (long) PUSHES)
        .containsEntry("s3_get", (long) PUSHES)
        .doesNotContainKey("s3_put");
    runCleanup();
    assertThat(requests.asMap()).doesNotContainKeys("s3_head", "s3_get", "s3_put");
  }

  @Test
  void aLostPackIsReMadeFromItsUpload() {
    delete(key -> isPack(key));
    RepairTracker tracker = runNormal();
    requireAsBefore();
    assertThat(count(tracker, Counter.REMADE_FROM_BUNDLE)).isEqualTo(PUSHES);
    assertThat(lost()).isEmpty();
  }

  @Test
  void everythingThatAGitRepositoryHasComesBackFromItsUploads() {
    delete(key -> key.startsWith("git/"));
    runNormal();
    requireAsBefore();
  }

  @Test
  void aLostIndexIsReadOutOfItsPack() {
    delete(key -> isIndex(key));
    RepairTracker tracker = runCleanup();
    requireAsBefore();
    assertThat(requests.asMap())
        .as("HEADs of the misses, a pack and an index each")
        .containsEntry("s3_head", (long) PUSHES)
        .containsEntry("s3_get", (long) PUSHES)
        .containsEntry("s3_put", (long) PUSHES);
    assertThat(count(tracker, Counter.DERIVED_REMADE)).isEqualTo(PUSHES);
  }

  @Test
  void aBitmapThatIsGoneIsForgotten() {
    catalog.execute(
        Statement.of(
            "update git_packs set bitmap_bytes = 100 where pack = (select min(pack) from git_packs)"));
    runNormal();
    assertThat(
            catalog
                .execute(Statement.of("select sum(bitmap_bytes)::bigint as n from git_packs"))
                .first()
                .orElseThrow()
                .number("n"))
        .isZero();
    requireAsBefore();
    assertThat(lost()).isEmpty();
  }

  @Test
  void whatAFoldHasReplacedIsNotMissed() {
    catalog.execute(Statement.of("update git_packs set state = 'retired', retired_at = now()"));
    delete(key -> key.startsWith("git/"));
    RepairTracker tracker = runCleanup();
    assertThat(count(tracker, Counter.PULL_MINE_NEEDED)).isZero();
    assertThat(count(tracker, Counter.PRESENCE_INDEX_MISS)).isZero();
    assertThat(lost()).isEmpty();
  }

  /** Other bytes of the same length, and fewer bytes; of packs and of indexes. */
  @ParameterizedTest
  @EnumSource(Damage.class)
  void falseBytesAreReplacedByACleanup(Damage damage) {
    before.forEach((key, bytes) -> bucket.plant(key, damage.of(bytes)));
    RepairTracker tracker = runCleanup();
    assertThat(count(tracker, Counter.DELETE_INVALID_SUCCESS)).isEqualTo(2 * PUSHES);
    requireAsBefore();
    runCleanup();
    requireAsBefore();
  }

  enum Damage {
    FLIPPED,
    CUT;

    byte[] of(byte[] bytes) {
      byte[] damaged = Arrays.copyOf(bytes, bytes.length - (this == CUT ? 1 : 0));
      damaged[bytes.length / 2] ^= 1;
      return damaged;
    }
  }

  private MemoryPeer peer() {
    MemoryPeer peer = new MemoryPeer("https://peer.example", spool, new ArrayList<>());
    before.forEach((_, bytes) -> peer.with(bytes));
    peers = new Peers(Optional.of("https://self.example"), List.of(peer), 1);
    return peer;
  }

  /** Whatever the placement: a repository that lacks a pack cannot be read. */
  @Test
  void aPackWithoutAnUploadIsPulledFromAPeer() {
    peer();
    forgetUploads();
    delete(key -> key.startsWith("git/"));
    RepairTracker tracker = runNormal();
    requireAsBefore();
    assertThat(count(tracker, Counter.PULL_MINE_SUCCESS)).isEqualTo(PUSHES);
    assertThat(lost()).isEmpty();
  }

  @Test
  void whatNobodyHasIsLostUntilItIsPushedAgain() {
    MemoryPeer peer = peer();
    peer.lies = true;
    forgetUploads();
    String gone = before.keySet().stream().filter(key -> isPack(key)).findFirst().orElseThrow();
    bucket.delete(List.of(gone));
    runNormal();
    assertThat(lost())
        .singleElement()
        .satisfies(entry -> {
          assertThat(entry.kind()).isEqualTo("git");
          assertThat(entry.key()).isEqualTo(gone);
          assertThat(entry.reason())
              .contains("no upload that is kept becomes it", "gave other bytes");
        });
    assertThat(spool).isEmptyDirectory();
    bucket.plant(gone, requireNonNull(before.get(gone))); // as a push of the same bundle does
    assertThat(count(run(), Counter.LOST_RECOVERED)).isEqualTo(1);
    assertThat(lost()).isEmpty();
    requireAsBefore();
  }

  @ParameterizedTest
  @EnumSource(value = Faults.Way.class, names = "CRASHES_BEFORE", mode = EnumSource.Mode.EXCLUDE)
  void everyRequestMayFailOrBeTheLast(Faults.Way way) {
    Faults none = Faults.none();
    damage();
    attempt(none);
    requireAsBefore();
    assertThat(none.requests()).isGreaterThan(20);
    for (int request = 1; request <= none.requests(); request++) {
      damage();
      forgetAttempts();
      Faults faults = Faults.at(request, way);
      attempt(faults);
      String what = way + " at " + request + ": " + none.log().get(request - 1);
      freeLease();
      for (int i = 0; i < 12 && !isAsBefore(); i++) {
        nextIsCleanup();
        run();
      }
      requireAsBefore();
      assertThat(lost()).as(what).isEmpty();
    }
  }

  private void damage() {
    List<String> keys = new ArrayList<>(before.keySet());
    bucket.delete(List.of(keys.get(0), keys.get(1), keys.get(2)));
    bucket.plant(keys.get(3), Damage.FLIPPED.of(requireNonNull(before.get(keys.get(3)))));
  }

  private void nextIsCleanup() {
    catalog.execute(Statement.of("update repair_trackers set cursor_i = 4"));
  }

  private void attempt(Faults faults) {
    nextIsCleanup();
    clock.advance(Duration.ofHours(1));
    try {
      cycle(new FaultyObjectStore(bucket, faults), new FaultyCatalog(catalog, faults))
          .run(Optional.empty(), () -> false);
    } catch (SheafException | Crash e) {
      assertThat(faults.happened()).as(e.toString()).isTrue();
    }
  }
}
