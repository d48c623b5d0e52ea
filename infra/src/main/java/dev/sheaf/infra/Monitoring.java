package dev.sheaf.infra;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import software.amazon.awscdk.Duration;
import software.amazon.awscdk.services.apigateway.RestApi;
import software.amazon.awscdk.services.cloudwatch.AlarmStatusWidget;
import software.amazon.awscdk.services.cloudwatch.Dashboard;
import software.amazon.awscdk.services.cloudwatch.GraphWidget;
import software.amazon.awscdk.services.cloudwatch.IMetric;
import software.amazon.awscdk.services.cloudwatch.IWidget;
import software.amazon.awscdk.services.cloudwatch.LogQueryWidget;
import software.amazon.awscdk.services.cloudwatch.MathExpression;
import software.amazon.awscdk.services.cloudwatch.Metric;
import software.amazon.awscdk.services.cloudwatch.MetricOptions;
import software.amazon.awscdk.services.rds.DatabaseCluster;
import software.constructs.Construct;

/** The alarms that ask for somebody's attention, and one dashboard with what they watch. */
final class Monitoring extends Construct {
  private static final int WIDTH = 12;

  /** One run left out happens; three in a row do not. */
  private static final int RUNS_MISSED = 3;

  private static final int MINUTES_OF_A_DAY = 1_440;

  private final Site site;
  private final Alarms alarms;
  private final LogMetrics counts;
  private final List<List<IWidget>> graphs = new ArrayList<>();

  /** The functions of a site. */
  record Functions(
      SheafFunction index, SheafFunction api, SheafFunction compaction, Optional<Peers> peers) {}

  /** What follows other sites, and the queue of those who do not wait for its schedule. */
  record Peers(SheafFunction peerSync, WorkQueue follows) {}

  Monitoring(
      Construct scope,
      Site site,
      WorkQueue uploads,
      Gateway gateway,
      CatalogDatabase catalog,
      Functions functions) {
    super(scope, "Monitoring");
    this.site = site;
    this.alarms = new Alarms(this, site);
    this.counts = new LogMetrics(this, site);
    watchApi(gateway, functions.api());
    watchUploads(uploads);
    watchIndexing(functions.index());
    watchThrottling(functions.index(), functions.api());
    watchCompaction(functions.compaction());
    watchWakeUps();
    functions.peers().ifPresent(peers -> watchPeers(peers.peerSync(), peers.follows()));
    catalog.cluster().ifPresent(this::watchCatalog);
  }

  private void watchApi(Gateway gateway, SheafFunction api) {
    RestApi rest = gateway.api();
    Metric serverErrors = rest.metricServerError(sum());
    Metric throttled =
        counts.lines("RequestsThrottled", gateway.accessLog(), "access", "error", "THROTTLED");
    alarms.once("ApiErrors", serverErrors, 5, "The API answered 5xx five times in five minutes.");
    alarms.lasting(
        "ApiThrottled",
        throttled,
        10,
        3,
        "Clients were told 429 for a quarter of an hour: see sheaf:requestsPerSecond.");
    graphs(
        graph("Requests", rest.metricCount(sum()), serverErrors, throttled),
        graph(
            "Latency of the API",
            latency(rest, "p50"),
            latency(rest, "p99"),
            api.function().metricDuration(most())));
  }

  private void watchUploads(WorkQueue uploads) {
    Metric dead = uploads.deadLetters().metricApproximateNumberOfMessagesVisible(most());
    Metric age = uploads.queue().metricApproximateAgeOfOldestMessage(most());
    alarms.once(
        "UploadsGivenUp", dead, 1, "Uploads were given up after three attempts; see the queue.");
    alarms.once("UploadsWaiting", age, 900, "The oldest upload has waited for 15 minutes.");
    graphs(
        graph(
            "Uploads waiting",
            uploads.queue().metricApproximateNumberOfMessagesVisible(most()),
            dead),
        graph("Age of the oldest upload", age));
  }

