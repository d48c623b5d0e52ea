package dev.sheaf.localstack.acceptance;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sheaf.bundle.Content;
import dev.sheaf.git.GitStorage;
import dev.sheaf.git.PackLimits;
import dev.sheaf.git.fold.FoldLimits;
import dev.sheaf.localstack.embedded.EmbeddedSites;
import dev.sheaf.localstack.embedded.EmbeddedStack;
import dev.sheaf.repair.Counter;
import dev.sheaf.repair.Counters;
import dev.sheaf.repair.CycleRun;
import dev.sheaf.repair.RepairTracker;
import dev.sheaf.repair.placement.Placement;
import dev.sheaf.repair.rebuild.Rebuild;
import dev.sheaf.repair.wiring.SiteRepair;
import dev.sheaf.repository.Repo;
import dev.sheaf.repository.Repos;
import dev.sheaf.repository.SiteLog;
import dev.sheaf.repository.git.GitFolds;
import dev.sheaf.repository.git.GitPorts;
import dev.sheaf.storage.ObjectStore;
import dev.sheaf.storage.catalog.Catalog;
import dev.sheaf.storage.catalog.Statement;
import dev.sheaf.storage.wiring.Machine;
import dev.sheaf.testing.TestGit;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/**
 * Three sites of which two are to have each bundle. Behind their backs objects are deleted and
 * falsified, a whole bucket is emptied, a catalog is dropped; after some cycles of repair each site
 * holds what it is to hold, bit for bit, and gives the same clones.
 *
 * <p>The sites that the run is about ({@link PeeredSite#given}), else embedded ones.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class RepairedSitesTest {
  private static final int SITES = 3;
  private static final int COPIES = 2;
  private static final int BUNDLES = 8;
  private static final int MOST_CYCLES = 4;

  private record Site(String url, String token, Map<String, String> environment) {
    Api api(String repo) {
      return new Api(url + "/" + repo, token);
    }

    /** As they are for whoever looks after the site. */
    dev.sheaf.storage.wiring.Site ports() {
      return dev.sheaf.storage.wiring.Site.from(environment);
    }

    ObjectStore store() {
      return ports().objects();
    }

    Map<String, String> repairEnvironment() {
      Map<String, String> variables = new TreeMap<>(environment);
      variables.put("SHEAF_REPLICATION", Integer.toString(COPIES));
      variables.put("SHEAF_REPAIR_SURPLUS_DAYS", "0");
      return variables;
    }
  }

  private final String muse = "acceptance/muse-" + UUID.randomUUID();
  private final String git = "acceptance/git-" + UUID.randomUUID();
  private final List<Site> sites = new ArrayList<>();
  private final List<String> bundles = new ArrayList<>();
  private @Nullable EmbeddedSites embedded;
  private int clones;

  @TempDir private Path temp;

  @BeforeAll
  void findSites() throws Exception {
    Optional<List<PeeredSite>> given = PeeredSite.given();
    if (given.isEmpty()) {
      startSites();
      return;
    }
    assumeThat(given.get())
        .as("three sites and the variables of each: -Dsheaf.sites=3, or SHEAF_SITES")
        .hasSize(SITES)
        .noneMatch(site -> site.environment().isEmpty());
    given.get().forEach(site -> sites.add(new Site(site.url(), site.token(), site.environment())));
  }

  private void startSites() throws IOException {
    EmbeddedSites started =
        EmbeddedSites.start(
            new EmbeddedSites.Layout(SITES, null, 0, 0),
            _ ->
                EmbeddedStack.builder()
                    .retryAfter(Duration.ofSeconds(1))
                    .replication(COPIES)
                    .peerSyncEvery(Duration.ofSeconds(1)));
    embedded = started;
    started
        .all()
        .forEach(
            site -> sites.add(new Site(site.api().toString(), site.token(), site.environment())));
  }

  @AfterAll
  void stop() {
    if (embedded != null) {
      embedded.close();
    }
  }

  @Test
  void everySiteComesToHoldWhatItIsPlacedFor() throws Exception {
    TestGit original = push();
    for (Site site : sites) {
      sweep(site);
      awaitAll(site, original);
    }
    for (Site site : sites) {
      rest(site);
    }
    requirePlaced();
    requireSameClones(original);

    Site damaged = sites.get(1);
    Map<String, String> before = holdings(damaged);
    damage(damaged);
    assertThat(holdings(damaged)).isNotEqualTo(before);
    rest(damaged);
    requireAs(before, damaged);

    Site emptied = sites.get(2);
    before = holdings(emptied);
    ObjectStore store = emptied.store();
    store.delete(keys(store));
    assertThat(keys(store)).isEmpty();
    rest(emptied);
    requireAs(before, emptied);
    requireSameClones(original);

    Site forgetful = sites.get(2);
    dropCatalog(forgetful.ports().catalog());
    rebuild(forgetful);
    awaitAll(forgetful, original);
    rest(forgetful);
    // When its bundles came is told anew by its peers, so a record may say another time.
    before.keySet().removeIf(key -> key.startsWith("repos/"));
    requireAs(before, forgetful);
    requirePlaced();
    requireSameClones(original);

    requireHomeIsAsItWas(original);
  }

  /** Nobody else has a pack of the fold's name; the other sites have what was in it. */
  @Test
  void whatOneSiteAloneHasFoldedComesBack() throws Exception {
    assumeThat(embedded).as("the others fold by themselves").isNotNull();
    String path = "acceptance/folded-" + UUID.randomUUID();
    TestGit original = TestGit.init(temp.resolve("folded"));
    for (int i = 0; i < 3; i++) {
      original.commit("readme.md", "line " + i);
      String url = sites.getFirst().url() + "/" + path;
      assertThat(sheaf(sites.getFirst(), "push", original.folder().toString(), url, "--wait"))
          .isZero();
    }
    Site site = sites.get(1);
    sweep(site);
    String head = original.run("rev-parse", "HEAD").strip();
    site.api(path).await("/refs", json -> json.path("refs").toString().contains(head));
    assertThat(fold(site, path)).isEqualTo(3);
    rest(site);

    ObjectStore store = site.store();
    store.delete(keys(store).stream().filter(key -> key.startsWith("git/" + path)).toList());
    rest(site);
    Path copy = temp.resolve("unfolded");
    assertThat(sheaf(site, "clone", site.url() + "/" + path, copy.toString(), "--bare")).isZero();
    TestGit clone = TestGit.initBare(copy);
    assertThat(clone.refs()).isEqualTo(original.refs());
    clone.run("fsck", "--full", "--strict");
    assertThat(keys(store)).anyMatch(key -> key.equals("git/" + path + "/manifest.json"));
  }

  /** How many packs became one. */
  private int fold(Site site, String path) {
    Catalog catalog = site.ports().catalog();
    String[] name = path.split("/", 2);
    Repo repo = new Repos(catalog).find(name[0], name[1]).orElseThrow();
    GitPorts ports =
        new GitPorts(
            catalog,
            site.store(),
            new GitStorage(site.store()),
            temp,
            PackLimits.of(1L << 30, 1L << 30),
            Machine.CLOCK,
            SiteLog.OFF);
    GitFolds folds = new GitFolds(ports, FoldLimits.of(1L << 30, 1L << 33), Duration.ofDays(2));
    return folds.carryOut(repo, folds.look(repo)).folded();
  }

  /** The home alone knows what is its: who may read it, and where its branches are. */
  private void requireHomeIsAsItWas(TestGit original) throws Exception {
    Site home = sites.getFirst();
    assertThat(sheaf(home, "visibility", "public", home.url() + "/" + muse)).isZero();
    pushNext();
    original.commit("readme.md", "acknowledged, and nobody else has heard of it");
    pushGit(original);
    awaitAll(home, original);
    rest(home);
    Map<String, String> before = holdings(home);
    List<String> known = known(home);
    dropCatalog(home.ports().catalog());
    rebuild(home);
    awaitAll(home, original);
    rest(home);
    assertThat(known(home)).isEqualTo(known);
    before.keySet().removeIf(key -> key.startsWith("repos/"));
    requireAs(before, home);

    pushNext();
    original.commit("readme.md", "after the outage");
    pushGit(original);
    for (Site site : sites) {
      sweep(site);
      awaitAll(site, original);
    }
    for (Site site : sites) {
      rest(site);
    }
    requirePlaced();
    requireSameClones(original);
  }

  /** What a site knows of these repositories: whose they are, who may read them, their refs. */
  private List<String> known(Site site) {
    List<String> known = new ArrayList<>();
    for (String rows :
        List.of(
            "select repo_id, jsonb_build_array(owner, name, shown, kind, public, home,"
                + " default_branch)::text as row from repos",
            "select repo_id, (to_jsonb(b) - '{moved_by,op_ulid,updated_at}'::text[])::text as row"
                + " from branches b",
            "select repo_id, (to_jsonb(g) - '{updated_at,op_ulid}'::text[])::text as row"
                + " from git_refs g")) {
      site.ports()
          .catalog()
          .execute(
              Statement.of(
                      """
                      select row from (%s) r where repo_id in (
                        select repo_id from repos where owner || '/' || name in (:muse, :git))
                      order by row
                      """
                          .formatted(rows))
                  .text("muse", muse)
                  .text("git", git))
          .forEach(row -> known.add(row.text("row")));
    }
    return known;
  }

  private TestGit push() throws Exception {
    for (int i = 0; i < BUNDLES; i++) {
      pushNext();
    }
    TestGit original = TestGit.init(temp.resolve("original"));
    for (int i = 0; i < 2; i++) {
      original.commit("readme.md", "line " + i);
      pushGit(original);
    }
    return original;
  }

  private void pushNext() throws Exception {
    int i = bundles.size();
    List<String> parents = i == 0 ? List.of() : List.of("commit " + (i - 1));
    byte[] bundle = OneCommit.bundle("commit " + i, parents, "content " + i);
    bundles.add(Tiny.sha256(bundle));
    push(sites.getFirst().api(muse), "commit " + i, bundle);
  }

  private void pushGit(TestGit original) {
    Site home = sites.getFirst();
    assertThat(sheaf(home, "push", original.folder().toString(), home.url() + "/" + git, "--wait"))
        .isZero();
  }

  private static void push(Api api, String commit, byte[] bundle) throws Exception {
    String key = "sha256:" + Tiny.sha256(bundle);
    JsonNode target =
        api.post("/push/bundle/presign", Map.of("bundle_key", key, "size_bytes", bundle.length))
            .json();
    assertThat(Api.put(target.path("url").asText(), target.path("headers"), bundle)).isEqualTo(200);
    Api.Answer announced =
        api.post(
            "/push/unpack-bundle",
            Map.of("bundle_key", key, "branch_heads", Map.of("main", commit)));
    assertThat(announced.status()).as(announced.json().toString()).isEqualTo(200);
  }

  private void awaitAll(Site site, TestGit original) throws Exception {
    site.api(muse)
        .await("/commits?branch=main", json -> json.path("commits").size() == bundles.size());
    site.api(muse).awaitJobs(bundles.size());
    String head = original.run("rev-parse", "HEAD").strip();
    site.api(git).await("/refs", json -> json.path("refs").toString().contains(head));
  }

  /** Cycles until there is nothing to do; every fourth cleans up, here each does. */
  private static void rest(Site site) {
    StringBuilder done = new StringBuilder();
    for (int i = 0; i < MOST_CYCLES; i++) {
      site.ports().catalog().execute(Statement.of("update repair_trackers set cursor_i = 4"));
      CycleRun run =
          SiteRepair.cycle(site.repairEnvironment(), _ -> {}).run(Optional.empty(), () -> false);
      assertThat(run.outcome()).isEqualTo(CycleRun.Outcome.FINISHED);
      RepairTracker tracker = run.cycle().orElseThrow();
      assertThat(tracker.listingRefused()).isEmpty();
      assertThat(tracker.isCleanup()).isTrue();
      if (hasDoneNothing(tracker.counters())) {
        return;
      }
      done.append('\n').append(tracker.counters());
    }
    throw new AssertionError(site.url() + " does not come to rest; its cycles:" + done);
  }

  private static boolean hasDoneNothing(Counters counters) {
    return Stream.of(
                Counter.REMADE_FROM_BUNDLE,
                Counter.PULL_MINE_NEEDED,
                Counter.DERIVED_REMADE,
                Counter.ETAGS_NOTED,
                Counter.DELETE_INVALID_NEEDED,
                Counter.RECORDS_WRITTEN)
            .allMatch(counter -> counters.get(counter) == 0)
        // What others are to have stays until they have it.
        && counters.get(Counter.DELETE_OVER_REPLICATED_NEEDED)
            == counters.get(Counter.DELETE_OVER_REPLICATED_KEPT);
  }

  /** Two copies of each bundle, at the sites that everybody can name. */
  private void requirePlaced() {
    Placement placement = new Placement(sites.stream().map(Site::url).toList(), COPIES);
    for (Site site : sites) {
      List<String> placed =
          bundles.stream().filter(id -> placement.isPlaced(site.url(), id)).sorted().toList();
      List<String> held =
          keys(site.store()).stream()
              .filter(key -> key.startsWith("bundles/" + muse))
              .map(key -> key.substring(key.lastIndexOf('/') + 1))
              .sorted()
              .toList();
      assertThat(held).as(site.url()).isEqualTo(placed);
    }
  }

  private static List<String> keys(ObjectStore store) {
    List<String> keys = new ArrayList<>();
    ObjectStore.Page page = store.list("", null, null);
    page.objects().forEach(object -> keys.add(object.key()));
    while (page.next() != null) {
      page = store.list("", null, page.next());
      page.objects().forEach(object -> keys.add(object.key()));
    }
    return keys;
  }

  /**
   * What it holds for good of these repositories, by the SHA-256 of it; uploads to git repositories
   * become packs. Objects are everybody's.
   */
  private Map<String, String> holdings(Site site) throws IOException {
    ObjectStore store = site.store();
    Map<String, String> holdings = new TreeMap<>();
    for (String key : keys(store)) {
      if (key.startsWith("bundles/" + muse)
          || key.startsWith("objects/")
          || key.startsWith("git/" + git)
          || key.startsWith("repos/" + muse)
          || key.startsWith("repos/" + git)) {
        try (ObjectStore.Download download = store.get(key, ObjectStore.Read.WHOLE).orElseThrow()) {
          byte[] bytes = download.body().readAllBytes();
          holdings.put(key, Tiny.sha256(key.endsWith(".json") ? undated(bytes) : bytes));
        }
      }
    }
    return holdings;
  }

  /**
   * How far the site's log had come when a document was written down is no part of what it says.
   */
  private static byte[] undated(byte[] document) {
    return new String(document, UTF_8).replaceFirst("\"as_of\":\"\\w*\"", "").getBytes(UTF_8);
  }

  private void requireAs(Map<String, String> held, Site site) throws IOException {
    Map<String, String> before = new TreeMap<>(held);
    Map<String, String> now = holdings(site);
    if (embedded == null) {
      // Compaction comes every minute there and folds packs meanwhile; clones are compared.
      before.keySet().removeIf(key -> key.startsWith("git/"));
      now.keySet().removeIf(key -> key.startsWith("git/"));
    }
    if (before.keySet().stream().noneMatch(key -> key.startsWith("repos/"))) {
      now.keySet().removeIf(key -> key.startsWith("repos/"));
    }
    assertThat(now.keySet()).isEqualTo(before.keySet());
    assertThat(
            before.entrySet().stream().filter(was -> !was.getValue().equals(now.get(was.getKey()))))
        .as("bit for bit")
        .isEmpty();
  }

  /** Of each kind one is deleted and one falsified. */
  private void damage(Site site) throws IOException {
    ObjectStore store = site.store();
    for (String kind : List.of("bundles/" + muse, "objects/", "git/", "repos/")) {
      List<String> keys =
          holdings(site).keySet().stream().filter(key -> key.startsWith(kind)).toList();
      store.delete(List.of(keys.getFirst()));
      if (!kind.equals("repos/")) {
        store.put(
            keys.getLast(),
            Content.of("other bytes".getBytes(UTF_8)),
            null,
            ObjectStore.Condition.ALWAYS,
            "text/plain");
      }
    }
  }

  /** What is left is an empty database; whoever rebuilds it makes its tables first. */
  private static void dropCatalog(Catalog catalog) {
    List<String> tables = new ArrayList<>();
    catalog
        .execute(
            Statement.of("select tablename from pg_tables where schemaname = current_schema()"))
        .forEach(row -> tables.add(row.text("tablename")));
    catalog.execute(Statement.of("drop table " + String.join(", ", tables) + " cascade"));
  }

  private static void rebuild(Site site) throws InterruptedException {
    long deadline = System.nanoTime() + Api.PATIENCE.toNanos();
    while (System.nanoTime() < deadline) {
      Rebuild.Progress progress =
          SiteRepair.rebuild(site.repairEnvironment(), false, _ -> {}).run();
      if (progress.waiting() == 0 && progress.steps() == 0) {
        return;
      }
      Thread.sleep(200); // for the site's workers
    }
    List<String> steps = new ArrayList<>();
    SiteRepair.rebuild(site.repairEnvironment(), true, step -> steps.add(step.toString())).run();
    throw new AssertionError("the rebuild of " + site.url() + " comes to no end: " + steps);
  }

  private void requireSameClones(TestGit original) throws Exception {
    JsonNode fetched = null;
    for (Site site : sites) {
      JsonNode here =
          site.api(muse)
              .post(
                  "/fetch",
                  Map.of("want", List.of("commit " + (bundles.size() - 1)), "have", List.of()))
              .json();
      assertThat(here.path("objects")).as(site.url()).hasSize(bundles.size());
      fetched = fetched == null ? here : fetched;
      assertThat(here).as(site.url()).isEqualTo(fetched);
      Path copy = temp.resolve("clone" + clones++);
      assertThat(sheaf(site, "clone", site.url() + "/" + git, copy.toString(), "--bare")).isZero();
      TestGit clone = TestGit.initBare(copy);
      assertThat(clone.refs()).as(site.url()).isEqualTo(original.refs());
      clone.run("fsck", "--full", "--strict");
    }
  }

  /** In place of waiting for the schedule. */
  private void sweep(Site site) {
    assertThat(sheaf(site, "ops", "sweep", site.url())).as(site.url()).isZero();
  }

  private int sheaf(Site site, String... arguments) {
    SheafProgram.Ended ended = new SheafProgram(temp, site.token()).run(arguments);
    System.out.print(ended.text());
    return ended.exit();
  }
}
