package dev.sheaf.repository;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sheaf.bundle.ContentId;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.bundle.codec.BundleReader;
import dev.sheaf.bundle.history.Ids;
import dev.sheaf.localstack.servers.LocalServers;
import dev.sheaf.ops.Applier;
import dev.sheaf.ops.Op;
import dev.sheaf.ops.OpJson;
import dev.sheaf.ops.RegisteredTable;
import dev.sheaf.ops.SweepServer;
import dev.sheaf.ops.Ulid;
import dev.sheaf.repository.intake.Intake;
import dev.sheaf.repository.intake.Limits;
import dev.sheaf.repository.intake.Pushes;
import dev.sheaf.repository.job.ExpectedUploads;
import dev.sheaf.repository.job.Job;
import dev.sheaf.repository.job.Jobs;
import dev.sheaf.storage.catalog.Catalog;
import dev.sheaf.storage.catalog.Rows;
import dev.sheaf.storage.catalog.Statement;
import dev.sheaf.storage.counting.CountingCatalog;
import dev.sheaf.storage.counting.RequestCounts;
import dev.sheaf.storage.wiring.Site;
import dev.sheaf.testing.Faults;
import dev.sheaf.testing.FaultyCatalog;
import dev.sheaf.testing.RandomisedTest;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What this site tells others of what it changes, and what they make of it. */
class SiteLogTest extends PushTest {
  private static final String OTHER = "https://other.example";

  @BeforeEach
  void emptyLog() {
    empty(catalog);
    repo = newRepo();
  }

  private static void empty(Catalog of) {
    of.execute(
        Statement.of(
            "truncate ops, tombstones, failed_ops, repos, bundles, branches, jobs, job_moves,"
                + " commits, snapshots, snapshot_chunks, uploads"));
    of.execute(Statement.of("update ops_tail set last_millis = 0"));
  }

  private List<Op> ops() {
    List<Op> ops = new ArrayList<>();
    for (Rows.Row row :
        catalog.execute(
            Statement.of(
                """
                select ulid, host, action, "table", data::text as data from ops order by position
                """))) {
      ops.add(
          new Op(
              new Ulid(row.text("ulid")),
              row.text("host"),
              row.text("action"),
              row.text("table"),
              OpJson.records(row.text("data")),
              false));
    }
    return ops;
  }

  private List<String> told() {
    return ops().stream()
        .map(op ->
            op.action()
                + " "
                + op.table()
                + " "
                + op.data().path(0).path("name").asText(op.data().path(0).path("bundle").asText()))
        .toList();
  }

  /** Every record is what the op with its ulid says; a bundle that is not read yet has none. */
  private static void requireAgreement(Catalog of) {
    for (RegisteredTable table : Travelling.TABLES) {
      String record = Travelling.record(table, "t");
      List<String> strange = new ArrayList<>();
      of.execute(
              Statement.of(
                  """
                  select left(%1$s::text, 300) as record from %2$s t
                  where not ('%2$s' = 'bundles' and t.op_ulid is null) and not exists (
                    select 1 from ops o where o.ulid = t.op_ulid and o."table" = '%2$s'
                      and o.data @> jsonb_build_array(%1$s))
                  limit 10
                  """
                      .formatted(record, table.name())))
          .forEach(row -> strange.add(row.text("record")));
      assertThat(strange).as(table.name()).isEmpty();
    }
  }

  /** The rows that travel, as text. */
  private static Map<String, List<String>> travelling(Catalog of) {
    Map<String, List<String>> rows = new TreeMap<>();
    for (RegisteredTable table : Travelling.TABLES) {
      List<String> records = new ArrayList<>();
      of.execute(
              Statement.of(
                  "select op_ulid || ' ' || %s::text as record from %s t where op_ulid is not null"
                          .formatted(Travelling.record(table, "t"), table.name())
                      + " order by 1"))
          .forEach(row -> records.add(row.text("record")));
      rows.put(table.name(), records);
    }
    return rows;
  }

  private static Catalog newCatalog() throws IOException {
    Catalog other = Site.from(LocalServers.shared().newSite()).catalog();
    CatalogSchema.migrations().apply(other);
    return other;
  }

  private Applier applier(Catalog of) {
    return new Applier(
        of,
        OTHER,
        Travelling.TABLES,
        new HomeFence(OTHER, Travelling.TABLES),
        clock,
        new Random(2));
  }

