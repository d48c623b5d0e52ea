package dev.sheaf.bundleindex;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sheaf.bundle.Content;
import dev.sheaf.bundle.ContentId;
import dev.sheaf.bundle.ObjectKeys;
import dev.sheaf.bundle.codec.BundleReader;
import dev.sheaf.bundle.history.Ids;
import dev.sheaf.localstack.servers.LocalServers;
import dev.sheaf.repository.CatalogSchema;
import dev.sheaf.repository.Job;
import dev.sheaf.repository.Jobs;
import dev.sheaf.repository.Repo;
import dev.sheaf.repository.Repos;
import dev.sheaf.storage.ObjectStore;
import dev.sheaf.storage.catalog.Catalog;
import dev.sheaf.storage.catalog.Statement;
import dev.sheaf.storage.queue.JobQueue;
import dev.sheaf.storage.wiring.Site;
import dev.sheaf.testing.InMemoryJobQueue;
import dev.sheaf.testing.InMemoryObjectStore;
import dev.sheaf.testing.ManualClock;
import dev.sheaf.testing.SequentialIds;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/**
 * The function on a strict store in memory and a real Postgres behind the Data API, both empty at
 * the beginning of each test.
 */
abstract class IndexTest {
  static final ObjectMapper JSON = new ObjectMapper();
  static final Duration STALE = Duration.ofMinutes(15);

  private static final List<String> TABLES =
      List.of(
          "repos",
          "objects",
          "object_refs",
          "snapshots",
          "snapshot_chunks",
          "commits",
          "branches",
          "git_refs",
          "bundles",
          "jobs",
          "job_moves",
          "packs");

  private static final Map<String, Catalog> CATALOGS = new TreeMap<>();

  final ManualClock clock = new ManualClock();
  final SequentialIds ids = new SequentialIds();
  final InMemoryObjectStore store = new InMemoryObjectStore(clock);
  final InMemoryJobQueue queue = new InMemoryJobQueue();
  final Catalog catalog = catalogOf(getClass());

  @TempDir Path spool = Path.of("");

  /** One database a test class, emptied for each test. */
  private static synchronized Catalog catalogOf(Class<?> test) {
    return CATALOGS.computeIfAbsent(test.getName(), _ -> newCatalog());
  }

  private static Catalog newCatalog() {
    LocalServers servers = LocalServers.shared();
    Map<String, String> environment = new TreeMap<>(servers.environment());
    environment.put("SHEAF_BUCKET", "unused");
    environment.put("SHEAF_CATALOG_ARN", LocalServers.CATALOG_ARN);
    environment.put("SHEAF_CATALOG_SECRET_ARN", LocalServers.CATALOG_SECRET_ARN);
    try {
      environment.put("SHEAF_CATALOG_DATABASE", servers.newDatabase());
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
    Catalog catalog = Site.from(environment).catalog();
    CatalogSchema.migrations().apply(catalog);
    return catalog;
  }

  @BeforeEach
  void emptyCatalog() {
    catalog.execute(Statement.of("truncate " + String.join(", ", TABLES) + " restart identity"));
  }

  BundleIndex index() {
    return index(store, catalog);
  }

  BundleIndex index(ObjectStore objectStore, Catalog database) {
    return new BundleIndex(ports(objectStore, database, queue));
  }

  BundleIndex.Ports ports(ObjectStore objectStore, Catalog database, JobQueue jobQueue) {
    return new BundleIndex.Ports(
        objectStore,
        database,
        () -> jobQueue,
        BundleReader.spoolingTo(spool),
        ObjectPipeline.Limits.of(100, 2),
        clock,
        clock,
        ids,
        STALE);
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
    return JSON.createObjectNode()
        .set(
            "Records",
            JSON.createArrayNode()
                .add(
                    JSON.createObjectNode()
                        .put("eventSource", "aws:s3")
                        .put("eventName", "ObjectCreated:Put")
                        .set(
                            "s3",
                            JSON.createObjectNode()
                                .<com.fasterxml.jackson.databind.node.ObjectNode>set(
                                    "bucket", JSON.createObjectNode().put("name", store.bucket()))
                                .set(
                                    "object",
                                    JSON.createObjectNode()
                                        .put("key", key)
                                        .put("size", size)
                                        .put("sequencer", sequencer)))))
        .toString();
  }

  /** Uploads a bundle and lets the function index it; the job's result. */
  JsonNode push(String repo, byte[] bundle) {
    boolean consumed = index().handle(upload(repo, bundle), false, () -> 600_000);
    Job job = lastJob(repo);
    if (!consumed || job.status() != Job.Status.DONE) {
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
    return new Jobs(catalog, clock, ids);
  }

  Job lastJob(String repo) {
    return jobs().list(repo(repo).repoId(), 1).getFirst();
  }

  /** Every row of every table as text, but for what differs from run to run. */
  List<String> dump() {
    List<String> rows = new ArrayList<>();
    for (String table : TABLES) {
      catalog
          .execute(
              Statement.of(
                  """
                  select (to_jsonb(t) - array['created_at', 'claimed_at', 'done_at', 'updated_at',
                      'pushed_at', 'registered_at', 'attempt', 'error', 'result', 'seq_of_job',
                      'claim_token', 'job_id', 'repo_id', 'payload', 'etag'])::text as row
                  from %s t order by 1
                  """
                      .formatted(table)))
          .forEach(row -> rows.add(table + " " + row.text("row")));
    }
    return rows;
  }

  long count(String table) {
    return catalog
        .execute(Statement.of("select count(*) as n from " + table))
        .first()
        .orElseThrow()
        .number("n");
  }
}
