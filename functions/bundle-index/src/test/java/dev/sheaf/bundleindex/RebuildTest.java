package dev.sheaf.bundleindex;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sheaf.bundle.ContentId;
import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.FileContent;
import dev.sheaf.bundle.ObjectKeys;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.bundle.history.Ids;
import dev.sheaf.repair.rebuild.Rebuild;
import dev.sheaf.repair.rebuild.RepositoryRecords;
import dev.sheaf.repository.Deletions;
import dev.sheaf.repository.KnownBucket;
import dev.sheaf.repository.PublicRepos;
import dev.sheaf.repository.Repo;
import dev.sheaf.repository.Repos;
import dev.sheaf.repository.SiteLog;
import dev.sheaf.storage.ObjectStore;
import dev.sheaf.storage.catalog.Catalog;
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
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.function.Function;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The bucket is the truth: a catalog that is gone is made anew out of it, row for row. */
class RebuildTest extends GitTest {
  /**
   * What is compared. History of jobs and prepared answers are not kept; nor are ETags, which
   * repair notes when it has proven them, the number of the push that moved a branch, and when rows
   * that no record tells of came to be. Uploads of git repositories have become packs.
   */
  private static final Map<String, String> TABLES = new LinkedHashMap<>();

  static {
    TABLES.put(
        "repos",
        "to_jsonb(t) - '{manifest_etag,op_ulid,pushed_at,rebuilt_as_of,rebuilt_at}'::text[]");
    TABLES.put("objects", "to_jsonb(t) - '{created_at,etag}'::text[]");
    TABLES.put("object_refs", "to_jsonb(t) - 'created_at'");
    TABLES.put("snapshots", "to_jsonb(t)");
    TABLES.put("snapshot_chunks", "to_jsonb(t)");
    TABLES.put("commits", "to_jsonb(t)");
    TABLES.put("branches", "to_jsonb(t) - '{moved_by,op_ulid}'::text[]");
    TABLES.put("git_refs", "to_jsonb(t) - '{updated_at,op_ulid}'::text[]");
    TABLES.put("git_packs", "to_jsonb(t) - '{created_at,etag,index_etag,op_ulid}'::text[]");
    TABLES.put(
        "(select b.* from bundles b join repos using (repo_id) where kind = 'muse')",
        "to_jsonb(t) - '{etag,op_ulid}'::text[]");
  }

  private final List<String> steps = new ArrayList<>();
  private SiteLog log = SiteLog.OFF;
  private Function<ContentId, Optional<FileContent>> peers = _ -> Optional.empty();

  @TempDir private Path brought;

  @BeforeEach
  void emptyRecords() {
    catalog.execute(Statement.of("truncate repo_records"));
    queue.drain();
  }

  private List<String> tables() {
    List<String> rows = new ArrayList<>();
    TABLES.forEach((table, columns) ->
        catalog
            .execute(
                Statement.of(
                    "select (%s)::text as row from %s t order by 1".formatted(columns, table)))
            .forEach(row -> rows.add(table + " " + row.text("row"))));
    return rows;
  }

  /** As whoever looks after the site does each hour. */
  private void writeDown() {
    new RepositoryRecords(catalog, store).write(() -> false);
  }

  private void dropCatalog() {
    emptyCatalog();
    emptyRecords();
    catalog.execute(Statement.of("update known_bucket set is_known = false"));
  }

  private Rebuild.Progress rebuild(ObjectStore bucket, Catalog database, boolean isDry) {
    Rebuild.Ports ports = new Rebuild.Ports(database, bucket, log, peers, () -> queue, clock, ids);
    return new Rebuild(ports, isDry, step -> steps.add(step.toString())).run();
  }

  /** As often as it takes; workers run in between. */
  private void rebuild() {
    for (int round = 0; round < 10; round++) {
      Rebuild.Progress progress = rebuild(store, catalog, false);
      queue.drain().forEach(this::handle);
      if (progress.steps() == 0 && progress.waiting() == 0) {
        return;
      }
    }
    throw new AssertionError("it comes to no end: " + steps);
  }

  private static final class Writer {
    private TestHistory history = new TestHistory();
    private final List<String> commits = new ArrayList<>();
    private int count;

    byte[] next(Random random) {
      history = history.next();
      for (int i = 0; i <= random.nextInt(3); i++) {
        String parent =
            commits.isEmpty()
                ? null
                : commits.get(Math.max(0, commits.size() - 1 - random.nextInt(2)));
        Map<String, String> changes =
            Map.of("file " + random.nextInt(5), "content " + count++ + " " + random.nextInt(9));
        commits.add(
            parent == null
                ? history.commit("c" + count, changes)
                : history.commit("c" + count, changes, parent));
      }
      return history
          .head(random.nextBoolean() ? "main" : "dev " + count, commits.getLast())
          .bundle();
    }
  }

