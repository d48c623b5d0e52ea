package dev.sheaf.peersync;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.sheaf.bundle.ContentId;
import dev.sheaf.bundle.RefName;
import dev.sheaf.bundle.history.Ids;
import dev.sheaf.git.GitKeys;
import dev.sheaf.git.GitStorage;
import dev.sheaf.git.PackLimits;
import dev.sheaf.git.RepoPath;
import dev.sheaf.git.fold.FoldLimits;
import dev.sheaf.localstack.servers.LocalServers;
import dev.sheaf.ops.Applier;
import dev.sheaf.ops.OwnOps;
import dev.sheaf.ops.RegisteredTable;
import dev.sheaf.ops.SnapshotPage;
import dev.sheaf.ops.SnapshotServer;
import dev.sheaf.ops.SweepClient;
import dev.sheaf.ops.SweepPage;
import dev.sheaf.ops.SweepServer;
import dev.sheaf.ops.Ulid;
import dev.sheaf.peersync.http.HttpPeer;
import dev.sheaf.peersync.http.Patience;
import dev.sheaf.repair.rebuild.Rebuild;
import dev.sheaf.repair.rebuild.RepositoryRecords;
import dev.sheaf.repository.CatalogSchema;
import dev.sheaf.repository.GitPacks;
import dev.sheaf.repository.GitRefTable;
import dev.sheaf.repository.GitState;
import dev.sheaf.repository.HomeFence;
import dev.sheaf.repository.Homes;
import dev.sheaf.repository.PublicRepos;
import dev.sheaf.repository.Repo;
import dev.sheaf.repository.Repos;
import dev.sheaf.repository.SiteLog;
import dev.sheaf.repository.Travelling;
import dev.sheaf.repository.git.GitFolds;
import dev.sheaf.repository.git.GitJob;
import dev.sheaf.repository.git.GitPorts;
import dev.sheaf.repository.git.GitPushes;
import dev.sheaf.repository.git.RefUpdate;
import dev.sheaf.repository.git.RefsRequest;
import dev.sheaf.repository.job.Jobs;
import dev.sheaf.storage.ObjectStore;
import dev.sheaf.storage.catalog.Catalog;
import dev.sheaf.storage.catalog.Rows;
import dev.sheaf.storage.catalog.Statement;
import dev.sheaf.storage.wiring.Machine;
import dev.sheaf.storage.wiring.Site;
import dev.sheaf.testing.InMemoryObjectStore;
import dev.sheaf.testing.ManualClock;
import dev.sheaf.testing.TestGit;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URLDecoder;
import java.net.http.HttpClient;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;

/** A site with git repositories, a catalog and a bucket of its own, and peers over HTTP. */
final class GitSite implements AutoCloseable {
  private static final HttpClient HTTP = HttpClient.newHttpClient();
  private static final Duration GRACE = Duration.ofDays(2);

  volatile Catalog catalog;
  final ObjectStore store = new InMemoryObjectStore();
  final List<String> asked = new CopyOnWriteArrayList<>();

  /** Sites that do not hear this one, nor it them. */
  final Set<GitSite> cut = new HashSet<>();

  private final HttpServer server;
  private final ManualClock clock;
  private final Path temp;
  private final Random random;
  private volatile ServedSite.@Nullable Answering instead;
  private int names;

  /** Larger packs go on where they were cut. */
  int partBytes = 32 << 20;

  GitSite(ManualClock clock, Path temp, Random random) throws IOException {
    this.clock = clock;
    this.temp = temp;
    this.random = random;
    catalog = newCatalog();
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    server.createContext("/", this::serve);
    server.start();
  }

  private static Catalog newCatalog() {
    Catalog catalog = Site.from(LocalServers.shared().newSite()).catalog();
    CatalogSchema.migrations().apply(catalog);
    return catalog;
  }

  /** An empty one stands in its place; the bucket is as it was. */
  void loseCatalog() {
    catalog = newCatalog();
  }

