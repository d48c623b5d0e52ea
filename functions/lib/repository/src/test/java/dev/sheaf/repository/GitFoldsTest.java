package dev.sheaf.repository;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sheaf.bundle.ContentId;
import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.RefName;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.bundle.history.Ids;
import dev.sheaf.git.GitKeys;
import dev.sheaf.git.GitStorage;
import dev.sheaf.git.PackLimits;
import dev.sheaf.git.RepoPath;
import dev.sheaf.git.StoredPack;
import dev.sheaf.git.fold.FoldLimits;
import dev.sheaf.git.fold.FoldPlan;
import dev.sheaf.repository.git.GitFolds;
import dev.sheaf.repository.git.GitPorts;
import dev.sheaf.repository.git.GitPushes;
import dev.sheaf.repository.git.RefUpdate;
import dev.sheaf.repository.git.RefsRequest;
import dev.sheaf.storage.ObjectStore;
import dev.sheaf.storage.ObjectStore.StoredObject;
import dev.sheaf.storage.catalog.Catalog;
import dev.sheaf.storage.catalog.Statement;
import dev.sheaf.testing.Crash;
import dev.sheaf.testing.Faults;
import dev.sheaf.testing.FaultyCatalog;
import dev.sheaf.testing.FaultyObjectStore;
import dev.sheaf.testing.InMemoryObjectStore;
import dev.sheaf.testing.RandomisedTest;
import dev.sheaf.testing.TestGit;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.eclipse.jgit.internal.storage.dfs.DfsRepository;
import org.eclipse.jgit.lib.ObjectId;
import org.eclipse.jgit.revwalk.ObjectWalk;
import org.eclipse.jgit.revwalk.RevObject;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Folding in a real catalog: whatever fails, and whoever pushes meanwhile, no object is lost. */
class GitFoldsTest extends CatalogTest {
  private static final Duration GRACE = Duration.ofDays(2);
  private static final FoldLimits LIMITS = FoldLimits.of(1L << 30, 1L << 33);

  @TempDir Path folder;

  private final ObjectStore store = new InMemoryObjectStore();

  @SuppressWarnings("NullAway.Init")
  private TestGit git;

  @SuppressWarnings("NullAway.Init")
  private Path temp;

  @SuppressWarnings("NullAway.Init")
  private Repo repo;

  private int commits;

  @BeforeEach
  void start() throws IOException {
    git = TestGit.init(folder.resolve("work"));
    temp = Files.createDirectories(folder.resolve("temp"));
    repo = newRepo();
    commit();
    push("--all");
  }

  @AfterEach
  void noFileIsLeft() throws IOException {
    try (Stream<Path> files = Files.list(temp)) {
      assertThat(files).isEmpty();
    }
  }

  @Test
  void pushesBecomeOnePackAndTheOldOnesGoAfterTheirTime() {
    pushes(6);
    assertThat(live()).hasSize(7);
    GitFolds.Look look = folds().look(repo);
    assertThat(look.plan().kind()).isEqualTo(FoldPlan.Kind.FULL);
    GitFolds.Report report = folds().carryOut(repo, look);
    assertThat(report).isEqualTo(new GitFolds.Report(7, 0, 0, false));
    assertThat(live()).hasSize(1).allMatch(pack -> pack.bitmapBytes() > 0);
    assertThat(packsInTheBucket()).hasSize(8);
    requireWhole();

    clock.advance(GRACE.minusSeconds(1));
    assertThat(folds().look(repo).discard()).isEmpty();
    clock.advance(Duration.ofSeconds(2));
    look = folds().look(repo);
    assertThat(look.plan().kind()).isEqualTo(FoldPlan.Kind.NOTHING);
    assertThat(folds().carryOut(repo, look).discarded()).isEqualTo(7);
    assertThat(packsInTheBucket()).hasSize(1);
    assertThat(store.list(GitKeys.of(path()), null, null).objects()).hasSize(4);
    requireWhole();
  }