  private void pushMuse(String name, Writer writer, Random random) {
    push(name, writer.next(random));
    clock.advance(Duration.ofSeconds(90));
    if (random.nextInt(3) == 0) { // a branch is moved back, without a bundle
      catalog.execute(
          Statement.of(
                  """
                  update branches set head_commit_id = :head, updated_at = :now::timestamptz
                  where repo_id = :repo and name = (select min(name) from branches where repo_id = :repo)
                  """)
              .text("repo", repo(name).repoId())
              .text("head", writer.commits.getFirst())
              .text("now", clock.instant().toString()));
    }
  }

  private void pushGit(String name, TestGit git, int n) {
    String before = n == 0 ? "" : git.id("main");
    String commit = git.commit("file " + n % 3, "content " + n);
    git.run("tag", "-a", "-m", "tag", "v" + n);
    byte[] bundle = n == 0 ? git.bundle("main", "v0") : git.bundle("main", "v" + n, "^" + before);
    announce(
        name,
        bundle,
        1 << 20,
        false,
        update("refs/heads/main", commit),
        update("refs/tags/v" + n, git.id("v" + n)));
    clock.advance(Duration.ofSeconds(90));
  }

  private void setPublic(String name) {
    Repo repo = repo(name);
    new PublicRepos(store, List::of, () -> 0).add(repo);
    new Repos(catalog).setPublic(repo.repoId(), true, clock.instant());
  }

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

  /** Only what differs is of interest. */
  private void requireAs(List<String> before, String what) {
    List<String> now = tables();
    List<String> gone = new ArrayList<>(before);
    gone.removeAll(now);
    List<String> come = new ArrayList<>(now);
    come.removeAll(before);
    assertThat(come).as(what).isEqualTo(gone).isEmpty();
    assertThat(now).as(what).hasSameSizeAs(before);
  }

  private void small() {
    Random random = new Random(4);
    Writer writer = new Writer();
    pushMuse("m", writer, random);
    pushMuse("m", writer, random);
    pushGit("g", git(), 0);
    setPublic("g");
    writeDown();
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

  @Test
  void whileTheCatalogIsGoneAPushWaitsForItsRepository() {
    Random random = new Random(6);
    Writer writer = new Writer();
    pushMuse("m", writer, random);
    writeDown();
    Repo before = repo("m");
    dropCatalog();
    String late = lateCommit(writer);
    String upload = upload("m", writer.history.head("main", late).bundle());
    assertThatThrownBy(() -> handle(upload))
        .isInstanceOfSatisfying(
            SheafException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.SITE))
        .hasMessageContainingAll("m.json", "sheaf rebuild");
    assertThat(count("repos")).isZero();
    rebuild();
    assertThat(repo("m")).isEqualTo(before);
    assertThat(branch("main")).isEqualTo(late);
    push("new", new Writer().next(new Random(7)));
    assertThat(count("repos")).isEqualTo(2);
  }

  /**
   * A catalog that was lost before it knew that a bucket may hold more than it knows, or before the
   * bucket had a record of the repository: whoever pushes before the rebuild begins one of that
   * name. His bundle comes into the one that was there, which is as it was.
   */
  @Test
  void aPushWhileTheCatalogIsGoneIsNotLost() {
    Random random = new Random(6);
    Writer writer = new Writer();
    pushMuse("m", writer, random);
    pushMuse("m", writer, random);
    setPublic("m");
    catalog.execute(Statement.of("update repos set home = 'https://self.example'"));
    writeDown();
    Repo before = repo("m");
    dropCatalog();
    KnownBucket.isRead(catalog);
    String late = lateCommit(writer);
    handle(upload("m", writer.history.head("main", late).bundle())); // builds on what is gone
    Writer stranger = new Writer();
    stranger.next(random);
    push("m", stranger.history.head("stranger", stranger.commits.getLast()).bundle());
    assertThat(repo("m").repoId()).isNotEqualTo(before.repoId());
    rebuild();
    assertThat(repo("m")).isEqualTo(before);
    assertThat(branch("main")).isEqualTo(late);
    assertThat(branch("stranger")).isEqualTo(stranger.commits.getLast());
    assertThat(count("repos")).isEqualTo(1);
    assertThat(count("bundles")).as("his is in it, too").isEqualTo(4);
    push("m", new Writer().next(new Random(7)));
    StoreChecker.requireSound(store, catalog);
  }