  @Test
  void aPushIsToldInItsOwnStatements() throws IOException {
    byte[] bundle = new TestPush().commit("a").head("main", "a").bundle();
    readNow(request(bundle, Map.of("main", "a")), bundle);
    assertThat(told())
        .containsExactlyInAnyOrder(
            "create repos " + repo.name(),
            "update repos " + repo.name(),
            "create bundles " + Ids.object(bundle).hex(),
            "update branches main");
    assertThat(ops()).allSatisfy(op -> assertThat(op.host()).isEqualTo(SELF));
    requireAgreement(catalog);

    // The job finds everything told.
    finishJob();
    assertThat(told()).hasSize(4);
  }

  @Test
  void theLogCostsNoStatement() throws IOException {
    byte[] bundle = new TestPush().commit("a").head("main", "a").bundle();
    RequestCounts on = new RequestCounts();
    pushes(new CountingCatalog(catalog, on), log)
        .readNow(request(bundle, Map.of("main", "a")), reader(), wire(bundle));
    byte[] other = new TestPush().commit("b").head("main", "b").bundle();
    repo = newRepo();
    RequestCounts off = new RequestCounts();
    pushes(new CountingCatalog(catalog, off), SiteLog.OFF)
        .readNow(request(other, Map.of("main", "b")), reader(), wire(other));
    assertThat(on.catalog()).isEqualTo(off.catalog()).isEqualTo(8);
  }

  private BundleReader reader() {
    return BundleReader.spoolingTo(spool);
  }

  private static InputStream wire(byte[] bundle) {
    return new ByteArrayInputStream(bundle);
  }

  private Pushes pushes(Catalog of, SiteLog how) {
    return new Pushes(
        new Intake.Ports(of, store, clock, Limits.of(32, 2), how), new Jobs(of, clock, ids, how));
  }

  @Test
  void whatNobodyFollowsIsNotTold() throws IOException {
    empty(catalog);
    repo = new Repos(catalog).findOrCreate("owner", "quiet", "quiet", NOW);
    byte[] bundle = new TestPush().commit("a").head("main", "a").bundle();
    pushes(catalog, SiteLog.OFF).readNow(request(bundle, Map.of()), reader(), wire(bundle));
    assertThat(told()).isEmpty();
    assertThat(count("select last_millis as n from ops_tail")).isZero();
  }

  @Test
  void forceVisibilityAndTakingBackAreTold() throws IOException {
    push(new TestPush().commit("a").head("main", "a"));
    finishJob();
    byte[] other = new TestPush().commit("x").head("main", "x").bundle();
    readNow(forced(other, Map.of("main", "x")), other);
    assertThat(Collections.frequency(told(), "update branches main")).isEqualTo(2);
    finishJob();
    new Repos(catalog, log).setPublic(repo.repoId(), true, NOW);
    assertThat(told().getLast()).isEqualTo("update repos " + repo.name());
    assertThat(ops().getLast().data().get(0).path("public").asBoolean()).isTrue();

    byte[] unread = {1};
    pushes().readLater(expecting(unread, Map.of("main", "y", "new", "y"), Map.of("main", "x")));
    failJob();
    assertThat(heads()).containsOnly(Map.entry("main", "x"));
    assertThat(told()).endsWith("delete branches new");
    assertThat(count("select count(*) as n from tombstones")).isEqualTo(1);
    requireAgreement(catalog);
  }

  @Test
  void aDeletionIsToldAndHidesTheRepositoryEverywhereUntilItIsTakenBack() throws IOException {
    Catalog other = newCatalog();
    Deletions deletions = new Deletions(catalog, log);
    deletions.delete(repo.repoId(), NOW);
    deletions.delete(repo.repoId(), NOW);
    assertThat(told()).hasSize(2).last().isEqualTo("update repos " + repo.name());
    applier(other).apply(SELF, ops(), _ -> {});
    assertThat(new Repos(other).find(repo.owner(), repo.name())).isEmpty();
    assertThat(new Deletions(other, log).of(repo.repoId())).isEqualTo(deletions.of(repo.repoId()));
    deletions.undo(repo.repoId(), NOW);
    deletions.undo(repo.repoId(), NOW);
    assertThat(told()).hasSize(3);
    requireAgreement(catalog);
    applier(other).apply(SELF, ops(), _ -> {});
    assertThat(new Repos(other).find(repo.owner(), repo.name())).isPresent();
  }