  /**
   * The index logs one line for each finished job, and one for each fault that is neither the
   * bundle's nor will pass by itself.
   */
  private void watchIndexing(SheafFunction index) {
    Metric faults = counts.lines("SiteFaults", index.logs(), "site-fault");
    Metric failedJobs = counts.lines("JobsFailed", index.logs(), "job", "status", "failed");
    Metric crashes = index.function().metricErrors(sum());
    alarms.once("JobsFailed", failedJobs, 1, "A bundle was refused for good; see `sheaf jobs`.");
    alarms.once(
        "SiteFaults",
        faults,
        1,
        "Jobs wait for the site to be mended (a right, a secret, a database that takes no writes);"
            + " bundle-index's log says what.");
    alarms.once("IndexErrors", crashes, 3, "bundle-index crashed or timed out three times.");
    graphs(
        graph("Indexing", index.function().metricInvocations(sum()), crashes, failedJobs, faults),
        graph("Duration of indexing", index.function().metricDuration(most())));
  }

  /** Of the account's concurrency, which all functions in it share. */
  private void watchThrottling(SheafFunction index, SheafFunction api) {
    MathExpression throttles =
        MathExpression.Builder.create()
            .expression("index + api")
            // In one order: the template of an unchanged site does not change.
            .usingMetrics(
                new TreeMap<>(
                    Map.of(
                        "index", index.function().metricThrottles(sum()),
                        "api", api.function().metricThrottles(sum()))))
            .label("Throttled invocations")
            .period(Duration.minutes(5))
            .build();
    alarms.once(
        "FunctionsThrottled",
        throttles,
        5,
        "Functions found no concurrency left: raise the account's, or lower"
            + " sheaf:indexConcurrency.");
  }

  private void watchCompaction(SheafFunction compaction) {
    Metric poisoned = counts.sum("JournalsPoisoned", compaction.logs(), "compaction", "Poisoned");
    Metric failed = counts.sum("JournalsFailed", compaction.logs(), "compaction", "Failed");
    alarms.once(
        "JournalPoisoned",
        poisoned,
        1,
        "A journal holds an object that nobody can read; compaction's log names it.");
    Metric log = counts.sum("OpsCleanupFailed", compaction.logs(), "ops-cleanup", "Failed");
    alarms.once("CompactionFailed", failed, 3, "Journals could not be folded three times.");
    alarms.once(
        "OpsCleanupFailed",
        log,
        1,
        "The operation log could not be cleaned up, and nothing was deleted; compaction's log says"
            + " why.");
    alarms.once(
        "CompactionErrors",
        compaction.function().metricErrors(sum()),
        1,
        "compaction crashed or timed out.");
    Duration every = Duration.minutes(site.compactionEveryMinutes());
    alarms.silent(
        "CompactionStopped",
        compaction
            .function()
            .metricInvocations(MetricOptions.builder().statistic("Sum").period(every).build()),
        RUNS_MISSED,
        "compaction did not run three times in a row; see the rule that calls it.");
    graphs(
        graph("Compaction", compaction.function().metricInvocations(sum()), failed, poisoned),
        graph("Duration of compaction", compaction.function().metricDuration(most())));
    showLog(compaction);
  }

  /** What cleanup and retention did to the operation log, and what peers keep them from. */
  private void showLog(SheafFunction compaction) {
    Metric held = cleanup(compaction, "HeldRows").with(most());
    graphs(
        graph(
            "Operation log: ops deleted",
            cleanup(compaction, "RetentionOpsDeleted"),
            cleanup(compaction, "DormantOpsDeleted"),
            cleanup(compaction, "DormantTablesCleaned"),
            cleanup(compaction, "RetentionSweepsSkipped")),
        graph("Operation log: ops kept for a peer", held));
    graphs.add(
        List.of(
            LogQueryWidget.Builder.create()
                .title("Who keeps ops from being deleted")
                .logGroupNames(List.of(compaction.logs().getLogGroupName()))
                .queryLines(
                    List.of(
                        "fields @timestamp, PinnedBy, PinnedSince, HeldRows, HeldBytes, SkipReason",
                        "filter event = 'ops-cleanup' and PinnedBy != ''",
                        "sort @timestamp desc",
                        "limit 20"))
                .width(WIDTH * 2)
                .build()));
  }