  /** The next listing proves it for nothing; what lay there before is proven by who reads it. */
  @Test
  void whatTheStoreSaysOfAFoldIsNoted() {
    pushes(6);
    fold();
    ContentId fold = live().getFirst().pack();
    Map<String, String> noted = new TreeMap<>();
    catalog
        .execute(
            Statement.of(
                    """
                    select etag, index_etag, bitmap_etag from git_packs
                    where repo_id = :repo and state = 'live'
                    """)
                .text("repo", repo.repoId()))
        .forEach(row -> {
          noted.put("pack", String.valueOf(row.textOrNull("etag")));
          noted.put("idx", String.valueOf(row.textOrNull("index_etag")));
          noted.put("bitmap", String.valueOf(row.textOrNull("bitmap_etag")));
        });
    Map<String, String> there = new TreeMap<>();
    for (GitKeys.Part part : GitKeys.Part.values()) {
      String key = GitKeys.key(path(), fold, part);
      there.put(key.substring(key.lastIndexOf('.') + 1), store.head(key).orElseThrow().etag());
    }
    assertThat(noted).isEqualTo(there);
  }

  @Test
  void twoFoldsAtOnceDoNoHarm() {
    pushes(3);
    GitFolds.Look first = folds().look(repo);
    GitFolds.Look second = folds().look(repo);
    assertThat(folds().carryOut(repo, first).folded()).isEqualTo(4);
    assertThat(folds().carryOut(repo, second).lost()).isTrue();
    assertThat(live()).hasSize(1);
    requireWhole();
  }

  @Test
  void aPushDuringAFoldIsKeptBesideIt() {
    pushes(3);
    GitFolds.Look look = folds().look(repo);
    pushes(1);
    assertThat(folds().carryOut(repo, look).folded()).isEqualTo(4);
    assertThat(live()).hasSize(2);
    requireWhole();
  }

  /** The branch comes back to a commit that was about to be dropped. */
  @Test
  void nothingIsDroppedThatAPushMeanwhileReliesOn() {
    String lost = commit();
    push("main~1..main");
    move("main~1");
    fold();
    assertThat(live()).hasSize(2);
    clock.advance(Duration.ofDays(15));
    GitFolds.Look look = folds().look(repo);
    assertThat(look.plan().kind()).isEqualTo(FoldPlan.Kind.FULL);
    move(lost);
    assertThat(folds().carryOut(repo, look).lost()).isTrue();
    requireWhole();

    // And where nobody needs it, it goes, and pushes that looked before look again.
    move("main~1");
    assertThat(folds().carryOut(repo, folds().look(repo)).dropped()).isPositive();
    assertThat(GitState.of(catalog, repo.repoId()).epoch()).isEqualTo(1);
    requireWhole();
  }

