package dev.sheaf.repair;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sheaf.bundle.Content;
import dev.sheaf.bundle.ContentId;
import dev.sheaf.bundle.ObjectKeys;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.bundle.codec.BundleReader;
import dev.sheaf.bundle.codec.BundleWriter;
import dev.sheaf.bundle.codec.WireObject;
import dev.sheaf.bundle.history.History;
import dev.sheaf.bundle.history.IdDialect;
import dev.sheaf.bundle.history.Ids;
import dev.sheaf.bundle.msgpack.PackedMap;
import dev.sheaf.git.PackLimits;
import dev.sheaf.journal.JournalOptions;
import dev.sheaf.journal.site.KnownPresent;
import dev.sheaf.localstack.servers.LocalServers;
import dev.sheaf.repair.peer.Peers;
import dev.sheaf.repository.CatalogSchema;
import dev.sheaf.repository.Repo;
import dev.sheaf.repository.Repos;
import dev.sheaf.repository.history.ObjectRows;
import dev.sheaf.repository.intake.Limits;
import dev.sheaf.storage.ObjectStore;
import dev.sheaf.storage.ObjectStore.Condition;
import dev.sheaf.storage.ObjectStore.PutResult;
import dev.sheaf.storage.catalog.Catalog;
import dev.sheaf.storage.catalog.Statement;
import dev.sheaf.storage.counting.CountingCatalog;
import dev.sheaf.storage.counting.CountingObjectStore;
import dev.sheaf.storage.counting.RequestCounts;
import dev.sheaf.storage.wiring.Site;
import dev.sheaf.testing.Crash;
import dev.sheaf.testing.Faults;
import dev.sheaf.testing.FaultyCatalog;
import dev.sheaf.testing.FaultyObjectStore;
import dev.sheaf.testing.GrantedObjectStore;
import dev.sheaf.testing.InMemoryJobQueue;
import dev.sheaf.testing.InMemoryObjectStore;
import dev.sheaf.testing.ManualClock;
import dev.sheaf.testing.SequentialIds;
import dev.sheaf.testing.StoreChecker;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** A site with a strict store in memory and a real Postgres, both empty before each test. */
abstract class SiteTest {
  private static final Map<String, Catalog> CATALOGS = new TreeMap<>();

  final ManualClock clock = new ManualClock();
  final InMemoryObjectStore bucket = new InMemoryObjectStore(clock);
  final Catalog catalog = catalogOf(getClass());
  final SequentialIds ids = new SequentialIds();
  final InMemoryJobQueue queue = new InMemoryJobQueue();
  RequestCounts requests = new RequestCounts();
  RepairOptions options = RepairOptions.DEFAULT.withScrubBytes(0);
  Peers peers = Peers.none();

  @TempDir Path spool = Path.of("");

  private static synchronized Catalog catalogOf(Class<?> test) {
    return CATALOGS.computeIfAbsent(test.getName(), _ -> newCatalog());
  }

  private static Catalog newCatalog() {
    Catalog catalog = Site.from(LocalServers.shared().newSite()).catalog();
    CatalogSchema.migrations().apply(catalog);
    return catalog;
  }

  @BeforeEach
  void emptyCatalog() {
    catalog.execute(
        Statement.of(
            "truncate repos, objects, object_refs, object_proofs, bundles, packs,"
                + " git_packs, git_refs, jobs, repo_records, repair_trackers,"
                + " lost, repair_attempts, merged_bundles"));
    freeLease();
    catalog.execute(Statement.of("update repair_state set listed_entries = 0, scrubbed = ''"));
  }

  /** As time does: whoever held it is taken for dead. */
  void freeLease() {
    catalog.execute(
        Statement.of(
            "update repair_state set held_until = clock_timestamp() - interval '1 second'"));
  }

  /** What an invocation of another test, or another incident, was at when it died. */
  void forgetAttempts() {
    catalog.execute(Statement.of("truncate repair_attempts"));
  }