  private Metric cleanup(SheafFunction compaction, String field) {
    return counts.sum(field, compaction.logs(), "ops-cleanup", field);
  }

  /** Its rule calls no function of its own: what it sends is counted, and what did not arrive. */
  private void watchWakeUps() {
    Metric sent = wakeUps("Invocations", SheafStack.wakeUpEvery(site));
    Metric refused = wakeUps("FailedInvocations", Duration.minutes(5));
    alarms.silent(
        "WakeUpsStopped",
        sent,
        RUNS_MISSED,
        "Nobody looked for jobs whose message was lost three times in a row; see the rule that"
            + " sends the wake-up.");
    alarms.once(
        "WakeUpsRefused",
        refused,
        1,
        "The queue of uploads did not take a wake-up; see its policy and the rule that sends it.");
  }

  private Metric wakeUps(String name, Duration period) {
    return Metric.Builder.create()
        .namespace("AWS/Events")
        .metricName(name)
        .dimensionsMap(Map.of("RuleName", site.resource(SheafStack.WAKE_UP)))
        .statistic("Sum")
        .period(period)
        .build();
  }

  /** Beside its own faults: what it finds, and that it comes to an end. Then the dashboard. */
  void watchRepair(WorkQueue queue, SheafFunction repair) {
    Metric declared = counts.sum("LossDeclared", repair.logs(), "repair", "LossDeclared");
    Metric refused = counts.sum("IndexRefused", repair.logs(), "repair", "IndexRefused");
    Metric restored = counts.sum("Restored", repair.logs(), "repair", "Restored");
    Metric finished = counts.sum("RepairsFinished", repair.logs(), "repair", "Finished");
    alarms.once(
        "LossDeclared", declared, 1, "Something is lost for good: see `sheaf repair lost`.");
    // However far apart cycles are: two that follow each other fall into two windows of that
    // length.
    alarms.lasting(
        "RepairIndexRefused",
        refused.with(over(Duration.minutes(site.repairEveryMinutes()))),
        1,
        2,
        "The bucket's listing was not to be believed twice: see repair's log.");
    alarms.silent(
        "RepairUnfinished",
        finished.with(over(Duration.days(1))),
        daysOfTwoCycles(),
        "No cycle of repair came to its end for a day: see repair's log.");
    Metric dead = queue.deadLetters().metricApproximateNumberOfMessagesVisible(most());
    alarms.once(
        "RepairErrors", errors(repair), 1, "repair crashed or timed out; see repair's log.");
    alarms.once(
        "RepairsGivenUp",
        dead,
        1,
        "A cycle could not go on three times; the schedule takes it up again. See repair's log.");
    graphs(
        graph("Repair", repair.function().metricInvocations(sum()), finished, restored, refused),
        graph("Duration of repair", repair.function().metricDuration(most()), dead));
    dashboard();
  }

  /** One cycle that is late is no fault. */
  private int daysOfTwoCycles() {
    return Math.ceilDiv(2 * site.repairEveryMinutes(), MINUTES_OF_A_DAY);
  }

  private static MetricOptions over(Duration period) {
    return MetricOptions.builder().statistic("Sum").period(period).build();
  }

