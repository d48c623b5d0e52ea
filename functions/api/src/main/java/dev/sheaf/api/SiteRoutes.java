package dev.sheaf.api;

import dev.sheaf.api.access.Guard;
import dev.sheaf.api.access.SiteAction;
import dev.sheaf.api.http.Reply;
import dev.sheaf.api.http.Request;
import dev.sheaf.api.http.Route;
import dev.sheaf.api.sites.BlobRoutes;
import dev.sheaf.api.sites.FailedOpsRoute;
import dev.sheaf.api.sites.FollowRoute;
import dev.sheaf.api.sites.OpsPlanRoute;
import dev.sheaf.api.sites.OpsStatusRoute;
import dev.sheaf.api.sites.PacksRoute;
import dev.sheaf.api.sites.PushRoute;
import dev.sheaf.api.sites.RepairLogRoute;
import dev.sheaf.api.sites.SnapshotRoute;
import dev.sheaf.api.sites.SweepRoute;
import dev.sheaf.api.token.Caller;
import dev.sheaf.api.wiring.ApiPorts;
import dev.sheaf.ops.Applier;
import dev.sheaf.ops.Dormant;
import dev.sheaf.ops.FailedOps;
import dev.sheaf.ops.FollowRequests;
import dev.sheaf.ops.OpsStatus;
import dev.sheaf.ops.RegisteredTable;
import dev.sheaf.ops.Retention;
import dev.sheaf.ops.SnapshotServer;
import dev.sheaf.ops.SweepServer;
import dev.sheaf.repair.RepairLog;
import dev.sheaf.repository.HomeFence;
import dev.sheaf.repository.StoredBlobs;
import dev.sheaf.storage.Once;
import dev.sheaf.storage.catalog.Catalog;
import java.util.List;
import java.util.function.Supplier;

/**
 * What sites ask of one another, and of their own operators. Each route is built when it is first
 * called.
 */
final class SiteRoutes {
  private final ApiPorts ports;
  private final Supplier<Catalog> catalog;
  private final Guard guard;

  SiteRoutes(ApiPorts ports, Supplier<Catalog> catalog, Guard guard) {
    this.ports = ports;
    this.catalog = catalog;
    this.guard = guard;
  }

  List<Route> table() {
    Supplier<BlobRoutes> blobs = new Once<>(this::blobs);
    return List.of(
        Route.get(
            "/internal/blobs/info/{id}",
            guard.followsTo((_, path) -> blobs.get().info(path.getOrDefault("id", "")))),
        Route.get(
            "/internal/blobs/{id}",
            guard.followsTo(
                (request, path) -> blobs.get().answer(request, path.getOrDefault("id", "")))),
        Route.get(
            "/internal/packs/{repo_id}",
            guard.followsTo(
                (_, path) -> new PacksRoute(catalog()).answer(path.getOrDefault("repo_id", "")))),
        Route.get("/internal/crud/sweep", sweeps(lazily(this::sweep, SweepRoute::answer))),
        Route.get(
            "/internal/crud/snapshot",
            guard.follows(lazily(this::snapshot, SnapshotRoute::answer))),
        Route.post("/internal/crud/push", guard.follows(lazily(this::opPush, PushRoute::answer))),
        Route.get(
            "/internal/crud/status",
            guard.follows(lazily(this::opsStatus, (route, _, _) -> route.answer()))),
        Route.post(
            "/internal/crud/follow",
            guard.follows(lazily(this::follow, (route, _, _) -> route.answer()))),
        Route.get(
            "/internal/logs/repair",
            guard.follows(lazily(this::repairLog, (route, request, _) -> route.answer(request)))),
        Route.get(
            "/internal/ops/plan",
            guard.follows(lazily(this::opsPlan, (route, _, _) -> route.answer()))),
        Route.post(
            "/internal/ops/failed/drop",
            guard.operates(lazily(this::failedOps, (route, request, _) -> route.drop(request)))));
  }

  /** Strangers follow where the site says so. */
  private Route.Action sweeps(SiteAction action) {
    return ports.ops().isSweepPublic() ? guard.site(action) : guard.follows(action);
  }

  private BlobRoutes blobs() {
    return new BlobRoutes(new StoredBlobs(catalog(), ports.store().get()), ports.keepsBundle());
  }

  private SweepRoute sweep() {
    return new SweepRoute(new SweepServer(catalog(), ports.ops().self()), ports.clock());
  }

  private SnapshotRoute snapshot() {
    String self = ports.ops().self();
    return new SnapshotRoute(
        new SnapshotServer(catalog(), self, ports.tables()),
        new SweepServer(catalog(), self),
        ports.clock());
  }

  private PushRoute opPush() {
    return new PushRoute(
        new Applier(
            catalog(),
            ports.ops().self(),
            ports.tables(),
            new HomeFence(ports.ops().self(), ports.tables()),
            ports.clock(),
            ports.random().get()));
  }

  private FollowRoute follow() {
    return new FollowRoute(new FollowRequests(catalog()), ports.followQueue(), ports.ops());
  }

  private RepairLogRoute repairLog() {
    return new RepairLogRoute(new RepairLog(catalog()));
  }

  private OpsStatusRoute opsStatus() {
    return new OpsStatusRoute(
        new OpsStatus(catalog(), tableNames(), ports.ops()), catalog(), ports.clock());
  }

  private OpsPlanRoute opsPlan() {
    Retention retention = new Retention(catalog(), ports.ops());
    return new OpsPlanRoute(
        new Dormant(catalog(), tableNames(), ports.ops().retention(), retention),
        retention,
        ports.clock());
  }

  private FailedOpsRoute failedOps() {
    return new FailedOpsRoute(new FailedOps(catalog()));
  }

  private List<String> tableNames() {
    return ports.tables().stream().map(RegisteredTable::name).toList();
  }

  private Catalog catalog() {
    return catalog.get();
  }

  /** What a route of the site does, once it is built. */
  @FunctionalInterface
  private interface SiteCall<T> {
    Reply answer(T route, Request request, Caller caller);
  }

  private static <T> SiteAction lazily(Supplier<T> maker, SiteCall<T> call) {
    Supplier<T> route = new Once<>(maker);
    return (request, caller) -> call.answer(route.get(), request, caller);
  }
}
