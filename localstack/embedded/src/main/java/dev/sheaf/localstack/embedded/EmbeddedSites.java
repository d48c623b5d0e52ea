package dev.sheaf.localstack.embedded;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.sheaf.localstack.embedded.gateway.RestGateway;
import dev.sheaf.localstack.servers.access.PrivateFiles;
import dev.sheaf.localstack.servers.postgres.PostgresServer;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Several sites in this JVM that are one another's peers. Each has a bucket, queues, keys and
 * tokens of its own, and a database of its own role on the one Postgres that they share.
 */
public final class EmbeddedSites implements AutoCloseable {
  /** What the connections of one Postgres are enough for. */
  public static final int MOST = 9;

  private static final String NAME = "site";

  private final Layout layout;
  private final IntFunction<EmbeddedStack.Builder> settings;
  private final Parts parts = new Parts();
  private final PostgresServer postgres;
  private final PeerTokens tokens;
  private final List<URI> urls = new ArrayList<>();
  private final List<@Nullable EmbeddedStack> sites;

  /** Those that the others do not count among their peers. */
  private final Set<Integer> retired = new ConcurrentSkipListSet<>();

  /**
   * Where sites are.
   *
   * @param count how many, 2 to {@link #MOST}
   * @param folder keeps everything; null keeps it in memory
   * @param port of the first site's API, the next ones follow; 0 for any. A site that the folder
   *     knows keeps its own: its URL is its name among its peers
   * @param s3Port of the first site's S3; 0 for any
   */
  public record Layout(int count, @Nullable Path folder, int port, int s3Port) {}

  private EmbeddedSites(Layout layout, IntFunction<EmbeddedStack.Builder> settings)
      throws IOException {
    this.layout = layout;
    this.settings = settings;
    this.sites = new ArrayList<@Nullable EmbeddedStack>(Collections.nCopies(layout.count(), null));
    try {
      Path folder = layout.folder();
      if (folder != null) {
        parts.add(FolderLock.take(folder));
        refuseUnfit(folder);
      }
      postgres =
          folder == null
              ? PostgresServer.temporary()
              : PostgresServer.in(folder.resolve("postgres"));
      parts.add(postgres);
      List<RestGateway> gateways = new ArrayList<>();
      for (int i = 0; i < layout.count(); i++) {
        RestGateway gateway = EmbeddedStack.bindGateway(port(i));
        parts.add(gateway);
        gateways.add(gateway);
        urls.add(gateway.endpoint());
      }
      tokens = PeerTokens.in(folders(), urls, new SecureRandom());
      startAll(gateways);
    } catch (IOException | RuntimeException e) {
      close();
      throw e;
    }
  }

  /**
   * Starts sites side by side.
   *
   * @param settings of each site, by its number from 0; folder and ports are the layout's
   * @throws IOException a sentence for whoever started them
   */
  public static EmbeddedSites start(Layout layout, IntFunction<EmbeddedStack.Builder> settings)
      throws IOException {
    return new EmbeddedSites(layout, settings);
  }

  /** A folder of several sites has another form than that of one. */
  static void refuseFolderOfSeveral(Path folder) throws IOException {
    int kept = kept(folder);
    if (kept > 0) {
      throw new IOException(
          "the folder %s holds %d sites: start it with --sites %d, or choose another one"
              .formatted(folder, kept, kept));
    }
  }

  private void refuseUnfit(Path folder) throws IOException {
    if (Files.exists(folder.resolve("token"))) {
      throw new IOException(
          "the folder %s holds one site by itself: start it without --sites, or choose another one"
              .formatted(folder));
    }
    if (kept(folder) > layout.count()) {
      refuseFolderOfSeveral(folder);
    }
  }

  private static int kept(Path folder) throws IOException {
    try (Stream<Path> content = Files.list(folder)) {
      return (int)
          content.filter(each -> each.getFileName().toString().matches(NAME + "[1-9]")).count();
    }
  }

  /** The short name of a site, by its number from 0. */
  static String name(int site) {
    return NAME + (site + 1);
  }

