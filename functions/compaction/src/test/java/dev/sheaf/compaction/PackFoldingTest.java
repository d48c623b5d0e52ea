package dev.sheaf.compaction;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sheaf.bundle.Content;
import dev.sheaf.bundle.ContentId;
import dev.sheaf.bundle.RefName;
import dev.sheaf.bundle.history.Ids;
import dev.sheaf.git.GitKeys;
import dev.sheaf.git.GitStorage;
import dev.sheaf.git.PackLimits;
import dev.sheaf.git.RepoPath;
import dev.sheaf.git.fold.FoldLimits;
import dev.sheaf.localstack.servers.LocalServers;
import dev.sheaf.repository.CatalogSchema;
import dev.sheaf.repository.GitPacks;
import dev.sheaf.repository.Repo;
import dev.sheaf.repository.Repos;
import dev.sheaf.repository.SiteLog;
import dev.sheaf.repository.git.FoldRows;
import dev.sheaf.repository.git.GitFolds;
import dev.sheaf.repository.git.GitPorts;
import dev.sheaf.repository.git.GitPushes;
import dev.sheaf.repository.git.OrphanPacks;
import dev.sheaf.repository.git.RefUpdate;
import dev.sheaf.repository.git.RefsRequest;
import dev.sheaf.repository.job.Jobs;
import dev.sheaf.storage.ObjectStore;
import dev.sheaf.storage.catalog.Catalog;
import dev.sheaf.storage.catalog.Statement;
import dev.sheaf.storage.counting.CountingCatalog;
import dev.sheaf.storage.counting.CountingObjectStore;
import dev.sheaf.storage.counting.RequestCounts;
import dev.sheaf.storage.counting.RequestKind;
import dev.sheaf.storage.wiring.Site;
import dev.sheaf.testing.GrantedObjectStore;
import dev.sheaf.testing.InMemoryObjectStore;
import dev.sheaf.testing.ManualClock;
import dev.sheaf.testing.SequentialIds;
import dev.sheaf.testing.TestGit;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.eclipse.jgit.lib.ObjectId;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** Which repositories are asked about, and what a run and a dry run say of them. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class PackFoldingTest {
  private static final FoldLimits LIMITS = FoldLimits.of(1L << 30, 1L << 33);
  private static final Duration GRACE = Duration.ofDays(2);

  @TempDir Path folder;

  private final SequentialIds ids = new SequentialIds();
  private final ManualClock clock = new ManualClock();

  @SuppressWarnings("NullAway.Init")
  private Catalog catalog;

  private ObjectStore bucket = new InMemoryObjectStore(clock);
  private RequestCounts counts = new RequestCounts();

  @SuppressWarnings("NullAway.Init")
  private PackFolding folding;

  @SuppressWarnings("NullAway.Init")
  private Path temp;

  private int repositories;

  @BeforeAll
  void createCatalog() throws IOException {
    catalog = Site.from(LocalServers.shared().newSite()).catalog();
    CatalogSchema.migrations().apply(catalog);
  }

  @BeforeEach
  void start() throws IOException {
    temp = Files.createTempDirectory(folder, "temp");
    counts = new RequestCounts();
    bucket = new CountingObjectStore(new InMemoryObjectStore(clock), counts);
    Catalog counted = new CountingCatalog(catalog, counts);
    ObjectStore granted = GrantedObjectStore.of(bucket, "CompactionRole");
    folding =
        new PackFolding(
            granted,
            () -> new Repos(counted),
            () -> new GitFolds(ports(counted, granted), LIMITS, GRACE),
            () -> new OrphanPacks(ports(counted, granted), GRACE),
            GRACE,
            LIMITS,
            clock);
  }

  @Test
  void aRunFoldsWhatADryRunHasSaid() throws IOException {
    Repo repo = pushed(3);
    List<Map<String, Object>> plan = folding.plan();
    assertThat(plan).hasSize(1);
    assertThat(plan.getFirst().toString())
        .contains("repo=" + repo.owner() + "/" + repo.name(), "kind=FULL", "action=FOLD")
        .contains("reason=all that refs reach becomes one pack with a bitmap");
    assertThat(new GitPacks(catalog, repo.repoId()).live()).hasSize(3);

    List<PackFolding.Outcome> outcomes = folding.run(() -> 300_000).outcomes();
    assertThat(outcomes).hasSize(1);
    assertThat(outcomes.getFirst().toMap().toString())
        .contains("folded=3, dropped=0, discarded=0, orphans=0, lost=false");
    assertThat(outcomes.getFirst().logLine()).contains("\"event\":\"folding\"", "\"Folded\":3");
    assertThat(new GitPacks(catalog, repo.repoId()).live()).hasSize(1);
  }

  /** The catalog must be left alone where nothing happens: it is paused then. */
  @Test
  void whatHasNotChangedIsNotAskedAbout() throws IOException {
    pushed(1);
    pushed(3);
    long before = counts.catalog();
    folding.run(() -> 300_000);
    assertThat(counts.catalog()).isGreaterThan(before);
    folding.run(() -> 300_000); // looks at what it has made, and finds nothing to do
    before = counts.catalog();
    long lists = counts.count(RequestKind.S3_LIST);
    for (int i = 0; i < 3; i++) {
      clock.advance(Duration.ofMinutes(5));
      assertThat(folding.run(() -> 300_000).outcomes()).isEmpty();
    }
    assertThat(counts.catalog()).isEqualTo(before);
    assertThat(counts.count(RequestKind.S3_LIST)).isEqualTo(lists + 3);

    // Until the folded packs can be taken away.
    clock.advance(GRACE);
    assertThat(folding.run(() -> 300_000).outcomes())
        .singleElement()
        .satisfies(outcome -> assertThat(outcome.toMap()).containsEntry("discarded", 3));
  }

  @Test
  void oneThatCannotBeFoldedStopsNoOther() throws IOException {
    Repo bad = pushed(2);
    Repo good = pushed(2);
    GitPacks.Live pack = new GitPacks(catalog, bad.repoId()).live().getFirst();
    String key = GitKeys.key(new RepoPath(bad.owner(), bad.name()), pack.pack(), GitKeys.Part.PACK);
    bucket.put(
        key,
        Content.of(new byte[(int) pack.sizeBytes()]),
        null,
        ObjectStore.Condition.ALWAYS,
        "application/octet-stream");
    List<PackFolding.Outcome> outcomes = folding.run(() -> 300_000).outcomes();
    assertThat(outcomes)
        .anySatisfy(outcome -> assertThat(outcome.toMap().toString()).contains("error=" + key));
    assertThat(outcomes)
        .anySatisfy(outcome -> assertThat(outcome.logLine()).contains("\"Failed\":1"));
    assertThat(new GitPacks(catalog, bad.repoId()).live()).hasSize(2);
    assertThat(new GitPacks(catalog, good.repoId()).live()).hasSize(1);
  }

  /** As where a stored object is not as JGit reads it: packs are folded by their sizes. */
  @Test
  void whatCannotBeWalkedIsFoldedBySizesAndNotTriedAtEachRun() throws IOException {
    Repo repo = pushed(4);
    catalog.execute(
        Statement.of(
                "update git_refs set target = :nothing, shown_target = :nothing where repo_id = :repo"
                    + " and symref is null")
            .text("nothing", "1234567890".repeat(4))
            .text("repo", repo.repoId()));
    PackFolding.Outcome outcome = folding.run(() -> 300_000).outcomes().getFirst();
    assertThat(outcome.toMap()).containsEntry("folded", 4);
    assertThat(outcome.toMap().toString()).contains("error=", "1234567890");
    assertThat(outcome.logLine()).contains("\"Failed\":1", "\"Folded\":4");
    assertThat(new GitPacks(catalog, repo.repoId()).live()).hasSize(1);

    long gets = counts.count(RequestKind.S3_GET);
    clock.advance(Duration.ofMinutes(1));
    assertThat(folding.run(() -> 300_000).outcomes()).isEmpty();
    assertThat(counts.count(RequestKind.S3_GET)).isLessThanOrEqualTo(gets + 1);
  }

  /** A fold that finds other bytes than it should finds them again: not each minute. */
  @Test
  void whatCannotBeFoldedAtAllIsLeftForADay() throws IOException {
    Repo bad = pushed(2);
    GitPacks.Live pack = new GitPacks(catalog, bad.repoId()).live().getFirst();
    bucket.put(
        key(bad, pack.pack(), GitKeys.Part.PACK),
        Content.of(new byte[(int) pack.sizeBytes()]),
        null,
        ObjectStore.Condition.ALWAYS,
        "application/octet-stream");
    assertThat(folding.run(() -> 300_000).outcomes()).hasSize(1);
    long gets = counts.count(RequestKind.S3_GET);
    clock.advance(Duration.ofMinutes(1));
    assertThat(folding.run(() -> 300_000).outcomes()).isEmpty();
    assertThat(counts.count(RequestKind.S3_GET)).isEqualTo(gets);
    clock.advance(Duration.ofDays(1));
    assertThat(folding.run(() -> 300_000).outcomes()).hasSize(1);
  }

  @Test
  void beginsNothingWithoutTime() throws IOException {
    Repo repo = pushed(2);
    assertThat(folding.run(() -> 20_000).outcomes()).isEmpty();
    assertThat(new GitPacks(catalog, repo.repoId()).live()).hasSize(2);
  }

  @Test
  void packsOfNobodyAreLeftAlone() {
    String key =
        GitKeys.key(new RepoPath("no", "body"), Ids.object(new byte[0]), GitKeys.Part.PACK);
    String other =
        GitKeys.key(new RepoPath("no", "body"), Ids.object(new byte[1]), GitKeys.Part.PACK);
    for (String one : List.of(key, other)) {
      bucket.put(
          one, Content.of(new byte[9]), null, ObjectStore.Condition.ALWAYS, "application/git");
    }
    assertThat(folding.run(() -> 300_000).outcomes()).isEmpty();
    assertThat(folding.plan()).isEmpty();
    assertThat(bucket.head(key)).isPresent();
  }

  /** Packs of pushes that lost, or died: they go when no push can be on its way with them. */
  @Test
  void packsThatNoRowNamesGoWhenTheirTimeIsOver() throws IOException {
    Repo repo = pushed(1);
    String lost = orphan(repo, "lost", GitKeys.Part.PACK);
    String index = orphan(repo, "lost", GitKeys.Part.INDEX);
    clock.advance(GRACE.minusHours(1));
    orphan(repo, "half", GitKeys.Part.INDEX);
    String half = orphan(repo, "half", GitKeys.Part.PACK); // its push may still be running
    assertThat(folding.run(() -> 300_000).outcomes()).isEmpty();
    clock.advance(Duration.ofHours(2));
    assertThat(folding.plan().toString()).contains("orphans=[" + name("lost") + "]");
    assertThat(folding.run(() -> 300_000).outcomes())
        .singleElement()
        .satisfies(outcome -> assertThat(outcome.toMap()).containsEntry("orphans", 1));
    assertThat(bucket.head(lost)).isEmpty();
    assertThat(bucket.head(index)).isEmpty();
    assertThat(bucket.head(half)).isPresent();
    GitPacks.Live live = new GitPacks(catalog, repo.repoId()).live().getFirst();
    assertThat(bucket.head(key(repo, live.pack(), GitKeys.Part.PACK))).isPresent();
    clock.advance(GRACE);
    folding.run(() -> 300_000);
    assertThat(bucket.head(half)).isEmpty();
  }

  /** One pack and no row: looked for while it comes of age, and never again. */
  @Test
  void whatAFirstPushLeftIsFoundWithoutAskingForEver() throws IOException {
    String id = ids.get();
    Repo repo = new Repos(catalog).findOrCreate("owner", id, id, clock.instant());
    String lost = orphan(repo, id, GitKeys.Part.PACK);
    pushed(1);
    long before = counts.catalog();
    folding.run(() -> 300_000);
    assertThat(counts.catalog()).isEqualTo(before);
    clock.advance(GRACE.plusHours(1));
    folding.run(() -> 300_000);
    assertThat(bucket.head(lost)).isEmpty();
    before = counts.catalog();
    long lists = counts.count(RequestKind.S3_LIST);
    folding.run(() -> 300_000);
    clock.advance(GRACE);
    folding.run(() -> 300_000);
    assertThat(counts.catalog()).isEqualTo(before);
    assertThat(counts.count(RequestKind.S3_LIST)).isEqualTo(lists + 2);
  }

  /** A push that finds the pack there writes it again under the lock: age and row are both new. */
  @Test
  void aPackThatIsPushedMeanwhileStays() throws IOException {
    Repo repo = pushed(1);
    String old = orphan(repo, "old", GitKeys.Part.PACK);
    String named = orphan(repo, "named", GitKeys.Part.PACK);
    clock.advance(GRACE.plusHours(1));
    OrphanPacks orphans = new OrphanPacks(ports(catalog, bucket), GRACE);
    List<ContentId> over =
        orphans.find(repo, Map.of(name("old"), Instant.EPOCH, name("named"), Instant.EPOCH)).over();
    assertThat(over).hasSize(2);
    orphan(repo, "old", GitKeys.Part.PACK);
    new FoldRows(catalog, repo.repoId())
        .add(new FoldRows.Made(name("named"), 9, 9, 0, 1, false), 9, clock.instant());
    assertThat(orphans.delete(repo, over)).isZero();
    assertThat(bucket.head(old)).isPresent();
    assertThat(bucket.head(named)).isPresent();
  }

  @Test
  void aCatalogThatWasSetBackDeletesNothing() throws IOException {
    Repo repo = pushed(1);
    String lost = orphan(repo, "lost", GitKeys.Part.PACK);
    clock.advance(GRACE.plusHours(1));
    catalog.execute(
        Statement.of("update repos set git_sequence = 0 where repo_id = :repo")
            .text("repo", repo.repoId()));
    OrphanPacks orphans = new OrphanPacks(ports(catalog, bucket), GRACE);
    assertThatThrownBy(() -> orphans.find(repo, Map.of(name("lost"), Instant.EPOCH)))
        .hasMessageContaining("the catalog was set back");
    assertThatThrownBy(() -> orphans.delete(repo, List.of(name("lost"))))
        .hasMessageContaining("the catalog was set back");
    assertThat(bucket.head(lost)).isPresent();
  }

  private static ContentId name(String text) {
    return Ids.object(text.getBytes(StandardCharsets.UTF_8));
  }

  private static String key(Repo repo, ContentId pack, GitKeys.Part part) {
    return GitKeys.key(new RepoPath(repo.owner(), repo.name()), pack, part);
  }

  private String orphan(Repo repo, String text, GitKeys.Part part) {
    String key = key(repo, name(text), part);
    bucket.put(key, Content.of(new byte[9]), null, ObjectStore.Condition.ALWAYS, "application/git");
    return key;
  }

  private GitPorts ports(Catalog through, ObjectStore store) {
    return new GitPorts(
        through,
        store,
        new GitStorage(store),
        temp,
        PackLimits.of(1L << 30, 1L << 33),
        clock,
        SiteLog.OFF);
  }

  /** A repository of its own, with a commit a push. */
  private Repo pushed(int pushes) throws IOException {
    String id = ids.get();
    Repo repo = new Repos(catalog).findOrCreate("owner", id, id, clock.instant());
    TestGit git = TestGit.init(folder.resolve("work" + repositories++));
    GitPushes to = new GitPushes(ports(catalog, bucket), new Jobs(catalog, clock, ids), 1 << 20);
    for (int i = 0; i < pushes; i++) {
      String commit = git.commit("file", id + ("line " + i + "\n").repeat(20));
      byte[] bytes = git.bundle(i == 0 ? "--all" : "main~1..main");
      GitPushes.Bundle bundle =
          new GitPushes.Bundle(
              Ids.object(bytes),
              bytes.length,
              clock.instant(),
              () -> new ByteArrayInputStream(bytes));
      RefUpdate update = RefUpdate.forward(RefName.ofBranch("main"), ObjectId.fromString(commit));
      to.push(repo, bundle, new RefsRequest(List.of(update), null, null, false));
    }
    return repo;
  }
}
