package dev.sheaf.peersync;

import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.git.GitStorage;
import dev.sheaf.git.PackLimits;
import dev.sheaf.ops.Applier;
import dev.sheaf.ops.FailedOps;
import dev.sheaf.ops.FollowRequests;
import dev.sheaf.ops.Lease;
import dev.sheaf.ops.OpsOptions;
import dev.sheaf.ops.PeerFaults;
import dev.sheaf.ops.RegisteredTable;
import dev.sheaf.ops.Retention;
import dev.sheaf.ops.SweepClient;
import dev.sheaf.peersync.http.HttpPeer;
import dev.sheaf.peersync.http.Patience;
import dev.sheaf.repository.Awaited;
import dev.sheaf.repository.CatalogSchema;
import dev.sheaf.repository.HomeFence;
import dev.sheaf.repository.PublicListing;
import dev.sheaf.repository.PublicRepos;
import dev.sheaf.repository.Repos;
import dev.sheaf.repository.SiteLog;
import dev.sheaf.repository.Travelling;
import dev.sheaf.repository.WantedBundles;
import dev.sheaf.repository.git.GitPorts;
import dev.sheaf.storage.Once;
import dev.sheaf.storage.catalog.Catalog;
import dev.sheaf.storage.parallel.ParallelCalls;
import dev.sheaf.storage.wiring.Machine;
import dev.sheaf.storage.wiring.Site;
import java.io.IOException;
import java.net.http.HttpClient;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.IntSupplier;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One tick: tries again what could not be applied, follows every peer as far as time allows, all of
 * them side by side and none in another's way, then copies the bundles and packs that they told of.
 *
 * <p>A peer's first page needs no lease: it is asked for by every tick, and most are empty. Whoever
 * goes on behind it takes the peer's lease, so that the ticks that begin meanwhile leave the rest
 * to it.
 */
final class PeerSync {
  private static final Logger log = LoggerFactory.getLogger(PeerSync.class);

  /** Nothing is begun with less time than this. */
  private static final Duration MARGIN = Duration.ofSeconds(10);

  /**
   * When it is left, what is under way is broken off: so that the tick can say what became of it.
   */
  private static final Duration LAST_WORDS = Duration.ofSeconds(5);

  /** What is left for a page that was read to be applied. */
  private static final Duration APPLYING = Duration.ofSeconds(15);

  /** A runner that died while it followed a peer is waited for no longer. */
  private static final Duration LEASE = Duration.ofMinutes(2);

  private static final Duration CONNECTED_WITHIN = Duration.ofSeconds(5);
  private static final Duration HEADERS_WITHIN = Duration.ofSeconds(30);
  private static final Duration PAGE_WITHIN = Duration.ofSeconds(30);
  private static final Duration BLOB_WITHIN = Duration.ofMinutes(3);

  /** Of the 2,560 MB that the function has. */
  private static final int SPOOL_BYTES = 2_000_000_000;

  /** Fetched in a second or in ten; what is under way of it is lost when a copy is cut. */
  private static final int PART_BYTES = 32 << 20;

  private final Ports ports;

  /**
   * What the function works with.
   *
   * @param catalog asked for when there are peers
   * @param peers makes the client of a peer, by its URL and the token that it knows this site by
   * @param listing puts what peers have made public on this site's list
   */
  record Ports(
      Supplier<Catalog> catalog,
      OpsOptions ops,
      List<RegisteredTable> tables,
      PeerTokens tokens,
      PeerMaker peers,
      BundleCopies copies,
      GitCopies packs,
      Runnable listing,
      InstantSource clock,
      Supplier<RandomGenerator> random) {}

  /** Makes the client of a peer. */
  @FunctionalInterface
  interface PeerMaker {
    /** The peer at a URL, with the token that it knows this site by. */
    HttpPeer peer(String host, Optional<String> token);
  }

  PeerSync(Ports ports) {
    this.ports = ports;
  }

  /** The function on the real ports of a site. */
  static PeerSync of(Map<String, String> environment) {
    return of(environment, Machine.RANDOM);
  }

