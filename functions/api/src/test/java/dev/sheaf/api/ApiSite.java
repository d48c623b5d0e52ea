package dev.sheaf.api;

import dev.sheaf.api.token.RepoGlob;
import dev.sheaf.api.token.Scope;
import dev.sheaf.api.token.TokenDirectory;
import dev.sheaf.api.token.TokenEntry;
import dev.sheaf.api.token.TokenList;
import dev.sheaf.api.token.TokenMint;
import dev.sheaf.api.wiring.ApiPorts;
import dev.sheaf.bundle.ContentId;
import dev.sheaf.bundle.codec.BundleReader;
import dev.sheaf.bundle.history.Ids;
import dev.sheaf.localstack.servers.LocalServers;
import dev.sheaf.repository.CatalogSchema;
import dev.sheaf.repository.Repo;
import dev.sheaf.repository.Repos;
import dev.sheaf.storage.ObjectStore;
import dev.sheaf.storage.catalog.Catalog;
import dev.sheaf.storage.catalog.Rows;
import dev.sheaf.storage.catalog.Statement;
import dev.sheaf.storage.counting.CountingCatalog;
import dev.sheaf.storage.counting.CountingObjectStore;
import dev.sheaf.storage.counting.RequestCounts;
import dev.sheaf.storage.wiring.Machine;
import dev.sheaf.storage.wiring.Site;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
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

  private final Site site;
  private final TokenMint mint = new TokenMint(new SecureRandom());
  private final List<TokenEntry> tokens = new ArrayList<>();
  private final List<String> messages = new ArrayList<>();
  private RequestCounts counts = new RequestCounts();
  private final long readNowBytes;
  private final Supplier<BundleReader> reader;
  private Duration ahead = Duration.ZERO;
  private ApiHandler handler;

  private ApiSite(long readNowBytes, Supplier<BundleReader> reader) {
    this.readNowBytes = readNowBytes;
    this.reader = reader;
    this.site = Site.from(environment());
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
    try {
      LocalServers servers = LocalServers.shared();
      Map<String, String> environment = new LinkedHashMap<>(servers.environment());
      environment.put("SHEAF_BUCKET", servers.newBucket());
      environment.put("SHEAF_CATALOG_ARN", LocalServers.CATALOG_ARN);
      environment.put("SHEAF_CATALOG_SECRET_ARN", LocalServers.CATALOG_SECRET_ARN);
      environment.put("SHEAF_CATALOG_DATABASE", servers.newDatabase());
      return environment;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private ApiHandler handler() {
    Catalog catalog = new CountingCatalog(site.catalog(), counts);
    ObjectStore store = new CountingObjectStore(site.objects(), counts);
    return new ApiHandler(
        new ApiPorts(
            () -> catalog,
            () -> store,
            () -> messages::add,
            reader,
            new TokenDirectory(() -> TokenList.write(tokens), Machine.TICKER),
            readNowBytes,
            Path.of(System.getProperty("java.io.tmpdir")),
            () -> Machine.CLOCK.instant().plus(ahead),
            Machine.IDS,
            Machine.TICKER));
  }

  Catalog catalog() {
    return site.catalog();
  }

  ObjectStore store() {
    return site.objects();
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

  /** What the requests from here on cost. */
  RequestCounts countAgain() {
    counts = new RequestCounts();
    handler = handler();
    return counts;
  }

  @SuppressWarnings("NullAway") // The function does not look at Lambda's context.
  Answer call(GatewayEvent event) {
    return Answer.of(handler.handleRequest(event.toEvent(), null));
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

  Repo repo(String repo) {
    String[] parts = repo.split("/", -1);
    return new Repos(catalog()).find(parts[0], parts[1]).orElseThrow();
  }

  /** Lets time pass for the function. */
  void moveClock(Duration by) {
    ahead = ahead.plus(by);
  }

  /** As if a worker had run every job; only then is a further small bundle read at once. */
  void finishJobs(String repo) {
    execute("update jobs set status = 'done' where repo_id = '" + repo(repo).repoId() + "'");
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
