package dev.sheaf.api;

import static org.assertj.core.api.Assertions.assertThat;

import com.amazonaws.services.lambda.runtime.events.SQSEvent;
import dev.sheaf.api.http.Route;
import dev.sheaf.api.token.TokenDirectory;
import dev.sheaf.api.wiring.ApiPorts;
import dev.sheaf.bundle.ContentId;
import dev.sheaf.bundle.codec.BundleReader;
import dev.sheaf.bundle.history.Ids;
import dev.sheaf.bundleindex.BundleIndexHandler;
import dev.sheaf.bundleindex.CountedWorker;
import dev.sheaf.function.testing.TestInvocation;
import dev.sheaf.localstack.servers.LocalServers;
import dev.sheaf.ops.OpsOptions;
import dev.sheaf.ops.RegisteredTable;
import dev.sheaf.repository.CatalogSchema;
import dev.sheaf.repository.Repo;
import dev.sheaf.repository.Repos;
import dev.sheaf.repository.token.RepoGlob;
import dev.sheaf.repository.token.Scope;
import dev.sheaf.repository.token.TokenEntry;
import dev.sheaf.repository.token.TokenList;
import dev.sheaf.repository.token.TokenMint;
import dev.sheaf.storage.ObjectStore;
import dev.sheaf.storage.catalog.Catalog;
import dev.sheaf.storage.catalog.Rows;
import dev.sheaf.storage.catalog.Statement;
import dev.sheaf.storage.counting.CountingCatalog;
import dev.sheaf.storage.counting.CountingObjectStore;
import dev.sheaf.storage.counting.RequestCounts;
import dev.sheaf.storage.wiring.Machine;
import dev.sheaf.storage.wiring.Site;
import dev.sheaf.storage.wiring.SiteConfig;
import dev.sheaf.testing.Faults;
import dev.sheaf.testing.FaultyCatalog;
import dev.sheaf.testing.FaultyObjectStore;
import dev.sheaf.testing.GrantedObjectStore;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;

/**
 * The function on a real Postgres and a real S3 protocol, with a bucket and a database of its own.
 * Requests go in as events and uploads as presigned PUTs.
 */
final class ApiSite {
  private static final HttpClient HTTP = HttpClient.newHttpClient();

  private static final Map<String, String> OPS =
      Map.of("SHEAF_BUCKET", "bucket", "SHEAF_SELF", "https://Self.example/");

  private final Site site;
  private final BundleIndexHandler worker;
  private final TokenMint mint = new TokenMint(new SecureRandom());
  private final List<TokenEntry> tokens = new ArrayList<>();
  private final List<String> messages = new ArrayList<>();
  private RequestCounts counts = new RequestCounts();
  private final long readNowBytes;
  private final Supplier<BundleReader> reader;
  private OpsOptions ops = OpsOptions.of(SiteConfig.from(OPS), OPS);
  private List<RegisteredTable> tables = List.of();
  private ApiHandler handler;

  private ApiSite(long readNowBytes, Supplier<BundleReader> reader) {
    this.readNowBytes = readNowBytes;
    this.reader = reader;
    Map<String, String> environment = environment();
    this.site = Site.from(environment);
    this.worker = new BundleIndexHandler(environment);
    CatalogSchema.migrations().apply(site.catalog());
    this.handler = handler();
  }

  static ApiSite start() {
    return new ApiSite(4 << 20, ApiSite::reader);
  }

  /** A site where bundles above so many bytes are left to a worker. */
  static ApiSite start(long readNowBytes, Supplier<BundleReader> reader) {
    return new ApiSite(readNowBytes, reader);
  }

  static BundleReader reader() {
    return BundleReader.spoolingTo(Path.of(System.getProperty("java.io.tmpdir")));
  }

  private static Map<String, String> environment() {
    Map<String, String> environment = LocalServers.shared().newSite();
    TestQueue.addTo(environment);
    return environment;
  }