  @Test
  void whoeverFindsARepositoryTellsNothing() {
    assertThat(told()).hasSize(1);
    new Repos(catalog, log).findOrCreate(repo.owner(), repo.name(), "never", NOW);
    new ExpectedUploads(catalog, log, KnownBucket.none(catalog))
        .expect(repo.owner(), repo.name(), "never", id("b"), NOW);
    assertThat(told()).hasSize(1);
    new ExpectedUploads(catalog, log, KnownBucket.none(catalog))
        .expect("owner", "fresh", "fresh", id("b"), NOW);
    assertThat(told()).hasSize(2);
  }

  @Test
  void aRefusedPushTellsNothing() throws IOException {
    push(new TestPush().commit("a").head("main", "a"));
    int before = told().size();
    byte[] other = new TestPush().commit("x").head("main", "x").bundle();
    assertThatThrownBy(() -> readNow(request(other, Map.of("main", "x")), other))
        .isInstanceOf(NotFastForwardException.class);
    assertThat(told()).hasSize(before);
  }

  /** More branches than one statement takes with their ops. */
  @Test
  void manyBranchesAreToldInBulk() {
    Map<String, String> heads = new TreeMap<>();
    for (int i = 0; i < 2_500; i++) {
      heads.put("branch-" + i + "-" + "n".repeat(200), "c".repeat(64) + i);
    }
    byte[] unread = {1};
    pushes().readLater(request(unread, heads));
    requireAgreement(catalog);
    assertThat(
            count(
                "select sum(jsonb_array_length(data)) as n from ops where \"table\" = 'branches'"))
        .isEqualTo(2_500);
    assertThat(count("select max(octet_length(data::text))::bigint as n from ops"))
        .isLessThan(45_000);
  }

  @Test
  void aBundleThatAPeerToldOfMovesNothingAndTellsNothing() throws IOException {
    Catalog other = newCatalog();
    byte[] bundle = new TestPush().commit("a").head("main", "a").bundle();
    readNow(request(bundle, Map.of("main", "a")), bundle);
    byte[] later = new TestPush().commit("b", "a").head("main", "b").bundle();
    readNow(request(later, Map.of("main", "b")), later);
    assertThat(applier(other).apply(SELF, ops(), _ -> {}).failed()).isZero();
    long log = count(other, "select count(*) as n from ops");

    ContentId first = Ids.object(bundle);
    Jobs theirs = new Jobs(other, clock, ids, new SiteLog(OTHER, OTHER, () -> new Random(3)));
    Jobs.Upload upload = new Jobs.Upload(first, bundle.length, "1");
    assertThat(theirs.noted("owner", repo.name(), upload).hasJob()).isFalse();
    Job job = theirs.uploaded(repo.repoId(), upload, Optional::empty).orElseThrow();
    assertThat(job.decision()).isEqualTo(Job.Decision.SETTLED);
    assertThat(count(other, "select count(*) as n from bundles where state = 'awaited'"))
        .isEqualTo(1);
    assertThat(
            count(
                other, "select seq::bigint as n from bundles where bundle = '" + first.hex() + "'"))
        .isEqualTo(1);
    assertThat(new Refs(other).branchHeads(repo.repoId())).containsEntry("main", "b");
    assertThat(count(other, "select count(*) as n from ops")).isEqualTo(log);
  }

  @RandomisedTest(seeds = 3)
  void peersConvergeWhateverTheOrder(long seed) throws IOException {
    Random draw = new Random(seed);
    randomPushes(draw);
    List<Op> all = ops();
    Map<String, List<String>> here = travelling(catalog);
    Catalog other = newCatalog();
    for (int round = 0; round < 3; round++) {
      empty(other);
      List<Op> shuffled = new ArrayList<>(all);
      Collections.shuffle(shuffled, draw);
      for (Op op : shuffled) {
        applier(other).apply(SELF, List.of(op), _ -> {});
      }
      // What came before its repository was refused until that was there.
      applier(other).retryFailed();
      applier(other).apply(SELF, all, _ -> {});
      assertThat(travelling(other)).isEqualTo(here);
      assertThat(count(other, "select count(*) as n from failed_ops")).isZero();
    }
  }

  private void randomPushes(Random draw) throws IOException {
    String tip = "c0";
    push(new TestPush().commit(tip).head("main", tip));
    for (int i = 1; i < 12; i++) {
      String next = "c" + i;
      switch (draw.nextInt(4)) {
        case 0 -> {
          byte[] other = new TestPush().commit(next).head("main", next).bundle();
          readNow(forced(other, Map.of("main", next)), other);
          tip = next;
        }
        case 1 -> new Repos(catalog, log).setPublic(repo.repoId(), draw.nextBoolean(), NOW);
        case 2 -> {
          byte[] unread = {(byte) i};
          pushes().readLater(request(unread, Map.of("b" + i, "nowhere")));
          while (new Refs(catalog).head(repo.repoId(), "b" + i).isPresent()) {
            failOrFinish(Ids.object(unread));
          }
        }
        default -> {
          push(new TestPush().commit(next, tip).head("main", next).head("side" + i, next));
          tip = next;
        }
      }
    }
    requireAgreement(catalog);
  }