  /** Peers bring the row before anybody rebuilds; the record is not written over meanwhile. */
  @Test
  void whatPeersToldOfBeforeGetsItsBranchesBack() {
    Random random = new Random(8);
    Writer writer = new Writer();
    pushMuse("m", writer, random);
    pushMuse("m", writer, random);
    setPublic("m");
    writeDown();
    Repo before = repo("m");
    List<String> all = tables();
    dropCatalog();
    catalog.execute(
        Statement.of(
                """
                insert into repos (repo_id, owner, name, told_name, shown, kind)
                values (:repo, 'alice', 'm', 'm', 'm', 'muse')
                """)
            .text("repo", before.repoId()));
    writeDown();
    rebuild();
    assertThat(repo("m").isPublic()).isTrue();
    requireBranchesAs(all);
    rebuild();
    assertThat(new RepositoryRecords(catalog, store).write(() -> false)).isLessThanOrEqualTo(1);
    requireBranchesAs(all);
  }

  private void requireBranchesAs(List<String> before) {
    assertThat(tables().stream().filter(row -> row.startsWith("branches")))
        .isNotEmpty()
        .isEqualTo(before.stream().filter(row -> row.startsWith("branches")).toList());
  }

  private String lateCommit(Writer writer) {
    writer.history = writer.history.next();
    return writer.history.commit("late", Map.of("late", "late"), writer.commits.getLast());
  }

  private String branch(String name) {
    return catalog
        .execute(
            Statement.of("select head_commit_id as head from branches where name = :name")
                .text("name", name))
        .first()
        .orElseThrow()
        .text("head");
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

  /** A catalog that was begun anew must not take away what it is to be rebuilt from. */
  @Test
  void anEmptyCatalogWritesOverNoRecord() {
    small();
    String key = ObjectKeys.record("alice", "m");
    byte[] record = store.bytes(key);
    dropCatalog();
    KnownBucket.isRead(catalog);
    push("m", new Writer().next(new Random(9)));
    writeDown();
    assertThat(store.bytes(key)).isEqualTo(record);
  }

  @Test
  void aRecordThatNamesNobodyTakesNobodyAway() {
    small();
    List<String> before = tables();
    String record = "{\"owner\": \"alice\", \"name\": \"m\"}";
    store.plant(ObjectKeys.record("alice", "m"), record.getBytes(UTF_8));
    rebuild();
    requireAs(before, "a record without an id");
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

  /** Nothing that is no record is taken for one that tells of more. */
  @ParameterizedTest
  @ValueSource(strings = {"", "{", "[]", "{}", "{\"repo_id\": null}"})
  void whatIsNoRecordGivesWayToOne(String garbage) {
    small();
    writeDown();
    String key = ObjectKeys.record("alice", "m");
    byte[] record = store.bytes(key);
    store.plant(key, garbage.getBytes(UTF_8));
    new RepositoryRecords(catalog, store).look();
    writeDown();
    assertThat(store.bytes(key)).as("not by who keeps no copy").isEqualTo(garbage.getBytes(UTF_8));
    List<String> kept = new ArrayList<>();
    RepositoryRecords records =
        new RepositoryRecords(catalog, store, (damaged, _) -> kept.add(damaged));
    assertThat(records.write(() -> false)).isEqualTo(1);
    assertThat(kept).containsExactly(key);
    assertThat(store.bytes(key)).isEqualTo(record);
  }

  @Test
  void aRecordThatIsGoneIsWrittenAgain() {
    small();
    writeDown();
    String key = ObjectKeys.record("alice", "m");
    byte[] record = store.bytes(key);
    store.delete(List.of(key));
    writeDown();
    assertThat(store.head(key)).as("nothing has changed").isEmpty();
    RepositoryRecords records = new RepositoryRecords(catalog, store);
    assertThat(records.look()).isEqualTo(1);
    assertThat(records.write(() -> false)).isEqualTo(1);
    assertThat(store.bytes(key)).isEqualTo(record);
    assertThat(records.look()).isZero();
  }

  /** While branches are not where they were, repair writes nothing down. */
  @Test
  void aRebuildThatIsUnderWayIsNotWrittenDown() {
    small();
    byte[] record = store.bytes(ObjectKeys.record("alice", "m"));
    dropCatalog();
    rebuild(store, catalog, false);
    queue.drain().forEach(this::handle);
    writeDown();
    assertThat(store.bytes(ObjectKeys.record("alice", "m"))).isEqualTo(record);
    rebuild();
    writeDown();
    byte[] written = store.bytes(ObjectKeys.record("alice", "m"));
    assertThat(undated(written)).isEqualTo(undated(record));
  }

  private static String undated(byte[] record) {
    return new String(record, UTF_8).replaceFirst("\"as_of\":\"\\w*\"", "");
  }

  @Test
  void aRecordCostsAPutWhereSomethingHasChanged() {
    small();
    assertThat(new RepositoryRecords(catalog, store).write(() -> false)).isZero();
    setPublic("m");
    assertThat(new RepositoryRecords(catalog, store).write(() -> false)).isEqualTo(1);
  }
}
