package dev.sheaf.repair;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sheaf.bundle.ContentId;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.git.GitKeys;
import dev.sheaf.git.GitKeys.Part;
import dev.sheaf.git.RepoPath;
import dev.sheaf.git.fold.FoldLimits;
import dev.sheaf.repair.peer.Peers;
import dev.sheaf.repository.GitPacks;
import dev.sheaf.repository.git.GitFolds;
import dev.sheaf.storage.catalog.Statement;
import dev.sheaf.testing.Crash;
import dev.sheaf.testing.Faults;
import dev.sheaf.testing.FaultyCatalog;
import dev.sheaf.testing.FaultyObjectStore;
import dev.sheaf.testing.TestGit;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A pack that this site folded, whose uploads are gone: nobody has one of its name, and what was in
 * it comes back from the packs that a peer has.
 */
class LostFoldsTest extends GitSiteTest {
  private static final int PUSHES = 3;
  private static final Duration GRACE = Duration.ofDays(2);

  @TempDir Path folders = Path.of("");

  @SuppressWarnings("NullAway.Init")
  private TestGit git;

  @SuppressWarnings("NullAway.Init")
  private MemoryPeer peer;

  private String last = "";
  private int copies;

  /** What a peer that does not fold has as three packs is one here. */
  @BeforeEach
  void fold() {
    git = TestGit.init(folders.resolve("work"));
    for (int i = 0; i < PUSHES; i++) {
      push("change " + i);
    }
    peer = new MemoryPeer("https://peer.example", spool, new ArrayList<>());
    live().forEach(pack -> peer.with(bucket.bytes(key(pack, Part.PACK))).packs.add(pack));
    peers = new Peers(Optional.of("https://self.example"), List.of(peer), 2);
    GitFolds folds = new GitFolds(ports(), FoldLimits.of(1L << 30, 1L << 33), GRACE);
    folds.carryOut(repo("g"), folds.look(repo("g")));
    clock.advance(GRACE.plusSeconds(1));
    folds.carryOut(repo("g"), folds.look(repo("g")));
    forgetUploads();
    assertThat(live()).hasSize(1).doesNotContainAnyElementsOf(peer.packs);
  }

  private void push(String change) {
    String lines = String.join("\n", IntStream.range(0, 200).mapToObj(n -> "line " + n).toList());
    String commit = git.commit("file", lines + "\n" + change);
    announce(last.isEmpty() ? git.bundle("main") : git.bundle("main", "^" + last), commit);
    clock.advance(Duration.ofMinutes(1));
    last = commit;
  }

  private void forgetUploads() {
    bucket.delete(bucket.keys().stream().filter(key -> key.startsWith("bundles/")).toList());
    catalog.execute(Statement.of("update bundles set expired_at = now()"));
  }

  private List<ContentId> live() {
    return new GitPacks(catalog, repo("g").repoId())
        .live().stream().map(GitPacks.Live::pack).toList();
  }

  private static String key(ContentId pack, Part part) {
    return GitKeys.key(new RepoPath("owner", "g"), pack, part);
  }

  private void wipe() {
    bucket.delete(bucket.keys().stream().filter(key -> key.startsWith("git/")).toList());
  }

  private List<String> refs() {
    List<String> refs = new ArrayList<>();
    catalog
        .execute(
            Statement.of(
                "select encode(name, 'escape') as name, target, shown_target, epoch from git_refs"
                    + " order by 1"))
        .forEach(row -> refs.add(row.asMap().toString()));
    return refs;
  }

  private long ops() {
    return catalog
        .execute(Statement.of("select count(*) as n from ops"))
        .first()
        .orElseThrow()
        .number("n");
  }

  /** Git proves every object of a clone. */
  private void requireWhole() {
    TestGit copy = TestGit.initBare(folders.resolve("copy" + copies++));
    for (ContentId pack : live()) {
      copy.run(bucket.bytes(key(pack, Part.PACK)), "index-pack", "--stdin", "--fix-thin");
    }
    copy.run("update-ref", "refs/heads/main", last);
    copy.run("fsck", "--full", "--strict");
    assertThat(copy.run("rev-list", "--objects", "main"))
        .isEqualTo(git.run("rev-list", "--objects", "main"));
    assertThat(spool).as("nothing is left behind").isEmptyDirectory();
  }

  @Test
  void aLostFoldComesBackFromThePacksOfAPeer() {
    ContentId fold = live().getFirst();
    List<String> refs = refs();
    long ops = ops();
    bucket.delete(List.of(key(fold, Part.PACK)));
    RepairTracker tracker = runNormal();
    assertThat(count(tracker, Counter.GIT_PACKS_TAKEN)).isEqualTo(PUSHES);
    assertThat(count(tracker, Counter.GIT_PACKS_REPLACED)).isEqualTo(1);
    assertThat(live()).containsExactlyInAnyOrderElementsOf(peer.packs);
    assertThat(lost()).isEmpty();
    assertThat(refs()).isEqualTo(refs);
    assertThat(ops()).isEqualTo(ops);
    requireWhole();
    requireAtRest();
    push("after the loss");
    requireWhole();
  }