  /** Those that this site follows, and how far they follow it. */
  private void watchPeers(SheafFunction peerSync, WorkQueue follows) {
    Metric unreachable = tick(peerSync, "Unreachable");
    Metric behind = tick(peerSync, "PeersInGap");
    Metric lost = tick(peerSync, "PeersLost");
    Metric failed = tick(peerSync, "FailedOps");
    Metric gaps = tick(peerSync, "Gaps");
    Metric missing = tick(peerSync, "BundlesMissing");
    Metric awaited = tick(peerSync, "AwaitedForAnHour");
    Metric dead = follows.deadLetters().metricApproximateNumberOfMessagesVisible(most());
    alarms.lasting(
        "PeersUnreachable",
        unreachable,
        1,
        12,
        "A peer could not be followed for an hour; see `sheaf status` or peer-sync's log.");
    alarms.lasting(
        "PeersInGap",
        behind,
        1,
        3,
        "A peer needs ops that this site no longer has, and takes no snapshot.");
    alarms.lasting(
        "PeersLost",
        lost,
        1,
        12,
        "A configured peer has not asked for a week, or never: it keeps ops from being deleted.");
    alarms.once(
        "OpsFailed",
        failed,
        1,
        "Ops of a peer cannot be applied; `sheaf ops failed` lists them with their reasons, and gives"
            + " them up.");
    alarms.lasting(
        "LongAwaited",
        awaited,
        1,
        3,
        "Bundles, packs or refs that a peer told of have not come for an hour; see `sheaf status`.");
    alarms.once(
        "FollowsGivenUp",
        dead,
        1,
        "Requests to follow the peers at once (`sheaf ops sweep`) failed three times; see"
            + " peer-sync's log.");
    alarms.once(
        "PeerSyncErrors", errors(peerSync), 3, "peer-sync crashed or timed out three times.");
    alarms.silent(
        "PeerSyncStopped",
        peerSync.function().metricInvocations(sum()),
        RUNS_MISSED,
        "peer-sync did not run for a quarter of an hour; see the rule that calls it.");
    graphs(
        graph("Peers", unreachable, behind, lost, failed, gaps),
        graph("Duration of peer-sync", peerSync.function().metricDuration(most())));
    graphs(
        graph("What peers told of and is not here", missing, awaited),
        graph(
            "Requests to follow the peers",
            follows.queue().metricApproximateNumberOfMessagesVisible(most()),
            dead));
  }

  private Metric tick(SheafFunction peerSync, String field) {
    return counts.sum(field, peerSync.logs(), "peer-sync", field);
  }

  private static Metric errors(SheafFunction function) {
    return function.function().metricErrors(sum());
  }

  /** Of the stack's own cluster; whoever runs another watches it. */
  private void watchCatalog(DatabaseCluster cluster) {
    CatalogChoice.Aurora aurora = (CatalogChoice.Aurora) site.catalog();
    Metric used = cluster.metric("ACUUtilization", average());
    Metric connections = cluster.metricDatabaseConnections(most());
    alarms.lasting(
        "CatalogFull",
        used,
        90,
        3,
        "The catalog has used 90 % of its capacity for a quarter of an hour: see"
            + " sheaf:catalogMostCapacity.");
    alarms.lasting(
        "CatalogConnections",
        connections,
        aurora.connections() * 0.8,
        3,
        "The catalog's connections are nearly used up.");
    if (aurora.pauses()) {
      alarms.lasting(
          "CatalogAwake",
          cluster.metricServerlessDatabaseCapacity(
              MetricOptions.builder().statistic("Minimum").period(Duration.hours(1)).build()),
          0.5,
          24,
          "The catalog may pause and has not for a day: something keeps it awake, which costs, or"
              + " the site is busy enough for sheaf:catalogLeastCapacity=0.5.");
    }
    graphs(
        graph("Capacity of the catalog (ACU)", cluster.metricServerlessDatabaseCapacity(average())),
        graph("Connections to the catalog", connections));
  }

  private void dashboard() {
    List<List<IWidget>> rows = new ArrayList<>();
    rows.add(
        List.of(AlarmStatusWidget.Builder.create().alarms(alarms.all()).width(WIDTH * 2).build()));
    rows.addAll(graphs);
    Dashboard.Builder.create(this, "Dashboard")
        .dashboardName(site.resource("site"))
        .widgets(rows)
        .build();
  }

  private void graphs(IWidget left, IWidget right) {
    graphs.add(List.of(left, right));
  }

  private static Metric latency(RestApi gateway, String statistic) {
    return gateway.metricLatency(
        MetricOptions.builder().statistic(statistic).period(Duration.minutes(5)).build());
  }

  private static IWidget graph(String title, IMetric... metrics) {
    return GraphWidget.Builder.create().title(title).width(WIDTH).left(List.of(metrics)).build();
  }

  private static MetricOptions sum() {
    return statistic("Sum");
  }

  private static MetricOptions most() {
    return statistic("Maximum");
  }

  private static MetricOptions average() {
    return statistic("Average");
  }

  private static MetricOptions statistic(String name) {
    return MetricOptions.builder().statistic(name).period(Duration.minutes(5)).build();
  }
}