  private ApiHandler handler() {
    return handler(
        new CountingCatalog(site.catalog(), counts),
        new CountingObjectStore(site.objects(), counts));
  }

  private ApiHandler handler(Catalog catalog, ObjectStore store) {
    return handler(catalog, store, readNowBytes);
  }

  private ApiHandler handler(Catalog catalog, ObjectStore store, long readNow) {
    return new ApiHandler(ports(catalog, store, readNow));
  }

  private ApiPorts ports(Catalog catalog, ObjectStore store, long readNow) {
    return new ApiPorts(
        () -> catalog,
        () -> GrantedObjectStore.of(store, "ApiRole"),
        () -> (body, delay) -> messages.add(body),
        () -> (body, delay) -> messages.add(body),
        reader,
        new TokenDirectory(() -> TokenList.write(tokens), Machine.TICKER),
        readNow,
        Path.of(System.getProperty("java.io.tmpdir")),
        Machine.CLOCK,
        Machine.IDS,
        Machine.TICKER,
        ops,
        _ -> true,
        tables,
        SecureRandom::new);
  }

  /** All routes of the function. */
  List<Route> routes() {
    return ApiRoutes.of(ports(site.catalog(), site.objects(), readNowBytes));
  }

  Catalog catalog() {
    return site.catalog();
  }

  ObjectStore store() {
    return site.objects();
  }

  List<String> keys(String prefix) {
    return store().list(prefix, null, null).objects().stream()
        .map(ObjectStore.StoredObject::key)
        .toList();
  }

