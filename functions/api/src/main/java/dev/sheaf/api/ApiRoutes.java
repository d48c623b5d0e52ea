package dev.sheaf.api;

import dev.sheaf.api.access.DeletionRoute;
import dev.sheaf.api.access.Guard;
import dev.sheaf.api.access.HomeRoutes;
import dev.sheaf.api.access.HomeRule;
import dev.sheaf.api.access.RenameRoute;
import dev.sheaf.api.access.RepoAction;
import dev.sheaf.api.access.RepoCall;
import dev.sheaf.api.access.VisibilityRoute;
import dev.sheaf.api.browse.CommitsRoute;
import dev.sheaf.api.browse.GitBrowseRoutes;
import dev.sheaf.api.browse.GitRefsRoute;
import dev.sheaf.api.browse.JobsRoutes;
import dev.sheaf.api.browse.ObjectRoute;
import dev.sheaf.api.browse.RefsRoute;
import dev.sheaf.api.browse.TreeRoute;
import dev.sheaf.api.fetch.ClonePlanRoute;
import dev.sheaf.api.fetch.FetchPackRoute;
import dev.sheaf.api.fetch.FetchRoute;
import dev.sheaf.api.fetch.GitClonePlanRoute;
import dev.sheaf.api.http.Reply;
import dev.sheaf.api.http.Route;
import dev.sheaf.api.mwp.FilterObjectsRoute;
import dev.sheaf.api.mwp.NegotiateRoute;
import dev.sheaf.api.mwp.PresignObjectsRoute;
import dev.sheaf.api.mwp.PushObjectsRoute;
import dev.sheaf.api.mwp.StreamIntake;
import dev.sheaf.api.mwp.StreamPushRoute;
import dev.sheaf.api.mwp.TagsRoute;
import dev.sheaf.api.push.GitPushRoute;
import dev.sheaf.api.push.LaneWakeUp;
import dev.sheaf.api.push.PresignRoute;
import dev.sheaf.api.push.RefusedUploads;
import dev.sheaf.api.push.UnpackBundleRoute;
import dev.sheaf.api.status.StatusRoute;
import dev.sheaf.api.wiring.ApiPorts;
import dev.sheaf.git.GitStorage;
import dev.sheaf.git.PackLimits;
import dev.sheaf.journal.JournalOptions;
import dev.sheaf.journal.site.SiteCounters;
import dev.sheaf.ops.OwnOps;
import dev.sheaf.repair.rebuild.RepositoryRecords;
import dev.sheaf.repository.Deletions;
import dev.sheaf.repository.Homes;
import dev.sheaf.repository.KnownBucket;
import dev.sheaf.repository.Packs;
import dev.sheaf.repository.PublicRepos;
import dev.sheaf.repository.Refs;
import dev.sheaf.repository.Renames;
import dev.sheaf.repository.Repos;
import dev.sheaf.repository.SiteLog;
import dev.sheaf.repository.git.GitPorts;
import dev.sheaf.repository.git.GitPushes;
import dev.sheaf.repository.git.GitReader;
import dev.sheaf.repository.history.Ancestry;
import dev.sheaf.repository.history.Bundles;
import dev.sheaf.repository.history.Commits;
import dev.sheaf.repository.history.ObjectRows;
import dev.sheaf.repository.history.RepositoryObjects;
import dev.sheaf.repository.history.Snapshots;
import dev.sheaf.repository.intake.Intake;
import dev.sheaf.repository.intake.Limits;
import dev.sheaf.repository.intake.Pushes;
import dev.sheaf.repository.job.ExpectedUploads;
import dev.sheaf.repository.job.Jobs;
import dev.sheaf.repository.job.Refusals;
import dev.sheaf.storage.ObjectStore;
import dev.sheaf.storage.Once;
import dev.sheaf.storage.catalog.Catalog;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;
import java.util.function.Supplier;

/** The table of routes: the map of this function. Each route is built when it is first called. */
final class ApiRoutes {
  private static final String REPO = "/{owner}/{repo}";

  /** Mostly of small objects; those above 8 MiB are put from their file, one by one. */
  private static final int PUTS_IN_FLIGHT = 32;

  private final ApiPorts ports;
  private final Supplier<Catalog> catalog;
  private final Supplier<PublicRepos> publicRepos;
  private final HomeRule homes;
  private final Supplier<GitStorage> gitStorage;
  private final Supplier<GitBrowseRoutes> gitBrowse;
  private final Guard guard;
  private final Supplier<SiteLog> log;

  private ApiRoutes(ApiPorts ports) {
    this.ports = ports;
    this.catalog = new Once<>(ports.catalog());
    this.log = new Once<>(() -> SiteLog.of(ports.ops(), new Once<>(ports.random())));
    this.publicRepos =
        new Once<>(() ->
            new PublicRepos(
                ports.store().get(), () -> new Repos(catalog()).publicNames(), ports.nanoTime()));
    this.gitStorage = new Once<>(() -> new GitStorage(ports.store().get()));
    this.gitBrowse = new Once<>(() -> new GitBrowseRoutes(gitReader()));
    this.homes =
        new HomeRule(ports.ops().self(), !ports.ops().peers().isEmpty(), new Once<>(this::homes));
    this.guard =
        new Guard(
            new Once<>(() -> new Repos(catalog())),
            publicRepos,
            ports.tokens(),
            (owner, name) ->
                new Repos(catalog(), log(), new KnownBucket(catalog(), ports.store()))
                    .findOrCreate(owner, name, ports.ids().get(), ports.clock().instant()),
            homes);
  }