  static byte[] text(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  static ContentId id(String text) {
    return Ids.object(text(text));
  }

  static String key(String text) {
    return ObjectKeys.object(id(text));
  }

  Repo repo(String name) {
    return new Repos(catalog).findOrCreate("owner", name, "repo-" + name, clock.instant());
  }

  /**
   * A bundle of these contents, taken in: the store has it and its objects, the catalog says so.
   */
  ContentId push(Repo repo, String... contents) {
    byte[] bundle = bundle(contents);
    ContentId bundleId = Ids.object(bundle);
    bucket.put(bundleKey(repo, bundleId), Content.of(bundle), bundleId, Condition.ALWAYS, "x/y");
    catalog.execute(
        Statement.of(
                """
                insert into bundles (repo_id, bundle, seq, size_bytes, state, registered_at)
                select :repo, :bundle, coalesce(max(seq), 0) + 1, :size, 'indexed',
                  :now::timestamptz
                from bundles where repo_id = :repo
                """)
            .text("repo", repo.repoId())
            .text("bundle", bundleId.hex())
            .number("size", bundle.length)
            .text("now", clock.instant().toString()));
    List<ObjectRows.Stored> stored = new ArrayList<>();
    for (String content : contents) {
      stored.add(object(content));
    }
    new ObjectRows(catalog).putHeld(repo.repoId(), stored, bucket.bucket(), clock.instant());
    return bundleId;
  }

  /** Objects that came without a bundle. */
  void pushWithoutBundle(Repo repo, String... contents) {
    List<ObjectRows.Stored> stored = new ArrayList<>();
    for (String content : contents) {
      stored.add(object(content));
    }
    new ObjectRows(catalog).putHeld(repo.repoId(), stored, bucket.bucket(), clock.instant());
  }

  private ObjectRows.Stored object(String content) {
    PutResult put =
        bucket.put(key(content), Content.of(text(content)), id(content), Condition.ALWAYS, "x/y");
    return new ObjectRows.Stored(
        id(content), text(content).length, ((PutResult.Written) put).etag());
  }

  static String bundleKey(Repo repo, ContentId bundle) {
    return ObjectKeys.bundle(repo.owner(), repo.name(), bundle);
  }

  static byte[] bundle(String... contents) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try {
      BundleWriter writer = BundleWriter.to(bytes, IdDialect.PREFIXED);
      writer.history(
          new History(List.of(), List.of(), Map.of(), List.of(), PackedMap.EMPTY), contents.length);
      for (String content : contents) {
        writer.object(WireObject.raw(id(content), Content.of(text(content))));
      }
      writer.finish();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  void lose(String... contents) {
    for (String content : contents) {
      bucket.delete(List.of(key(content)));
    }
  }

  void corrupt(String content) {
    bucket.plant(key(content), text("not " + content));
  }

  boolean has(String content) {
    return bucket.head(key(content)).isPresent();
  }

  /** With the rights that the function has where it is deployed. */
  Cycle cycle(ObjectStore whole, Catalog database) {
    ObjectStore store =
        options.inventory().isEmpty() ? GrantedObjectStore.of(whole, "RepairRole") : whole;
    return new Cycle(
        new Cycle.Ports(
            store,
            database,
            BundleReader.spoolingTo(spool),
            Limits.of(8, 2),
            new PackSpace(spool, PackLimits.of(1L << 30, 1L << 30)),
            new KnownPresent(store, JournalOptions.forFunction()),
            peers,
            () -> queue,
            clock,
            clock,
            ids),
        options,
        _ -> {});
  }

  Cycle cycle() {
    return cycle(bucket);
  }

  /** A cycle whose requests are counted. */
  Cycle cycle(ObjectStore store) {
    requests = new RequestCounts();
    return cycle(new CountingObjectStore(store, requests), new CountingCatalog(catalog, requests));
  }

  /** The next cycle, an hour later, to its end. */
  RepairTracker run() {
    return run(bucket);
  }

  RepairTracker run(ObjectStore store) {
    clock.advance(Duration.ofHours(1));
    CycleRun run = cycle(store).run(Optional.empty(), () -> false);
    assertThat(run.outcome()).isEqualTo(CycleRun.Outcome.FINISHED);
    return run.cycle().orElseThrow();
  }

  /** A cycle that cleans up, whatever the last one was. */
  RepairTracker runCleanup() {
    return runCleanup(bucket);
  }

  RepairTracker runCleanup(ObjectStore store) {
    lastWas(4);
    RepairTracker tracker = run(store);
    assertThat(tracker.isCleanup()).isTrue();
    return tracker;
  }

  /** A cycle that does not, whatever the last one was. */
  RepairTracker runNormal() {
    return runNormal(bucket);
  }

  RepairTracker runNormal(ObjectStore store) {
    lastWas(1);
    RepairTracker tracker = run(store);
    assertThat(tracker.isCleanup()).isFalse();
    return tracker;
  }

  private void lastWas(int cursor) {
    catalog.execute(
        Statement.of(
                """
                insert into repair_trackers (started_at, updated_at, finished_at, cleanup_mode,
                  cursor_i, counters, content_size, duration_nanos)
                values (:now::timestamptz, :now::timestamptz, :now::timestamptz, false,
                  :cursor, '{}', 0, 0)
                on conflict (started_at) do update set cursor_i = :cursor
                """)
            .text("now", clock.instant().toString())
            .number("cursor", cursor));
  }

  static long count(RepairTracker tracker, Counter counter) {
    return tracker.counters().get(counter);
  }

  void requireSound() {
    StoreChecker.requireSound(bucket, catalog);
  }

  /** The bytes that were put aside when a key was found damaged; empty when none were. */
  Optional<byte[]> putAside(String key) {
    String aside = ObjectKeys.damaged(key);
    return bucket.head(aside).map(_ -> bucket.bytes(aside));
  }

  List<LossLedger.Entry> lost() {
    return new LossLedger(catalog).all();
  }

  /** An hour later: a cleanup cycle, to which this happens. */
  final void cleanUp(Faults faults) {
    // The cleanup after a cleanup is the next but three.
    catalog.execute(Statement.of("update repair_trackers set cursor_i = 4"));
    clock.advance(Duration.ofHours(1));
    try {
      cycle(new FaultyObjectStore(bucket, faults), new FaultyCatalog(catalog, faults))
          .run(Optional.empty(), () -> false);
    } catch (SheafException | Crash e) {
      assertThat(faults.happened()).as(e.toString()).isTrue();
    }
  }
}