  private void requireAtRest() {
    runCleanup();
    peer.asked.clear();
    RepairTracker tracker = runCleanup();
    assertThat(count(tracker, Counter.PULL_MINE_NEEDED)).isZero();
    assertThat(count(tracker, Counter.DERIVED_REMADE)).isZero();
    assertThat(peer.asked).isEmpty();
    assertThat(lost()).isEmpty();
  }

  @Test
  void aFoldWithFalseBytesDoesToo() {
    String key = key(live().getFirst(), Part.PACK);
    byte[] bytes = bucket.bytes(key);
    bytes[bytes.length / 2] ^= 1;
    runCleanup();
    bucket.plant(key, bytes);
    assertThat(count(runCleanup(), Counter.GIT_PACKS_REPLACED)).isEqualTo(1);
    requireWhole();
  }

  @Test
  void aWipedBucketIsFilledFromThePacksOfAPeer() {
    wipe();
    assertThat(count(runNormal(), Counter.GIT_PACKS_REPLACED)).isEqualTo(1);
    requireWhole();
    requireAtRest();
    assertThat(bucket.head(GitKeys.manifest(new RepoPath("owner", "g")))).isPresent();
  }

  /** What is still here builds on what is lost: all that refs lead to is looked at. */
  @Test
  void whatCameAfterTheFoldStays() {
    ContentId fold = live().getFirst();
    push("after the fold");
    forgetUploads();
    bucket.delete(List.of(key(fold, Part.PACK), key(fold, Part.INDEX)));
    runNormal();
    assertThat(live()).hasSize(PUSHES + 1).doesNotContain(fold);
    requireWhole();
  }

  /** A part of it is not enough, however sound; with the rest it is. */
  @Test
  void whatAPeerHasInPartIsNoSubstitute() {
    ContentId fold = live().getFirst();
    ContentId kept = peer.packs.removeLast();
    wipe();
    for (int i = 0; i < 3; i++) {
      clock.advance(Duration.ofHours(5));
      assertThat(count(runNormal(), Counter.GIT_PACKS_REPLACED)).isZero();
    }
    assertThat(live()).contains(fold);
    assertThat(lost())
        .singleElement()
        .satisfies(entry ->
            assertThat(entry.reason()).contains("no peer's packs hold all of its objects"));
    peer.packs.add(kept);
    clock.advance(Duration.ofDays(1));
    assertThat(count(runNormal(), Counter.GIT_PACKS_REPLACED)).isEqualTo(1);
    assertThat(lost()).isEmpty();
    requireWhole();
  }

  @Test
  void aPeerThatLiesGivesNothing() {
    ContentId fold = live().getFirst();
    peer.lies = true;
    wipe();
    RepairTracker tracker = runNormal();
    assertThat(count(tracker, Counter.GIT_PACKS_TAKEN)).isZero();
    assertThat(live()).containsExactly(fold);
    assertThat(lost()).hasSize(1);
    assertThat(spool).isEmptyDirectory();
  }

  /** Each request in one of three ways: most come to the same. */
  @ParameterizedTest
  @EnumSource(value = Faults.Way.class, names = "CRASHES_BEFORE", mode = EnumSource.Mode.EXCLUDE)
  void everyRequestMayFailOrBeTheLast(Faults.Way way) {
    ContentId fold = live().getFirst();
    List<String> refs = refs();
    Faults none = Faults.none();
    lose(fold);
    attempt(none);
    requireWhole();
    int first =
        switch (way) {
          case FAILS_BEFORE -> 1;
          case FAILS_AFTER -> 2;
          default -> 3;
        };
    for (int request = first; request <= none.requests(); request += 3) {
      lose(fold);
      attempt(Faults.at(request, way));
      freeLease();
      for (int i = 0; i < 6 && live().contains(fold); i++) {
        clock.advance(Duration.ofHours(5));
        cycle().run(Optional.empty(), () -> false);
      }
      String what = way + " at " + request + ": " + none.log().get(request - 1);
      assertThat(live()).as(what).doesNotContain(fold).hasSize(PUSHES);
      assertThat(refs()).as(what).isEqualTo(refs);
    }
    requireWhole();
  }

  /** As it was before the peer's packs came. */
  private void lose(ContentId fold) {
    wipe();
    catalog.execute(
        Statement.of("delete from git_packs where pack <> :fold").text("fold", fold.hex()));
    catalog.execute(Statement.of("update git_packs set state = 'live', retired_at = null"));
    catalog.execute(Statement.of("truncate lost"));
    forgetAttempts();
  }

  private void attempt(Faults faults) {
    clock.advance(Duration.ofHours(1));
    try {
      cycle(new FaultyObjectStore(bucket, faults), new FaultyCatalog(catalog, faults))
          .run(Optional.empty(), () -> false);
    } catch (SheafException | Crash e) {
      assertThat(faults.happened()).as(e.toString()).isTrue();
    }
  }
}