  /** As its operator does. */
  List<String> rebuild() {
    List<String> steps = new ArrayList<>();
    Rebuild.Ports rebuilt =
        new Rebuild.Ports(
            catalog,
            store,
            ports().log(),
            _ -> Optional.empty(),
            () -> {
              throw new IllegalStateException("git repositories need no worker");
            },
            clock,
            () -> url() + " " + names++);
    new Rebuild(rebuilt, false, step -> steps.add(step.toString())).run();
    return steps;
  }

  void setPublic(String name, boolean isPublic) {
    PublicRepos list = new PublicRepos(store, List::of, () -> 0);
    if (isPublic) {
      list.add(repo(name));
    } else {
      list.remove(repo(name));
    }
    new Repos(catalog, ports().log()).setPublic(repo(name).repoId(), isPublic, clock.instant());
    new RepositoryRecords(catalog, store).write(repo(name).repoId());
  }

  String url() {
    return "http://127.0.0.1:" + server.getAddress().getPort();
  }

  GitPorts ports() {
    return new GitPorts(
        catalog,
        store,
        new GitStorage(store),
        temp,
        PackLimits.of(1L << 28, 1L << 28),
        clock,
        new SiteLog(url(), url(), () -> random));
  }

  private Jobs jobs() {
    return new Jobs(catalog, clock, () -> url() + " " + names++, ports().log());
  }

  Repo repo(String name) {
    return new Repos(catalog).find("me", name).orElseThrow();
  }

  /** Announces refs of a bundle, which is read at once up to a size. */
  GitPushes.Result push(String name, byte[] bundle, long readNowBytes, RefUpdate... updates) {
    Repo repo =
        new Repos(catalog, ports().log())
            .findOrCreate("me", name, name + "-" + server.getAddress().getPort(), clock.instant());
    return new GitPushes(ports(), jobs(), readNowBytes)
        .push(
            repo,
            new GitPushes.Bundle(
                Ids.object(bundle),
                bundle.length,
                clock.instant(),
                () -> new ByteArrayInputStream(bundle)),
            new RefsRequest(List.of(updates), null, null, false));
  }

  GitPushes.Result push(String name, byte[] bundle, RefUpdate... updates) {
    return push(name, bundle, Long.MAX_VALUE, updates);
  }

  /** Moves refs to what is here. */
  GitPushes.Result move(String name, RefUpdate... updates) {
    return new GitPushes(ports(), jobs(), 0)
        .push(repo(name), null, new RefsRequest(List.of(updates), null, null, false));
  }

  /** What a worker does with a bundle that was left to it. */
  void work(String name, byte[] bundle) throws IOException {
    Jobs jobs = jobs();
    Jobs.Claim claim = jobs.claimNext(repo(name).repoId(), Duration.ofMinutes(5)).orElseThrow();
    new GitJob(ports(), jobs, (transaction, report) -> jobs.in(transaction).finish(claim, "{}"))
        .run(claim, repo(name), new ByteArrayInputStream(bundle), bundle.length);
  }

  void takeHome(String name) {
    new Homes(catalog, Travelling.TABLES, new OwnOps(url(), Travelling.TABLES, clock, random))
        .move(repo(name).repoId(), url());
  }

  GitFolds.Report fold(String name) {
    GitFolds folds = new GitFolds(ports(), FoldLimits.of(1L << 28, 1L << 28), GRACE);
    return folds.carryOut(repo(name), folds.look(repo(name)));
  }

