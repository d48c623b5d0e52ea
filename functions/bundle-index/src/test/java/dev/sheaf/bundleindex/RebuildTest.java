package dev.sheaf.bundleindex;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sheaf.bundle.ContentId;
import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.FileContent;
import dev.sheaf.bundle.ObjectKeys;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.bundle.history.Ids;
import dev.sheaf.git.fold.FoldLimits;
import dev.sheaf.repair.rebuild.Rebuild;
import dev.sheaf.repository.Deletions;
import dev.sheaf.repository.GitPacks;
import dev.sheaf.repository.PublicRepos;
import dev.sheaf.repository.Repo;
import dev.sheaf.repository.Repos;
import dev.sheaf.repository.SiteLog;
import dev.sheaf.repository.git.GitFolds;
import dev.sheaf.storage.catalog.Statement;
import dev.sheaf.testing.Crash;
import dev.sheaf.testing.Faults;
import dev.sheaf.testing.FaultyCatalog;
import dev.sheaf.testing.FaultyObjectStore;
import dev.sheaf.testing.RandomisedTest;
import dev.sheaf.testing.StoreChecker;
import dev.sheaf.testing.TestGit;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** The bucket is the truth: a catalog that is gone is made anew out of it, row for row. */
class RebuildTest extends RebuildFixture {
  @RandomisedTest(seeds = 2)
  void everyTableComesBack(long seed) {
    Random random = new Random(seed);
    Map<String, Writer> writers = new TreeMap<>();
    Map<String, TestGit> gits = new TreeMap<>();
    for (int i = 0; i < 9; i++) {
      String name = "m" + random.nextInt(3);
      pushMuse(name, writers.computeIfAbsent(name, _ -> new Writer()), random);
      String gitName = "g" + random.nextInt(2);
      int pushes = gits.containsKey(gitName) ? packs(gitName).size() : 0;
      pushGit(gitName, gits.computeIfAbsent(gitName, _ -> git()), pushes);
    }
    setPublic(writers.keySet().iterator().next());
    setPublic(gits.keySet().iterator().next());
    writeDown();
    List<String> before = tables();
    List<String> keys = store.keys();
    dropCatalog();
    rebuild();
    requireAs(before, "seed " + seed);
    assertThat(store.keys()).as("nothing is stored anew").isEqualTo(keys);
    StoreChecker.requireSound(store, catalog);
    assertThat(rebuild(store, catalog, false).steps()).as("nothing is left to do").isZero();
  }

  /** A fold is this site's own: peers are not told of it afterwards either. */
  @Test
  void aFoldComesBackAsOne() {
    TestGit git = git();
    for (int i = 0; i < 6; i++) {
      pushGit("g", git, i);
    }
    GitFolds folds =
        new GitFolds(gitPorts(), FoldLimits.of(1L << 28, 1L << 28), Duration.ofDays(2));
    folds.carryOut(repo("g"), folds.look(repo("g"), true));
    List<GitPacks.Live> before = packs("g");
    assertThat(before).extracting(GitPacks.Live::origin).contains(GitPacks.Origin.FOLD);
    writeDown();
    dropCatalog();
    rebuild();
    assertThat(packs("g")).isEqualTo(before);
  }

  /** Whatever was cut off: run again, it ends in the same rows. */
  @ParameterizedTest
  @EnumSource(
      value = Faults.Way.class,
      names = {"FAILS_AFTER", "CRASHES_BEFORE"})
  void everyRequestMayFailOrBeTheLast(Faults.Way way) {
    small();
    List<String> before = tables();
    dropCatalog();
    Faults none = Faults.none();
    rebuild(new FaultyObjectStore(store, none), new FaultyCatalog(catalog, none), false);
    assertThat(none.requests()).isGreaterThan(10);
    for (int request = 1; request <= none.requests(); request++) {
      dropCatalog();
      Faults faults = Faults.at(request, way);
      try {
        rebuild(new FaultyObjectStore(store, faults), new FaultyCatalog(catalog, faults), false);
      } catch (SheafException | Crash e) {
        assertThat(faults.happened()).as(e.toString()).isTrue();
      }
      rebuild();
      requireAs(before, way + " at " + none.log().get(request - 1));
    }
  }

  @Test
  void aDryRunSaysWhatIsMissingAndChangesNothing() {
    small();
    List<String> keys = store.keys();
    String pack = keys.stream().filter(key -> key.endsWith(".pack")).findFirst().orElseThrow();
    String bundle =
        keys.stream().filter(key -> key.startsWith("bundles/alice/m/")).findFirst().orElseThrow();
    store.delete(List.of(pack, bundle));
    dropCatalog();
    Rebuild.Progress progress = rebuild(store, catalog, true);
    assertThat(progress.repositories()).isEqualTo(2);
    assertThat(progress.missing()).isEqualTo(2);
    assertThat(String.join("\n", steps)).contains(pack, bundle, "as its record says");
    assertThat(tables()).isEmpty();
    assertThat(queue.drain()).isEmpty();
  }