  private void failOrFinish(ContentId wrong) {
    Jobs.Claim claim = jobs().claimNext(repo.repoId(), STALE).orElseThrow();
    if (claim.job().bundle().equals(wrong.hex())) {
      jobs().fail(claim, "broken", true);
    } else {
      jobs().finish(claim, "{}");
    }
  }

  /** Many write at once, and whoever reads on from where he was misses none. */
  @RandomisedTest(seeds = 2)
  void aSweepingReaderMissesNothing(long seed) throws Exception {
    AtomicBoolean isOver = new AtomicBoolean();
    List<Repo> repos = List.of(newRepo(), newRepo(), newRepo(), newRepo());
    List<Thread> writers = new ArrayList<>();
    List<Throwable> failures = Collections.synchronizedList(new ArrayList<>());
    for (Repo one : repos) {
      writers.add(
          Thread.ofVirtual()
              .uncaughtExceptionHandler((_, e) -> failures.add(e))
              .start(() -> write(one, new Random(seed + one.repoId().hashCode()))));
    }
    Set<String> seen = Collections.synchronizedSet(new LinkedHashSet<>());
    Thread reader = Thread.ofVirtual().start(() -> sweep(isOver, seen));
    for (Thread writer : writers) {
      writer.join();
    }
    isOver.set(true);
    reader.join();
    assertThat(failures).isEmpty();
    assertThat(seen).containsExactlyElementsOf(ops().stream().map(op -> op.ulid().text()).toList());
  }

  private void write(Repo into, Random draw) {
    for (int i = 0; i < 25; i++) {
      byte[] unread = {(byte) i, (byte) draw.nextInt(100)};
      pushes()
          .readLater(
              new Pushes.Request(
                  into, Ids.object(unread), 2, Map.of("b" + i, "c" + i), false, Map.of(), NOW));
      new Repos(catalog, new SiteLog(SELF, SELF, () -> draw))
          .setPublic(into.repoId(), draw.nextBoolean(), NOW);
    }
  }

  private void sweep(AtomicBoolean isOver, Set<String> seen) {
    SweepServer server = new SweepServer(catalog, SELF);
    String after = "";
    boolean last = false;
    while (!last) {
      last = isOver.get();
      var page = server.forPeer(after, OTHER);
      for (String part : page.body().text().split("\"ulid\":\"", -1)) {
        if (part.length() > Ulid.LENGTH && Ulid.parse(part.substring(0, 26)).isPresent()) {
          seen.add(part.substring(0, 26));
        }
      }
      after = page.lastScanned().map(Ulid::text).orElse(after);
    }
  }

  /** Whatever request fails, before it took effect or after: ops and rows agree. */
  @Test
  void aCrashAnywhereLeavesOpsAndRowsInAgreement() throws IOException {
    push(new TestPush().commit("a").head("main", "a"));
    byte[] probe = new TestPush().commit("p", "a").head("main", "p").bundle();
    Faults none = Faults.none();
    pushes(new FaultyCatalog(catalog, none), log)
        .readNow(request(probe, Map.of("main", "p")), reader(), wire(probe));
    String tip = "p";
    for (int at = 1; at <= none.requests(); at++) {
      for (Faults.Way way : List.of(Faults.Way.FAILS_BEFORE, Faults.Way.FAILS_AFTER)) {
        String next = "n" + at + way;
        byte[] bundle = new TestPush().commit(next, tip).head("main", next).bundle();
        Faults faults = Faults.at(at, way);
        assertThatThrownBy(() ->
                pushes(new FaultyCatalog(catalog, faults), log)
                    .readNow(request(bundle, Map.of("main", next)), reader(), wire(bundle)))
            .isInstanceOf(SheafException.class);
        requireAgreement(catalog);
        readNow(request(bundle, Map.of("main", next)), bundle);
        requireAgreement(catalog);
        tip = next;
      }
    }
  }

  private long count(String sql) {
    return count(catalog, sql);
  }

  private static long count(Catalog of, String sql) {
    return of.execute(Statement.of(sql)).first().orElseThrow().number("n");
  }
}