  private List<Path> folders() throws IOException {
    Path kept = layout.folder();
    Path root = kept == null ? postgres.folder() : kept;
    List<Path> folders =
        IntStream.range(0, layout.count()).mapToObj(i -> root.resolve(name(i))).toList();
    for (Path folder : folders) {
      PrivateFiles.folder(folder);
    }
    return folders;
  }

  private int port(int site) throws IOException {
    Path folder = layout.folder();
    if (folder != null) {
      Path kept = portFile(folder, site);
      if (Files.exists(kept)) {
        return Integer.parseInt(Files.readString(kept).strip());
      }
    }
    return layout.port() == 0 ? 0 : layout.port() + site;
  }

  private static Path portFile(Path folder, int site) {
    return folder.resolve(name(site)).resolve("port");
  }

  private void startAll(List<RestGateway> gateways) throws IOException {
    try (ExecutorService starters = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<EmbeddedStack>> starting = new ArrayList<>();
      for (int i = 0; i < layout.count(); i++) {
        int site = i;
        starting.add(starters.submit(() -> startOne(site, gateways.get(site))));
      }
      IOException failure = null;
      for (int i = 0; i < layout.count(); i++) {
        try {
          sites.set(i, starting.get(i).get());
        } catch (ExecutionException e) {
          failure =
              e.getCause() instanceof IOException cause ? cause : new IOException(e.getCause());
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
          failure = new IOException("interrupted while the sites started", e);
        }
      }
      if (failure != null) {
        throw failure;
      }
    }
  }

  private EmbeddedStack startOne(int site, RestGateway gateway) throws IOException {
    EmbeddedStack.Builder builder = settings.apply(site);
    Path folder = layout.folder();
    if (folder != null) {
      PrivateFiles.write(
          portFile(folder, site), (gateway.endpoint().getPort() + "\n").getBytes(UTF_8));
      builder.folder(folder.resolve(name(site)));
    }
    if (layout.s3Port() != 0) {
      builder.s3Port(layout.s3Port() + site);
    }
    return builder
        .member(
            new EmbeddedStack.Membership(
                name(site),
                postgres,
                gateway,
                tokens.folder(site),
                tokens.environment(site, retired)),
            tokens.entries(site))
        .start();
  }

  /** The sites that run, in their order. */
  public List<EmbeddedStack> all() {
    return IntStream.range(0, sites.size()).mapToObj(this::site).toList();
  }

  /**
   * A site by its number from 0.
   *
   * @throws IllegalStateException when it was stopped
   */
  public EmbeddedStack site(int number) {
    EmbeddedStack site = sites.get(number);
    if (site == null) {
      throw new IllegalStateException(name(number) + " does not run");
    }
    return site;
  }

  /** The URL of a site, whether it runs or not. */
  public URI url(int number) {
    return urls.get(number);
  }

  /** Stops one site; what it keeps in a folder stays there. */
  void stop(int number) {
    EmbeddedStack site = site(number);
    sites.set(number, null);
    site.close();
  }

  /** Starts a site again that was stopped, where it was. */
  void startAgain(int number) throws IOException {
    RestGateway gateway = EmbeddedStack.bindGateway(urls.get(number).getPort());
    parts.add(gateway);
    sites.set(number, startOne(number, gateway));
  }

  /**
   * Takes a site out of the others' lists of peers, as whoever runs them does when it is to come
   * back no more. Itself it runs on, and has them in its own list.
   */
  void retire(int number) throws IOException {
    retired.add(number);
    restartAllBut(number);
  }

  /** Puts a site that was retired on the others' lists of peers again. */
  void bringBack(int number) throws IOException {
    retired.remove(number);
    restartAllBut(number);
  }

  private void restartAllBut(int number) throws IOException {
    for (int i = 0; i < sites.size(); i++) {
      if (i != number && sites.get(i) != null) {
        stop(i);
        startAgain(i);
      }
    }
  }

  @Override
  public void close() {
    sites.stream().filter(site -> site != null).forEach(EmbeddedStack::close);
    Collections.fill(sites, null);
    parts.close();
  }
}
