package dev.sheaf.bundleindex;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sheaf.bundle.Content;
import dev.sheaf.bundle.ContentId;
import dev.sheaf.bundle.ObjectKeys;
import dev.sheaf.bundle.codec.BundleReader;
import dev.sheaf.bundle.history.Ids;
import dev.sheaf.git.PackLimits;
import dev.sheaf.localstack.servers.LocalServers;
import dev.sheaf.repository.CatalogSchema;
import dev.sheaf.repository.KnownBucket;
import dev.sheaf.repository.Refs;
import dev.sheaf.repository.Repo;
import dev.sheaf.repository.Repos;
import dev.sheaf.repository.SiteLog;
import dev.sheaf.repository.intake.Intake;
import dev.sheaf.repository.intake.Limits;
import dev.sheaf.repository.intake.Pushes;
import dev.sheaf.repository.job.Job;
import dev.sheaf.repository.job.Jobs;
import dev.sheaf.storage.ObjectStore;
import dev.sheaf.storage.catalog.Catalog;
import dev.sheaf.storage.catalog.Statement;
import dev.sheaf.storage.queue.JobQueue;
import dev.sheaf.storage.wiring.Site;
import dev.sheaf.testing.GrantedObjectStore;
import dev.sheaf.testing.InMemoryJobQueue;
import dev.sheaf.testing.InMemoryObjectStore;
import dev.sheaf.testing.ManualClock;
import dev.sheaf.testing.SequentialIds;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/**
 * The function on a strict store in memory and a real Postgres behind the Data API, both empty at
 * the beginning of each test.
 */
abstract class IndexTest {
  static final ObjectMapper JSON = new ObjectMapper();
  static final Duration STALE = Duration.ofMinutes(16);

  /** Others follow: what is written is told. */
  static final SiteLog LOG =
      new SiteLog("https://self.example", "https://self.example", () -> new Random(1));

  static final Duration RETRY = Duration.ofSeconds(20);

  private static final List<String> TABLES =
      List.of(
          "repos",
          "objects",
          "object_refs",
          "object_proofs",
          "snapshots",
          "snapshot_chunks",
          "commits",
          "branches",
          "git_refs",
          "git_packs",
          "git_ref_moves",
          "bundles",
          "jobs",
          "job_moves",
          "packs",
          "uploads");

  private static final Map<String, Catalog> CATALOGS = new TreeMap<>();

  final ManualClock clock = new ManualClock();
  final SequentialIds ids = new SequentialIds();
  final InMemoryObjectStore store = new InMemoryObjectStore(clock);
  final InMemoryJobQueue queue = new InMemoryJobQueue();
  final InMemoryJobQueue deadLetters = new InMemoryJobQueue();
  final Catalog catalog = catalogOf(getClass());

  @TempDir Path spool = Path.of("");