  /** A tick of peer-sync. */
  GitCopies.Copied follow(GitSite... peers) throws IOException {
    Applier applier =
        new Applier(
            catalog,
            url(),
            Travelling.TABLES,
            new HomeFence(url(), Travelling.TABLES),
            clock,
            random);
    applier.retryFailed();
    List<HttpPeer> clients = new ArrayList<>();
    for (GitSite peer : peers) {
      if (!cut.contains(peer)) {
        HttpPeer client = peer(peer);
        clients.add(client);
        new SweepClient(catalog, applier, Travelling.TABLES, clock).tick(client, () -> true);
      }
    }
    clock.advance(Duration.ofMillis(50));
    Instant end = clock.instant().plusSeconds(60);
    return new GitCopies(this::ports, partBytes)
        .copy(clients, "runner of " + url(), new Span(end, end, clock));
  }

  private HttpPeer peer(GitSite site) {
    Duration most = Duration.ofMinutes(1);
    return new HttpPeer(
        HTTP,
        site.url(),
        new HttpPeer.Identity(url(), Optional.of(url())),
        new Patience(most, most, most, Machine.CLOCK, Machine.TICKER));
  }

  /** What a clone has: git proves every object. HEAD is the first line. */
  List<String> clone(String name, Path folder) {
    Repo repo = repo(name);
    TestGit copy = TestGit.initBare(folder);
    for (GitPacks.Live pack : new GitPacks(catalog, repo.repoId()).live()) {
      // fsck sees whether all that they name is there; in which order they come says nothing.
      copy.run(bytes(repo, pack.pack()), "index-pack", "--stdin");
    }
    StringBuilder refs = new StringBuilder();
    new GitRefTable(catalog, repo.repoId())
        .forEachWhile(
            new byte[0],
            ref -> {
              String shown = new String(ref.name().toBytes(), StandardCharsets.ISO_8859_1);
              refs.append("create %s %s\n".formatted(shown, ref.target().name()));
              return true;
            });
    copy.run(refs.toString().getBytes(StandardCharsets.ISO_8859_1), "update-ref", "--stdin");
    copy.run("fsck", "--strict");
    List<String> all = new ArrayList<>();
    all.add(String.valueOf(GitState.of(catalog, repo.repoId()).head()));
    all.addAll(copy.refs());
    return all;
  }