  static PeerSync of(Map<String, String> environment, Supplier<RandomGenerator> random) {
    Site site = Site.from(environment);
    OpsOptions ops = OpsOptions.of(site.config(), environment);
    Supplier<HttpClient> client = new Once<>(PeerSync::client);
    Patience patience =
        new Patience(HEADERS_WITHIN, PAGE_WITHIN, BLOB_WITHIN, Machine.CLOCK, Machine.TICKER);
    return new PeerSync(
        new Ports(
            new Once<>(() -> migrated(site)),
            ops,
            Travelling.TABLES,
            new PeerTokens(
                () -> site.config().peerTokens().map(site.secrets()::read).orElse("{}"),
                Machine.TICKER),
            (host, token) ->
                new HttpPeer(
                    client.get(), host, new HttpPeer.Identity(ops.self(), token), patience),
            new BundleCopies(
                new Once<>(() -> new WantedBundles(site.catalog())),
                site::objects,
                // A site that does not keep a bundle cannot index it: so each keeps all of them.
                _ -> true,
                new BundleCopies.Spool(
                    Path.of(System.getProperty("java.io.tmpdir")), SPOOL_BYTES, PART_BYTES),
                Machine.CLOCK),
            new GitCopies(new Once<>(() -> git(site)), PART_BYTES),
            () -> list(site, ops.self()),
            Machine.CLOCK,
            random));
  }

  private static void list(Site site, String self) {
    Catalog catalog = site.catalog();
    new PublicListing(catalog, self)
        .bringUpToDate(
            new PublicRepos(
                site.objects(), () -> new Repos(catalog).publicNames(), Machine.TICKER));
  }

  private static GitPorts git(Site site) {
    Path temp = Path.of(System.getProperty("java.io.tmpdir"));
    return new GitPorts(
        site.catalog(),
        site.objects(),
        new GitStorage(site.objects()),
        temp,
        PackLimits.of(
            Runtime.getRuntime().maxMemory(),
            // Beside a pack lies its index, and what completes it.
            Math.min(SPOOL_BYTES, temp.toFile().getUsableSpace() / 2)),
        Machine.CLOCK,
        // What came from others was told by them.
        SiteLog.OFF);
  }

  private static Catalog migrated(Site site) {
    Catalog catalog = site.catalog();
    CatalogSchema.migrations().apply(catalog);
    return catalog;
  }

  private static HttpClient client() {
    return HttpClient.newBuilder()
        .version(HttpClient.Version.HTTP_1_1)
        .followRedirects(HttpClient.Redirect.NEVER)
        .connectTimeout(CONNECTED_WITHIN)
        .build();
  }

  /**
   * Runs a tick.
   *
   * @param runner tells this invocation from all others
   * @param remainingMillis the time that is left for the invocation
   * @throws SheafException when the site's own catalog or secret fails; a peer's failure is a part
   *     of the report
   */
  TickReport run(String runner, IntSupplier remainingMillis) {
    if (ports.ops().peers().isEmpty()) {
      return TickReport.NONE;
    }
    Instant end = ports.clock().instant().plusMillis(remainingMillis.getAsInt());
    Span following = before(end.minus(APPLYING));
    Span copying = before(end);
    Applier applier = applier();
    applier.retryFailed();
    Map<String, PeerFaults.Fault> faults = new PeerFaults(ports.catalog().get()).all();
    List<HttpPeer> peers =
        ports.ops().peers().stream()
            .map(host -> ports.peers().peer(host, ports.tokens().of(host)))
            .toList();
    List<PeerReport> reports = followAll(runner, peers, applier, following);
    note(reports, faults);
    ports.listing().run();
    BundleCopies.Copied copied = ports.copies().copy(peers, copying);
    GitCopies.Copied packs = ports.packs().copy(peers, runner, copying);
    return new TickReport(
        reports,
        new Retention(ports.catalog().get(), ports.ops()).standings(ports.clock().instant()),
        new FailedOps(ports.catalog().get()).waiting(),
        copied,
        packs,
        Awaited.of(ports.catalog().get(), ports.clock().instant()));
  }