  /** With several sites not each keeps every bundle, and only one moves branches. */
  @ParameterizedTest
  @CsvSource({"https://self.example", "https://home.example"})
  void bundlesThatOnlyPeersKeepAreBrought(String home) {
    log = new SiteLog("https://self.example", "https://self.example", () -> new Random(1));
    small();
    catalog.execute(
        Statement.of("update repos set home = :home where name = 'm'").text("home", home));
    writeDown();
    List<String> before = tables();
    Map<ContentId, byte[]> peer = new TreeMap<>();
    for (String key : store.keys()) {
      if (key.startsWith("bundles/alice/m/")) {
        byte[] bytes = store.bytes(key);
        peer.put(Ids.object(bytes), bytes);
        if (peer.size() == 1) {
          store.delete(List.of(key));
        }
      }
    }
    assertThat(peer).hasSizeGreaterThan(1);
    List<ContentId> asked = new ArrayList<>();
    peers =
        bundle -> {
          asked.add(bundle);
          return Optional.of(spooled(requireNonNull(peer.get(bundle))));
        };
    dropCatalog();
    rebuild();
    requireAs(before, "bundles brought");
    assertThat(asked).as("that one, once").hasSize(1);
    assertThat(brought).isEmptyDirectory();
  }

  private FileContent spooled(byte[] bytes) {
    try {
      Path file = Files.createTempFile(brought, "bundle", null);
      Files.write(file, bytes);
      return new FileContent(file, bytes.length);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** What was pushed since the last record was written is in its bundles, and moves forward. */
  @Test
  void bundlesThatAreYoungerThanTheRecordComeAfterIt() {
    Random random = new Random(5);
    Writer writer = new Writer();
    pushMuse("m", writer, random);
    writeDown();
    String late = lateCommit(writer);
    push("m", writer.history.head("main", late).bundle());
    String head = branch("main");
    dropCatalog();
    rebuild();
    assertThat(branch("main")).isEqualTo(head);
  }

  /** A record that is an hour old must not open what was closed since. */
  @Test
  void whatBecamePrivateSinceIsNotPublic() {
    small();
    new PublicRepos(store, List::of, () -> 0).remove(repo("g"));
    dropCatalog();
    rebuild();
    assertThat(repo("g").isPublic()).isFalse();
  }

  @Test
  void whatWasDeletedComesBackDeletedAndCanBeTakenBack() {
    small();
    List<String> before = tables();
    Map<String, String> ids = new TreeMap<>();
    for (String name : List.of("m", "g")) {
      ids.put(name, repo(name).repoId());
      new Deletions(catalog, SiteLog.OFF).delete(repo(name).repoId(), clock.instant());
    }
    writeDown();
    dropCatalog();
    rebuild();
    Repos repos = new Repos(catalog);
    ids.forEach((name, id) -> {
      assertThat(repos.find("alice", name)).as(name).isEmpty();
      new Deletions(catalog, SiteLog.OFF).undo(id, clock.instant());
      assertThat(repo(name).repoId()).isEqualTo(id);
    });
    assertThat(tables()).isEqualTo(before);
  }

  /** Uploads that a manifest is younger than have been decided upon: a deleted branch stays so. */
  @Test
  void anUploadThatWasDecidedUponMovesNothing() {
    small();
    dropCatalog();
    rebuild();
    assertThat(steps).noneMatch(step -> step.startsWith("bundle     alice/g"));
  }

  /** One record that is damaged, one without sense, one repository that no peer answers for. */
  @Test
  void oneRepositoryKeepsNoOtherFromComingBack() {
    small();
    log = new SiteLog("https://self.example", "https://self.example", () -> new Random(1));
    pushMuse("a", new Writer(), new Random(1));
    pushMuse("b", new Writer(), new Random(2));
    writeDown();
    List<String> before = tables();
    store.plant(ObjectKeys.record("alice", "a"), "{\"repo".getBytes(UTF_8));
    store.plant(
        ObjectKeys.record("alice", "b"),
        "{\"repo_id\": \"b\", \"bundles\": [{\"bundle\": \"no id\"}]}".getBytes(UTF_8));
    String bundle = bundles("m").getFirst();
    byte[] bytes = store.bytes(bundle);
    store.delete(List.of(bundle));
    peers =
        _ -> {
          throw new SheafException(ErrorKind.UNAVAILABLE, "a peer does not answer");
        };
    dropCatalog();
    Rebuild.Progress progress = rebuild(store, catalog, false);
    queue.drain().forEach(this::handle);
    assertThat(progress.missing()).isEqualTo(3);
    assertThat(String.join("\n", steps))
        .contains(
            "repos/alice/a.json is damaged", "alice/b: not a SHA-256 id", "a peer does not answer");
    assertThat(repo("g").kind()).isEqualTo(Repo.Kind.GIT);

    rebuild(store, catalog, false);
    queue.drain().forEach(this::handle);
    rebuild(store, catalog, false);
    assertThat(tables().stream().filter(row -> row.startsWith("branches")))
        .as("not before everything is here")
        .hasSizeLessThan((int) before.stream().filter(row -> row.startsWith("branches")).count());
    store.plant(bundle, bytes);
    peers = _ -> Optional.empty();
    store.delete(List.of(ObjectKeys.record("alice", "b")));
    rebuild();
    assertThat(tables().stream().filter(row -> row.startsWith("branches")))
        .hasSameSizeAs(before.stream().filter(row -> row.startsWith("branches")).toList());
  }

  private List<String> bundles(String name) {
    return store.keys().stream()
        .filter(key -> key.startsWith("bundles/alice/" + name + "/"))
        .toList();
  }
}