  byte[] bytes(Repo repo, ContentId pack) {
    String key = GitKeys.key(new RepoPath(repo.owner(), repo.name()), pack, GitKeys.Part.PACK);
    try (ObjectStore.Download download = store.get(key, ObjectStore.Read.WHOLE).orElseThrow()) {
      return download.body().readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Where refs are, by their names as the site shows them. */
  Map<String, String> refs(String name) {
    Map<String, String> refs = new TreeMap<>();
    new GitRefTable(catalog, repo(name).repoId())
        .forEachWhile(
            new byte[0],
            ref -> {
              refs.put(ref.name().toString(), ref.target().name());
              return true;
            });
    return refs;
  }

  /** All that travels of repositories and refs, with what wrote it. */
  List<String> told() {
    List<String> rows = new ArrayList<>();
    for (RegisteredTable table : List.of(Travelling.REPOS, Travelling.GIT_REFS)) {
      catalog
          .execute(
              Statement.of(
                  "select %s::text || ' ' || op_ulid as line from %s t order by 1"
                      .formatted(table.record("t."), table.told())))
          .forEach(row -> rows.add(row.text("line")));
    }
    return rows;
  }

  List<String> texts(String sql) {
    List<String> rows = new ArrayList<>();
    for (Rows.Row row : catalog.execute(Statement.of(sql))) {
      rows.add(row.text("t"));
    }
    return rows;
  }

  /** Answers in another way from now on; null for its own again. */
  void answers(ServedSite.@Nullable Answering other) {
    instead = other;
  }

  private void serve(HttpExchange exchange) throws IOException {
    try (exchange) {
      String path = exchange.getRequestURI().getPath();
      asked.add(path);
      ServedSite.Answering other = instead;
      if (other != null && other.answer(exchange)) {
        return;
      }
      Map<String, String> query = query(exchange);
      if (path.equals("/internal/crud/sweep")) {
        sweep(exchange, query.getOrDefault("after", ""));
      } else if (path.equals("/internal/crud/snapshot")) {
        SnapshotPage page =
            new SnapshotServer(catalog, url(), Travelling.TABLES)
                .page(query.getOrDefault("table", ""), query.getOrDefault("after", ""));
        header(exchange, SnapshotPage.POSITION, page.position().map(Ulid::text));
        header(exchange, SnapshotPage.NEXT, page.next());
        ServedSite.send(exchange, 200, page.body().text());
      } else if (path.startsWith("/internal/packs/")) {
        List<String> packs = new ArrayList<>();
        for (GitPacks.Live pack : new GitPacks(catalog, path.substring(16)).live()) {
          packs.add(
              "{\"pack\":\"%s\",\"size_bytes\":%d}".formatted(pack.pack().hex(), pack.sizeBytes()));
        }
        ServedSite.send(exchange, 200, "{\"packs\":[" + String.join(",", packs) + "]}");
      } else {
        blob(exchange, path.substring("/internal/blobs/".length()));
      }
    }
  }

  private static Map<String, String> query(HttpExchange exchange) {
    Map<String, String> values = new HashMap<>();
    String raw = exchange.getRequestURI().getRawQuery();
    for (String pair : raw == null ? new String[0] : raw.split("&", -1)) {
      String[] parts = pair.split("=", 2);
      values.put(parts[0], URLDecoder.decode(parts[1], UTF_8));
    }
    return values;
  }

  private void sweep(HttpExchange exchange, String after) throws IOException {
    String peer = exchange.getRequestHeaders().getFirst("Authorization").substring(7);
    SweepServer log = new SweepServer(catalog, url());
    SweepPage page = log.forPeer(after, peer);
    log.seen(peer, after, clock.instant());
    header(exchange, SweepPage.LAST_SCANNED, page.lastScanned().map(Ulid::text));
    header(exchange, SweepPage.GAP, page.gap().map(_ -> "true"));
    header(exchange, SweepPage.AVAILABLE_MIN, page.gap().map(Ulid::text));
    header(exchange, SweepPage.LIMITED, page.isLimited() ? Optional.of("true") : Optional.empty());
    ServedSite.send(exchange, 200, page.body().text());
  }

  private void blob(HttpExchange exchange, String id) throws IOException {
    Optional<String> key =
        store.list(GitKeys.GIT, null, null).objects().stream()
            .map(ObjectStore.StoredObject::key)
            .filter(each -> each.endsWith(id + ".pack"))
            .findAny();
    if (key.isEmpty()) {
      ServedSite.send(exchange, 404, "{}");
      return;
    }
    try (ObjectStore.Download download =
        store.get(key.get(), ObjectStore.Read.WHOLE).orElseThrow()) {
      byte[] bytes = download.body().readAllBytes();
      exchange.sendResponseHeaders(200, bytes.length);
      exchange.getResponseBody().write(bytes);
    }
  }

  private static void header(HttpExchange exchange, String name, Optional<String> value) {
    value.ifPresent(text -> exchange.getResponseHeaders().set(name, text));
  }

  static RefUpdate set(String name, String target) {
    return new RefUpdate(
        RefName.of(name),
        new RefUpdate.Expected.Anything(),
        org.eclipse.jgit.lib.ObjectId.fromString(target),
        true);
  }

  static RefUpdate delete(String name) {
    return new RefUpdate(RefName.of(name), new RefUpdate.Expected.Anything(), null, true);
  }

  static void requireAlike(String name, Path folder, GitSite... sites) {
    List<String> first = sites[0].clone(name, folder.resolve("clone0"));
    for (int i = 1; i < sites.length; i++) {
      assertThat(sites[i].clone(name, folder.resolve("clone" + i)))
          .as(sites[i].url())
          .isEqualTo(first);
    }
  }

  /** Nobody answers there any more. */
  @Override
  public void close() {
    server.stop(0);
  }
}