  static List<Route> of(ApiPorts ports) {
    return new ApiRoutes(ports).table();
  }

  /** Literal segments come before holes: the first route that matches is taken. */
  private List<Route> table() {
    Supplier<PresignRoute> presign = new Once<>(this::presign);
    Supplier<JobsRoutes> jobs = new Once<>(this::jobs);
    Supplier<FetchRoute> fetch = new Once<>(this::fetch);
    Supplier<StatusRoute> status = new Once<>(this::status);
    List<Route> routes = new ArrayList<>(new SiteRoutes(ports, catalog, guard).table());
    routes.addAll(
        List.of(
            Route.get("/", guard.site((request, caller) -> status.get().answer(request, caller))),
            Route.get("/health_check", (request, path) -> Reply.ok(Map.of("ok", true))),
            Route.get(REPO + "/refs", guard.reads(lazy(this::refs, RefsRoute::answer))),
            Route.post(
                REPO + "/push/bundle/presign", guard.mayCreate(call -> presign.get().answer(call))),
            Route.post(
                REPO + "/push/unpack-bundle",
                guard.writes(lazy(this::unpackBundle, UnpackBundleRoute::answer))),
            Route.post(
                REPO + "/visibility",
                guard.administers(lazy(this::visibility, VisibilityRoute::answer))),
            Route.post(
                REPO + "/deletion",
                guard.administersEvenDeleted(lazy(this::deletion, DeletionRoute::answer))),
            Route.post(REPO + "/name", guard.administers(lazy(this::rename, RenameRoute::answer))),
            Route.get(
                REPO + "/home",
                guard.readsWithToken(
                    lazy(() -> new HomeRoutes(homes, this::writeDown), HomeRoutes::show))),
            Route.post(
                REPO + "/home",
                guard.administersAnywhere(
                    lazy(() -> new HomeRoutes(homes, this::writeDown), HomeRoutes::take))),
            // Errors of jobs tell more than what a repository shows to everybody.
            Route.get(REPO + "/jobs", guard.readsWithToken(call -> jobs.get().list(call))),
            Route.get(REPO + "/jobs/{id}", guard.readsWithToken(call -> jobs.get().show(call))),
            Route.post(REPO + "/jobs/{id}/retry", guard.writes(call -> jobs.get().retry(call))),
            Route.post(REPO + "/fetch", guard.reads(call -> fetch.get().answer(call))),
            Route.post(
                REPO + "/fetch-pack", guard.reads(lazy(this::fetchPack, FetchPackRoute::answer))),
            Route.post(REPO + "/clone-plan", guard.reads(lazy(this::plan, ClonePlanRoute::answer))),
            Route.get(REPO + "/objects/{id}", guard.reads(lazy(this::object, ObjectRoute::answer))),
            Route.get(REPO + "/commits", guard.reads(lazy(this::commits, CommitsRoute::answer))),
            Route.get(REPO + "/tree/{commit}", guard.reads(lazy(this::tree, TreeRoute::answer))),
            // The muse client's protocol, in the order in which it calls; refs and fetch are above.
            Route.post(
                REPO + "/filter-objects",
                guard.beginsPush(lazy(this::filterObjects, FilterObjectsRoute::answer))),
            Route.post(
                REPO + "/presign",
                guard.beginsPush(lazy(this::presignObjects, PresignObjectsRoute::answer))),
            Route.post(
                REPO + "/push/objects",
                guard.creates(lazy(this::pushObjects, PushObjectsRoute::answer))),
            Route.post(
                REPO + "/push", guard.creates(lazy(this::streamPush, StreamPushRoute::answer))),
            Route.post(REPO + "/tags", guard.writes(lazy(this::tags, TagsRoute::answer))),
            Route.post(
                REPO + "/negotiate", guard.reads(lazy(this::negotiate, NegotiateRoute::answer))),
            Route.get("/o/{id}", guard.readsById(lazy(this::object, ObjectRoute::answer)))));
    return List.copyOf(routes);
  }

  private StatusRoute status() {
    return new StatusRoute(new SiteCounters(ports.store().get(), JournalOptions.forFunction()));
  }

  private RefsRoute refs() {
    return new RefsRoute(new Refs(catalog()), new GitRefsRoute(catalog()));
  }

  /** For whoever has the bucket and no catalog. */
  private void writeDown(String repoId) {
    new RepositoryRecords(catalog(), ports.store().get()).write(repoId);
  }

  private VisibilityRoute visibility() {
    return new VisibilityRoute(
        new Repos(catalog(), log()), publicRepos.get(), ports.clock(), this::writeDown);
  }