  @Test
  void aCatalogThatWasSetBackIsLeftAlone() {
    pushes(2);
    catalog.execute(
        Statement.of("update repos set git_sequence = 1 where repo_id = :repo")
            .text("repo", repo.repoId()));
    assertThatThrownBy(() -> folds().look(repo))
        .isInstanceOfSatisfying(
            SheafException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.CORRUPT))
        .hasMessageContaining("the catalog was set back");
  }

  /** The process dies before each of its requests in turn; the next one finishes the work. */
  @Test
  void aFoldMayDieAnywhere() {
    Faults none = Faults.none();
    pushes(1);
    fold(none);
    for (int request = 1; request <= none.requests(); request++) {
      pushes(1);
      Faults faults = Faults.at(request, Faults.Way.CRASHES_BEFORE);
      try {
        fold(faults);
      } catch (Crash e) {
        requireWhole();
      }
      clock.advance(GRACE.plusHours(1));
      fold();
      assertThat(live()).as("after a crash before %s", faults.log()).hasSize(1);
      requireWhole();
    }
    clock.advance(GRACE.plusHours(1));
    fold();
    assertThat(packsInTheBucket()).hasSize(1);
  }

  /** Pushes, forced moves, folds that fail or die, and time, in any order. */
  @RandomisedTest(seeds = 2)
  void noObjectIsEverLost(long seed) {
    Random random = new Random(seed);
    pushes(1);
    for (int step = 0; step < 40; step++) {
      switch (random.nextInt(8)) {
        case 0 -> clock.advance(Duration.ofDays(random.nextInt(16)));
        case 1 -> move(random.nextBoolean() ? "main" : "main~1");
        case 2, 3 -> fold();
        case 4, 5 -> foldWithAFault(random);
        default -> pushes(1 + random.nextInt(2));
      }
      requireWhole();
    }
    fold();
    assertThat(live()).hasSizeLessThanOrEqualTo(8);
    clock.advance(Duration.ofDays(20));
    fold();
    fold();
    requireWhole();
  }

  private void foldWithAFault(Random random) {
    List<Faults.Way> ways = List.of(Faults.Way.values());
    try {
      fold(Faults.at(1 + random.nextInt(40), ways.get(random.nextInt(ways.size()))));
    } catch (Crash | SheafException e) {
      // The next step finds what is left.
    }
  }

  private void fold() {
    fold(Faults.none());
  }

  private void fold(Faults faults) {
    GitFolds folds = folds(faults);
    folds.carryOut(repo, folds.look(repo));
  }

  private GitFolds folds() {
    return folds(Faults.none());
  }

  private GitFolds folds(Faults faults) {
    return new GitFolds(ports(faults), LIMITS, GRACE);
  }

  private GitPorts ports(Faults faults) {
    Catalog faultyCatalog = new FaultyCatalog(catalog, faults);
    ObjectStore faultyStore = new FaultyObjectStore(store, faults);
    PackLimits limits = PackLimits.of(1L << 30, 1L << 33);
    return new GitPorts(
        faultyCatalog, faultyStore, new GitStorage(faultyStore), temp, limits, clock, SiteLog.OFF);
  }

  private String commit() {
    commits++;
    return git.commit("file" + commits % 3, ("line " + commits + "\n").repeat(50));
  }

  private void pushes(int count) {
    for (int i = 0; i < count; i++) {
      commit();
      push("main~1..main");
    }
  }

  private void push(String revisions) {
    byte[] bytes = git.bundle(revisions);
    GitPushes.Bundle bundle =
        new GitPushes.Bundle(
            Ids.object(bytes), bytes.length, NOW, () -> new ByteArrayInputStream(bytes));
    push(bundle, git.id("main"));
  }

  private void move(String revision) {
    push(null, git.id(revision));
  }

  private void push(GitPushes.@org.jspecify.annotations.Nullable Bundle bundle, String target) {
    RefUpdate update =
        new RefUpdate(
            RefName.ofBranch("main"),
            new RefUpdate.Expected.Anything(),
            ObjectId.fromString(target),
            true);
    RefsRequest request = new RefsRequest(List.of(update), null, null, false);
    GitPushes pushes = new GitPushes(ports(Faults.none()), jobs(), 1 << 20);
    assertThat(pushes.push(repo, bundle, request).isRefused()).isFalse();
  }

  private List<GitPacks.Live> live() {
    return new GitPacks(catalog, repo.repoId()).live();
  }

  private RepoPath path() {
    return new RepoPath(repo.owner(), repo.name());
  }

  private List<ContentId> packsInTheBucket() {
    List<ContentId> packs = new ArrayList<>();
    for (StoredObject object : store.list(GitKeys.of(path()), null, null).objects()) {
      GitKeys.PackKey key = GitKeys.parse(object.key());
      if (key != null && key.part() == GitKeys.Part.PACK) {
        packs.add(key.pack());
      }
    }
    return packs;
  }

  /** All that the branch reaches can be read, and is what git has. */
  private void requireWhole() {
    List<StoredPack> packs =
        live().stream()
            .map(pack ->
                new StoredPack(
                    pack.pack(),
                    pack.sizeBytes(),
                    pack.indexBytes(),
                    pack.objects(),
                    pack.bitmapBytes()))
            .toList();
    DfsRepository repository = new GitStorage(store).open(path(), packs);
    List<GitRef> refs = new GitRefTable(catalog, repo.repoId()).proven();
    assertThat(refs).hasSize(1);
    Set<String> found = new HashSet<>();
    try (ObjectWalk walk = new ObjectWalk(repository)) {
      walk.markStart(walk.parseAny(refs.getFirst().target()));
      for (RevObject next = walk.next(); next != null; next = walk.next()) {
        found.add(next.name());
      }
      for (RevObject next = walk.nextObject(); next != null; next = walk.nextObject()) {
        assertThat(repository.getObjectDatabase().has(next)).as(next.name()).isTrue();
        found.add(next.name());
      }
    } catch (IOException e) {
      throw new AssertionError(e);
    }
    assertThat(found)
        .hasSameElementsAs(
            git.run("rev-list", "--objects", "--no-object-names", refs.getFirst().target().name())
                .lines()
                .toList());
  }
}