  /** One database a test class, emptied for each test. */
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
    catalog.execute(Statement.of("truncate " + String.join(", ", TABLES) + " restart identity"));
    KnownBucket.isRead(catalog);
  }

  BundleIndex index() {
    return index(store, catalog);
  }

  BundleIndex index(ObjectStore objectStore, Catalog database) {
    return new BundleIndex(ports(objectStore, database, queue));
  }

  BundleIndex.Ports ports(ObjectStore objectStore, Catalog database, JobQueue jobQueue) {
    return new BundleIndex.Ports(
        GrantedObjectStore.of(objectStore, "BundleIndexRole"),
        database,
        () -> jobQueue,
        () -> deadLetters,
        BundleReader.spoolingTo(spool),
        Limits.of(100, 2),
        spool,
        PackLimits.of(1L << 30, 1L << 30),
        clock,
        clock,
        ids,
        STALE,
        RETRY,
        LOG);
  }

  /** Puts a bundle where a client would, with its checksum, and returns its event. */
  String upload(String repo, byte[] bundle) {
    ContentId id = Ids.object(bundle);
    store.put(
        ObjectKeys.bundle("alice", repo, id),
        Content.of(bundle),
        id,
        ObjectStore.Condition.ALWAYS,
        "application/octet-stream");
    return event(ObjectKeys.bundle("alice", repo, id), bundle.length, ids.get());
  }

  String event(String key, long size, String sequencer) {
    return event(List.of(new Arrival(key, size, sequencer)));
  }

  /** An object that has come into the bucket. */
  record Arrival(String key, long size, String sequencer) {}

  /** The body of a message about arrivals, as S3 writes it. */
  String event(List<Arrival> arrivals) {
    ObjectNode body = JSON.createObjectNode();
    ArrayNode records = body.putArray("Records");
    for (Arrival arrival : arrivals) {
      ObjectNode event = records.addObject();
      event.put("eventSource", "aws:s3").put("eventName", "ObjectCreated:Put");
      ObjectNode s3 = event.putObject("s3");
      s3.putObject("bucket").put("name", store.bucket());
      s3.putObject("object")
          .put("key", arrival.key().replace(' ', '+'))
          .put("size", arrival.size())
          .put("sequencer", arrival.sequencer());
    }
    return body.toString();
  }

  /** Lets the function handle a message. */
  void handle(String body) {
    index().handle(body, () -> 600_000);
  }

  /** Uploads a bundle and lets the function index it; the job's result. */
  JsonNode push(String repo, byte[] bundle) {
    handle(upload(repo, bundle));
    Job job = lastJob(repo);
    if (job.status() != Job.Status.DONE) {
      throw new AssertionError("the job is " + job);
    }
    return json(String.valueOf(job.result()));
  }

  static JsonNode json(String text) {
    try {
      return JSON.readTree(text);
    } catch (JsonProcessingException e) {
      throw new AssertionError(text, e);
    }
  }

  Repo repo(String name) {
    return new Repos(catalog).find("alice", name).orElseThrow();
  }

  Jobs jobs() {
    return new Jobs(catalog, clock, ids, LOG);
  }

  Pushes pushes() {
    return new Pushes(new Intake.Ports(catalog, store, clock, Limits.of(100, 2), LOG), jobs());
  }

  /** Announces an uploaded bundle that nobody reads meanwhile. */
  Pushes.Result announce(
      String repo, byte[] bundle, Map<String, String> heads, Map<String, String> expected) {
    return pushes().readLater(request(repo, bundle, heads, false, expected));
  }

  Pushes.Request request(
      String repo,
      byte[] bundle,
      Map<String, String> heads,
      boolean force,
      Map<String, String> expected) {
    Repo into = new Repos(catalog).findOrCreate("alice", repo, ids.get(), clock.instant());
    return new Pushes.Request(
        into, Ids.object(bundle), bundle.length, heads, force, expected, clock.instant());
  }

  Map<String, String> heads(String repo) {
    return new Refs(catalog).branchHeads(repo(repo).repoId());
  }

  Job lastJob(String repo) {
    return jobs().list(repo(repo).repoId(), 1).getFirst();
  }

  /**
   * Every row of every table as text, but for what differs from run to run: times, ids that are
   * made up, and the ETag, which a second PUT does not learn.
   */
  List<String> dump() {
    List<String> rows = new ArrayList<>();
    for (String table : TABLES) {
      // A row that was rolled back has taken a number all the same.
      String numbers = table.equals("jobs") ? "'seq', " : "";
      String omitted =
          numbers
              + """
              'created_at', 'op_ulid', 'claimed_at', 'done_at', 'updated_at', 'pushed_at', 'registered_at',
              'attempt', 'error', 'result', 'claim_token', 'job_id', 'repo_id', 'etag', 'moved_by'
              """;
      catalog
          .execute(
              Statement.of(
                  "select (to_jsonb(t) - array[%s])::text as row from %s t order by 1"
                      .formatted(omitted, table)))
          .forEach(row -> rows.add(table + " " + row.text("row")));
    }
    return rows;
  }

  /** Everything in the bucket, by key and hash. */
  List<String> bucket() {
    return store.keys().stream().map(key -> key + " " + Ids.object(store.bytes(key))).toList();
  }

  long count(String table) {
    return catalog
        .execute(Statement.of("select count(*) as n from " + table))
        .first()
        .orElseThrow()
        .number("n");
  }
}