  byte[] stored(String key) {
    try (InputStream in = store().get(key, ObjectStore.Read.WHOLE).orElseThrow().body()) {
      return in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Messages that were sent to the queue. */
  List<String> messages() {
    return messages;
  }

  /** A new token; the function learns of it at once. */
  String token(Scope scope, String... globs) {
    List<RepoGlob> repos = List.of(globs).stream().map(RepoGlob::parse).toList();
    TokenMint.Minted minted = mint.mint("test-" + scope.text(), Set.of(scope), repos, null);
    tokens.add(minted.entry());
    handler = handler();
    return minted.token();
  }

  /** A token of another site. */
  String peerToken(String host) {
    TokenMint.Minted minted = mint.mint("peer", Set.of(Scope.PEER), List.of(), host);
    tokens.add(minted.entry());
    handler = handler();
    return minted.token();
  }

  /** Has the function know these variables about its peers, and these tables that travel. */
  void follow(Map<String, String> variables, List<RegisteredTable> registered) {
    Map<String, String> all = new LinkedHashMap<>(OPS);
    all.putAll(variables);
    ops = OpsOptions.of(SiteConfig.from(all), all);
    tables = registered;
    handler = handler();
  }

  /** What the requests from here on cost. */
  RequestCounts countAgain() {
    counts = new RequestCounts();
    handler = handler();
    return counts;
  }

  /** Another process, on this catalog, until the next {@link #countAgain}. */
  void through(Catalog catalog) {
    handler = handler(catalog, site.objects());
  }

  Answer call(GatewayEvent event) {
    return Answer.of(handler.handleRequest(event.toEvent(), new TestInvocation(900_000)));
  }

  /** One request to a function that leaves every bundle to a worker. */
  Answer callUnread(GatewayEvent event) {
    ApiHandler unread = handler(site.catalog(), site.objects(), 0);
    return Answer.of(unread.handleRequest(event.toEvent(), new TestInvocation(900_000)));
  }

  /** One request to a function of its own, whose requests to the store and the catalog may fail. */
  Answer call(GatewayEvent event, Faults faults) {
    ApiHandler faulty =
        handler(
            new FaultyCatalog(site.catalog(), faults),
            new FaultyObjectStore(site.objects(), faults));
    return Answer.of(faulty.handleRequest(event.toEvent(), new TestInvocation(900_000)));
  }

  /** PUTs bytes to a presigned URL; the status of the store's answer. */
  static int upload(Map<String, ?> presigned, byte[] body) {
    return put(URI.create(String.valueOf(presigned.get("url"))), presigned, body);
  }

  static int put(URI url, Map<String, ?> presigned, byte[] body) {
    HttpRequest.Builder put =
        HttpRequest.newBuilder(url).PUT(HttpRequest.BodyPublishers.ofByteArray(body));
    if (presigned.get("headers") instanceof Map<?, ?> headers) {
      headers.forEach((name, value) -> {
        // The client sets these itself, from the URL and from the body.
        if (!Set.of("host", "content-length").contains(name)) {
          put.header(String.valueOf(name), String.valueOf(value));
        }
      });
    }
    return send(put.build()).statusCode();
  }

  /** GETs a presigned URL. */
  static HttpResponse<byte[]> download(String url) {
    return send(HttpRequest.newBuilder(URI.create(url)).build());
  }

  private static HttpResponse<byte[]> send(HttpRequest request) {
    try {
      return HTTP.send(request, HttpResponse.BodyHandlers.ofByteArray());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  /** A client that pushes to and reads one repository with a token of its own. */
  TestClient client(String repo) {
    return new TestClient(this, repo, token(Scope.WRITE, repo));
  }

  /** A muse client whose token may write to one repository. */
  MuseClient muse(String repo) {
    return new MuseClient(this, repo, token(Scope.WRITE, repo));
  }

  Repo repo(String repo) {
    String[] parts = repo.split("/", -1);
    return new Repos(catalog()).find(parts[0], parts[1]).orElseThrow();
  }

  /** Has the worker run every job of a repository. */
  void runJobs(String repo) {
    runJobsOf(repo(repo).repoId());
  }

  /** The same of the repository with an id. */
  void runJobsOf(String repoId) {
    tellWorker("{\"sheaf\":\"wake-up\",\"repo_id\":\"" + repoId + "\"}");
  }

  /** Lets the time pass that events of presigned uploads wait for an announcement. */
  void passGrace() {
    execute(
        "update jobs set not_before = now() - interval '1 second' where not_before is not null");
  }

  /** Tells the worker of an upload, as S3 does, and has it run what there is to run. */
  void uploadEvent(String repo, ContentId bundle, long size) {
    tellWorker(uploadMessage(repo, bundle, size));
  }

  private String uploadMessage(String repo, ContentId bundle, long size) {
    return """
    {"Records":[{"eventVersion":"2.1","eventSource":"aws:s3","eventName":"ObjectCreated:Put",
    "s3":{"bucket":{"name":"%s"},"object":{"key":"bundles/%s/%s","size":%d,"sequencer":"01"}}}]}
    """
        .formatted(store().bucket(), repo, bundle.hex(), size);
  }

  /** As {@link #uploadEvent}, by a worker of its own whose requests are counted. */
  void countedUploadEvent(String repo, ContentId bundle, long size, RequestCounts counted) {
    new CountedWorker(site, counted).handle(uploadMessage(repo, bundle, size));
  }

  private void tellWorker(String body) {
    SQSEvent.SQSMessage message = new SQSEvent.SQSMessage();
    message.setMessageId("message-1");
    message.setBody(body);
    SQSEvent event = new SQSEvent();
    event.setRecords(List.of(message));
    assertThat(worker.handleRequest(event, new TestInvocation(900_000)).getBatchItemFailures())
        .isEmpty();
  }

  void execute(String sql) {
    catalog().execute(Statement.of(sql));
  }

  Rows.Row objectRow(ContentId id) {
    return catalog()
        .execute(
            Statement.of(
                    "select storage_uri, size_bytes, content_cache is not null as cached"
                        + " from objects where object_id = :id")
                .text("id", id.hex()))
        .first()
        .orElseThrow();
  }

  /** Number of rows of a table. */
  long rows(String table) {
    return catalog()
        .execute(Statement.of("select count(*) as n from " + table))
        .first()
        .orElseThrow()
        .number("n");
  }

  static ContentId sha256(byte[] bytes) {
    return Ids.object(bytes);
  }
}
