package dev.sheaf.infra;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import software.amazon.awscdk.Duration;
import software.constructs.Construct;

/** The functions of a site: what each is made of, and what it is told. */
final class Functions {
  static final Duration INDEX_TIMEOUT = Duration.minutes(15);
  static final Duration REPAIR_TIMEOUT = Duration.minutes(15);

  /**
   * Longer than API Gateway waits (29 s): a pack that takes longer to prepare is a 504 for its
   * client, but it gets finished, and the next try finds it.
   */
  private static final Duration API_TIMEOUT = Duration.seconds(120);

  private final Construct scope;
  private final Site site;
  private final Archives archives;
  private final Stores stores;
  private final SheafFunction index;
  private final SheafFunction api;
  private final SheafFunction compaction;
  private final SheafFunction repair;
  private final Optional<PeerSync> peerSync;

  Functions(Construct scope, Site site, Archives archives, Stores stores) {
    this.scope = scope;
    this.site = site;
    this.archives = archives;
    this.stores = stores;
    this.index = function(indexSettings(), indexVariables());
    this.api = function(apiSettings(), apiVariables());
    this.compaction = function(compactionSettings(), compactionVariables());
    this.peerSync =
        site.peering().hasPeers()
            ? Optional.of(new PeerSync(scope, site, archives, peerSyncVariables()))
            : Optional.empty();
    this.repair = function(repairSettings(), repairVariables());
  }

  SheafFunction index() {
    return index;
  }

  SheafFunction api() {
    return api;
  }

  SheafFunction compaction() {
    return compaction;
  }

  SheafFunction repair() {
    return repair;
  }

  /** None without peers. */
  Optional<PeerSync> peerSync() {
    return peerSync;
  }

  /** Those that ask the catalog. */
  List<SheafFunction> onCatalog() {
    return Stream.concat(
            Stream.of(index, api, compaction, repair), peerSync.map(PeerSync::function).stream())
        .toList();
  }

  private SheafFunction function(SheafFunction.Settings settings, Map<String, String> variables) {
    return new SheafFunction(scope, site, archives.of(settings.name()), settings, variables);
  }

  /** Memory from measurement: see "Memory and timeouts" in infra/README.md. */
  private static SheafFunction.Settings indexSettings() {
    return new SheafFunction.Settings(
        "bundle-index",
        "BundleIndex",
        "dev.sheaf.bundleindex.BundleIndexHandler::handleRequest",
        "Turns an uploaded bundle into objects, rows, refs and branch heads",
        3008,
        // A git bundle's pack of 1 GB with its index.
        2048,
        INDEX_TIMEOUT);
  }

  private static SheafFunction.Settings apiSettings() {
    return new SheafFunction.Settings(
        "api",
        "Api",
        "dev.sheaf.api.ApiHandler::handleRequest",
        "Answers push, fetch, clone and every other request",
        1769,
        API_TIMEOUT);
  }

  private static SheafFunction.Settings compactionSettings() {
    return new SheafFunction.Settings(
        "compaction",
        "Compaction",
        "dev.sheaf.compaction.CompactionHandler::handleRequest",
        "Folds journals and the packs of git repositories, so that reading them stays cheap",
        1769,
        // Packs that are folded, and what they become, lie beside each other.
        4096,
        Duration.minutes(15));
  }

  private static SheafFunction.Settings repairSettings() {
    return new SheafFunction.Settings(
        "repair",
        "Repair",
        "dev.sheaf.siterepair.RepairHandler::handleRequest",
        "Compares the catalog with the bucket, and brings back what is lost",
        3008,
        // A pack of 1 GB as it comes from a peer, and once more while it is indexed.
        4096,
        REPAIR_TIMEOUT);
  }

  /**
   * The optimising compiler comes in later than it would by itself: a job is short, and its PUTs
   * need the processors meanwhile. Measured with {@code localstack/bench index} on two processors:
   * the first job of a process takes a fifth less time, all jobs a quarter less processor time.
   */
  private Map<String, String> indexVariables() {
    Map<String, String> variables = indexingVariables();
    variables.put("SHEAF_DEAD_LETTER_URL", stores.uploads().deadLetters().getQueueUrl());
    variables.put(
        "JAVA_TOOL_OPTIONS",
        "-XX:Tier4InvocationThreshold=50000 -XX:Tier4MinInvocationThreshold=6000"
            + " -XX:Tier4CompileThreshold=150000 -XX:Tier4BackEdgeThreshold=400000");
    return variables;
  }

  private Map<String, String> bucketVariables() {
    Map<String, String> variables = new HashMap<>();
    variables.put("SHEAF_BUCKET", stores.bucket().getBucketName());
    return variables;
  }

  private Map<String, String> catalogVariables() {
    return stores.catalog().variables(stores.catalog().roleSecretArn());
  }

  /** What whoever takes part in indexing needs: bucket, catalog and queue. */
  private Map<String, String> indexingVariables() {
    Map<String, String> variables = bucketVariables();
    site.peering().self().ifPresent(url -> variables.put("SHEAF_SELF", url));
    variables.putAll(catalogVariables());
    variables.put("SHEAF_QUEUE_URL", stores.uploads().queue().getQueueUrl());
    return variables;
  }

  /** The catalog says which packs a repository has. */
  private Map<String, String> apiVariables() {
    Map<String, String> variables = indexingVariables();
    variables.put("SHEAF_TOKENS", stores.tokens().getSecretArn());
    stores
        .follows()
        .ifPresent(queue -> variables.put("SHEAF_FOLLOW_QUEUE_URL", queue.queue().getQueueUrl()));
    variables.putAll(site.peering().logVariables());
    if (site.peering().sweepPublic()) {
      variables.put("SHEAF_SWEEP_PUBLIC", "true");
    }
    return variables;
  }

  /** It keeps the log small, too. */
  private Map<String, String> compactionVariables() {
    Map<String, String> variables = bucketVariables();
    variables.putAll(catalogVariables());
    variables.putAll(site.peering().logVariables());
    site.jobsKept().ifPresent(kept -> variables.put("SHEAF_JOBS_KEPT", kept));
    return variables;
  }

  private Map<String, String> peerSyncVariables() {
    Map<String, String> variables = bucketVariables();
    variables.putAll(catalogVariables());
    variables.putAll(site.peering().variables());
    return variables;
  }

  /** It has a queue of its own. */
  private Map<String, String> repairVariables() {
    Map<String, String> variables = indexingVariables();
    variables.put("SHEAF_QUEUE_URL", stores.repairs().queue().getQueueUrl());
    variables.putAll(site.peering().variables());
    peerSync.ifPresent(peers -> variables.put("SHEAF_PEER_TOKENS", peers.tokens().getSecretArn()));
    if (site.bundlesExpireAfterDays() > 0) {
      variables.put("SHEAF_BUNDLES_EXPIRE_DAYS", Integer.toString(site.bundlesExpireAfterDays()));
    }
    if (site.repairFromInventory()) {
      variables.put("SHEAF_REPAIR_INVENTORY", stores.siteBucket().inventory());
    }
    return variables;
  }
}