  private Span before(Instant end) {
    return new Span(end.minus(MARGIN), end.minus(LAST_WORDS), ports.clock());
  }

  /**
   * Runs a tick for a request, unless a run that began after it has ended meanwhile.
   *
   * @param number as {@link FollowRequests#ask} gave it
   * @return empty when nothing was left to do
   */
  Optional<TickReport> runFor(long number, String runner, IntSupplier remainingMillis) {
    FollowRequests requests = new FollowRequests(ports.catalog().get());
    FollowRequests.Standing before = requests.standing();
    if (before.hasAnswered(number)) {
      return Optional.empty();
    }
    TickReport report = run(runner, remainingMillis);
    requests.answered(
        Math.max(number, before.asked()),
        report.peers().stream().map(PeerReport::toMap).toList(),
        ports.clock().instant());
    return Optional.of(report);
  }

  private Applier applier() {
    return new Applier(
        ports.catalog().get(),
        ports.ops().self(),
        ports.tables(),
        new HomeFence(ports.ops().self(), ports.tables()),
        ports.clock(),
        ports.random().get());
  }

  private List<PeerReport> followAll(
      String runner, List<HttpPeer> peers, Applier applier, Span span) {
    return span.within(() -> {
      try (ParallelCalls<PeerReport> calls = new ParallelCalls<>(Math.max(1, peers.size()))) {
        peers.forEach(peer -> calls.submit(() -> follow(runner, peer, applier, span)));
        return calls.results();
      }
    });
  }

  /** Never throws: what goes wrong with one peer is no other's business. */
  private PeerReport follow(String runner, HttpPeer peer, Applier applier, Span span) {
    Lease lease = new Lease(ports.catalog().get(), "follow " + peer.host(), runner);
    Turn turn = new Turn(lease, span);
    try {
      SweepClient client =
          new SweepClient(ports.catalog().get(), applier, ports.tables(), ports.clock());
      return PeerReport.of(peer.host(), client.tick(peer, turn::goesOn));
    } catch (IOException | RuntimeException e) {
      if (e instanceof IOException && span.isOver()) {
        log.info("{} is followed no further now: time is up", peer.host());
        return PeerReport.of(peer.host(), SweepClient.Tick.BEGIN);
      }
      log.warn("{} could not be followed: {}", peer.host(), e.toString());
      return PeerReport.failed(peer.host(), reason(e));
    } finally {
      turn.end();
    }
  }

  private String reason(Exception e) {
    if (e instanceof SheafException known && known.kind() == ErrorKind.SITE) {
      return "this site is at fault: " + e.getMessage();
    }
    String message = e.getMessage();
    return message == null ? e.toString() : message;
  }

  /** Writes down which peers fail, and which do no longer; nothing where all go on as before. */
  private void note(List<PeerReport> reports, Map<String, PeerFaults.Fault> before) {
    PeerFaults faults = new PeerFaults(ports.catalog().get());
    Set<String> passed = new HashSet<>(before.keySet());
    for (PeerReport report : reports) {
      report
          .error()
          .ifPresent(error -> {
            passed.remove(report.host());
            faults.failed(report.host(), error, ports.clock().instant());
          });
    }
    faults.passed(passed);
  }

  /** The right to go on with one peer, taken when it is first needed. */
  private final class Turn {
    private final Lease lease;
    private final Span span;
    private boolean isTaken;

    Turn(Lease lease, Span span) {
      this.lease = lease;
      this.span = span;
    }

    boolean goesOn() {
      if (!span.hasRoom()) {
        return false;
      }
      isTaken = lease.take(ports.clock().instant(), LEASE);
      return isTaken;
    }

    void end() {
      if (!isTaken) {
        return;
      }
      try {
        lease.release();
      } catch (SheafException e) {
        // It ends by itself, and what was followed is written.
        log.warn("a lease could not be given back: {}", e.getMessage());
      }
    }
  }
}