  private DeletionRoute deletion() {
    return new DeletionRoute(
        new Deletions(catalog(), log()), publicRepos.get(), ports.clock(), this::writeDown);
  }

  private RenameRoute rename() {
    return new RenameRoute(
        new Renames(catalog(), log()), publicRepos.get(), ports.clock(), this::writeDown);
  }

  private Homes homes() {
    OwnOps own =
        new OwnOps(ports.ops().self(), ports.tables(), ports.clock(), ports.random().get());
    return new Homes(catalog(), ports.tables(), own);
  }

  private PresignRoute presign() {
    return new PresignRoute(
        ports.store().get(),
        new ExpectedUploads(catalog(), log(), new KnownBucket(catalog(), ports.store())),
        ports.ids(),
        ports.clock());
  }

  private UnpackBundleRoute unpackBundle() {
    return new UnpackBundleRoute(
        ports.store().get(),
        new Pushes(intakes(), jobTable()),
        refusedUploads(),
        ports.bundleReader(),
        ports.readNowBytes(),
        wakeUp(),
        new Once<>(this::gitPush),
        this::writeDown);
  }

  private GitPushRoute gitPush() {
    GitPorts git =
        new GitPorts(
            catalog(),
            ports.store().get(),
            gitStorage.get(),
            ports.spoolDirectory(),
            PackLimits.of(
                Runtime.getRuntime().maxMemory(), ports.spoolDirectory().toFile().getUsableSpace()),
            ports.clock(),
            log());
    return new GitPushRoute(
        ports.store().get(),
        new GitPushes(git, jobTable(), ports.readNowBytes()),
        refusedUploads(),
        wakeUp());
  }

  private RefusedUploads refusedUploads() {
    return new RefusedUploads(ports.store().get(), new Refusals(catalog(), ports.clock()));
  }

  private Intake.Ports intakes() {
    int processors = Runtime.getRuntime().availableProcessors();
    return new Intake.Ports(
        catalog(),
        ports.store().get(),
        ports.clock(),
        Limits.of(PUTS_IN_FLIGHT, processors),
        log());
  }

  private SiteLog log() {
    return log.get();
  }

  private JobsRoutes jobs() {
    return new JobsRoutes(jobTable(), wakeUp());
  }

  private Jobs jobTable() {
    return new Jobs(catalog(), ports.clock(), ports.ids(), log());
  }

  private LaneWakeUp wakeUp() {
    return new LaneWakeUp(ports.queue());
  }

  private FetchRoute fetch() {
    return new FetchRoute(catalog(), ports.store().get(), ports.clock(), ports.spoolDirectory());
  }

  private ClonePlanRoute plan() {
    return new ClonePlanRoute(
        new Refs(catalog()),
        new Bundles(catalog()),
        ports.store().get(),
        new GitClonePlanRoute(catalog(), ports.store().get()));
  }

  private ObjectRoute object() {
    return new ObjectRoute(new RepositoryObjects(catalog(), ports.store().get()), gitBrowse);
  }

  private CommitsRoute commits() {
    return new CommitsRoute(
        new Refs(catalog()), new Ancestry(catalog()), new Commits(catalog()), gitBrowse);
  }

  private TreeRoute tree() {
    return new TreeRoute(
        new Refs(catalog()),
        new Commits(catalog()),
        new Snapshots(catalog()),
        new RepositoryObjects(catalog(), ports.store().get()),
        gitBrowse);
  }

  private FetchPackRoute fetchPack() {
    return new FetchPackRoute(
        gitReader(),
        new Packs(catalog()),
        ports.store().get(),
        ports.clock(),
        ports.spoolDirectory());
  }

  private GitReader gitReader() {
    return new GitReader(catalog(), gitStorage.get());
  }

  private FilterObjectsRoute filterObjects() {
    return new FilterObjectsRoute(new ObjectRows(catalog()));
  }

  private PresignObjectsRoute presignObjects() {
    ObjectStore store = ports.store().get();
    return new PresignObjectsRoute(store, new RepositoryObjects(catalog(), store));
  }

  private PushObjectsRoute pushObjects() {
    return new PushObjectsRoute(new ObjectRows(catalog()), ports.store().get());
  }

  private StreamPushRoute streamPush() {
    return new StreamPushRoute(streamIntake(), this::writeDown);
  }

  private TagsRoute tags() {
    return new TagsRoute(new Commits(catalog()), streamIntake());
  }

  private StreamIntake streamIntake() {
    return new StreamIntake(
        ports.store().get(),
        new ObjectRows(catalog()),
        new Pushes(intakes(), jobTable()),
        refusedUploads(),
        ports.bundleReader(),
        ports.clock(),
        ports.spoolDirectory());
  }

  private NegotiateRoute negotiate() {
    return new NegotiateRoute(new Ancestry(catalog()));
  }

  private Catalog catalog() {
    return catalog.get();
  }

  private static <T> RepoAction lazy(Supplier<T> maker, BiFunction<T, RepoCall, Reply> action) {
    Supplier<T> route = new Once<>(maker);
    return call -> action.apply(route.get(), call);
  }
}
