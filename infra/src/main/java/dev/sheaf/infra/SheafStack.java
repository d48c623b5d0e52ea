package dev.sheaf.infra;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import software.amazon.awscdk.CfnOutput;
import software.amazon.awscdk.Duration;
import software.amazon.awscdk.SecretValue;
import software.amazon.awscdk.Stack;
import software.amazon.awscdk.StackProps;
import software.amazon.awscdk.TagProps;
import software.amazon.awscdk.Tags;
import software.amazon.awscdk.services.events.Rule;
import software.amazon.awscdk.services.events.RuleTargetInput;
import software.amazon.awscdk.services.events.Schedule;
import software.amazon.awscdk.services.events.targets.LambdaFunction;
import software.amazon.awscdk.services.events.targets.SqsQueue;
import software.amazon.awscdk.services.lambda.EventInvokeConfigOptions;
import software.amazon.awscdk.services.lambda.EventSourceMapping;
import software.amazon.awscdk.services.s3.Bucket;
import software.amazon.awscdk.services.secretsmanager.Secret;
import software.constructs.Construct;

/**
 * One site: bucket, queue, catalog and tokens; the functions over them; what calls the functions
 * (queue, gateway) and what watches them. Every grant is given here, in {@link #grants}.
 */
final class SheafStack extends Stack {
  /** The rule that runs jobs whose message was lost. */
  static final String WAKE_UP = "wake-up";

  private static final Duration INDEX_TIMEOUT = Duration.minutes(15);
  private static final Duration REPAIR_TIMEOUT = Duration.minutes(15);

  /**
   * Longer than API Gateway waits (29 s): a pack that takes longer to prepare is a 504 for its
   * client, but it gets finished, and the next try finds it.
   */
  private static final Duration API_TIMEOUT = Duration.seconds(120);

  /** What a transaction takes. Batches are a call that nobody makes. */
  static final List<String> DATA_API =
      List.of(
          "rds-data:BeginTransaction",
          "rds-data:CommitTransaction",
          "rds-data:ExecuteStatement",
          "rds-data:RollbackTransaction");

  private final Site site;
  private final WorkQueue uploads;
  private final SiteBucket store;
  private final Bucket bucket;
  private final CatalogDatabase catalog;
  private final Secret tokens;
  private final Optional<CatalogRole> catalogRole;
  private final SheafFunction index;
  private final SheafFunction api;
  private final SheafFunction compaction;
  private final WorkQueue repairs;
  private final SheafFunction repair;
  private final Optional<WorkQueue> follows;
  private final Optional<PeerSync> peerSync;

  SheafStack(Construct scope, Site site, Archives archives) {
    super(scope, "Sheaf-" + site.name(), properties(site));
    this.site = site;
    this.uploads = new WorkQueue(this, "Uploads", site, Duration.days(14), INDEX_TIMEOUT);
    this.store = new SiteBucket(this, site, uploads.queue());
    this.bucket = store.bucket();
    this.catalog = new CatalogDatabase(this, site);
    this.tokens = tokens(site);
    this.catalogRole =
        catalog
            .masterSecretArn()
            .map(master -> new CatalogRole(this, site, archives, catalog, master));
    // Whoever asked an hour ago has long been served by the schedule.
    this.follows =
        site.peering().hasPeers()
            ? Optional.of(new WorkQueue(this, "Follows", site, Duration.hours(1), PeerSync.TIMEOUT))
            : Optional.empty();
    this.index = function(site, archives, indexSettings(), indexVariables());
    this.api = function(site, archives, apiSettings(), apiVariables());
    this.compaction = function(site, archives, compactionSettings(), compactionVariables());
    // The schedule goes on with a cycle all the same.
    this.repairs = new WorkQueue(this, "Repairs", site, Duration.days(1), REPAIR_TIMEOUT);
    this.peerSync =
        site.peering().hasPeers()
            ? Optional.of(new PeerSync(this, site, archives, peerSyncVariables()))
            : Optional.empty();
    this.repair = function(site, archives, repairSettings(), repairVariables(site));
    grants();
    grantsOfRepair();
    acceptKeys(index, "bundles/*", "git/*", "objects/*", ".metadata/site/*");
    acceptKeys(
        api,
        "bundles/*",
        "git/*",
        "incoming/*",
        "merged/*",
        "objects/*",
        "packs/*",
        "repos/*",
        ".metadata/*");
    acceptKeys(
        compaction,
        ".metadata/*",
        "bundles/*",
        "git/*",
        "incoming/*",
        "merged/*",
        "objects/*",
        "repos/*");
    acceptKeys(
        repair,
        "bundles/*",
        "damaged/*",
        "git/*",
        "packs/*",
        "objects/*",
        "repos/*",
        ".metadata/*",
        ".metadata/present-*/rollup.json");
    peerSync.ifPresent(peers -> acceptKeys(peers.function(), "bundles/*", "git/*"));
    // Who is in the catalog under a new name or password is so before any function tries.
    catalogRole.ifPresent(
        role -> onCatalog().forEach(function -> role.precedes(function.function())));
    feed(site);
    schedule(site);
    Gateway gateway = new Gateway(this, site, api);
    new Monitoring(
            this,
            site,
            uploads,
            gateway,
            catalog,
            new Monitoring.Functions(
                index,
                api,
                compaction,
                peerSync.map(
                    peers -> new Monitoring.Peers(peers.function(), follows.orElseThrow()))))
        .watchRepair(repairs, repair);
    outputs(gateway);
    // Dashboards have had tags for a short time only: not every region's CloudFormation knows them.
    TagProps tagged =
        TagProps.builder().excludeResourceTypes(List.of("AWS::CloudWatch::Dashboard")).build();
    Tags.of(this).add("sheaf:site", site.name(), tagged);
  }

  private static StackProps properties(Site site) {
    return StackProps.builder()
        .stackName("sheaf-" + site.name())
        .description("Sheaf, a content-addressed bundle store: site " + site.name())
        .build();
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

  /** It has a queue of its own. */
  private Map<String, String> repairVariables(Site site) {
    Map<String, String> variables = indexingVariables();
    variables.put("SHEAF_QUEUE_URL", repairs.queue().getQueueUrl());
    variables.putAll(site.peering().variables());
    peerSync.ifPresent(peers -> variables.put("SHEAF_PEER_TOKENS", peers.tokens().getSecretArn()));
    if (site.bundlesExpireAfterDays() > 0) {
      variables.put("SHEAF_BUNDLES_EXPIRE_DAYS", Integer.toString(site.bundlesExpireAfterDays()));
    }
    if (site.repairFromInventory()) {
      variables.put("SHEAF_REPAIR_INVENTORY", store.inventory());
    }
    return variables;
  }

  private SheafFunction function(
      Site site,
      Archives archives,
      SheafFunction.Settings settings,
      Map<String, String> variables) {
    return new SheafFunction(this, site, archives.of(settings.name()), settings, variables);
  }

  private Map<String, String> bucketVariables() {
    Map<String, String> variables = new HashMap<>();
    variables.put("SHEAF_BUCKET", bucket.getBucketName());
    return variables;
  }

  /** What whoever takes part in indexing needs: bucket, catalog and queue. */
  private Map<String, String> indexingVariables() {
    Map<String, String> variables = bucketVariables();
    site.peering().self().ifPresent(url -> variables.put("SHEAF_SELF", url));
    variables.putAll(catalog.variables(catalog.roleSecretArn()));
    variables.put("SHEAF_QUEUE_URL", uploads.queue().getQueueUrl());
    return variables;
  }

  /** The catalog says which packs a repository has. */
  private Map<String, String> apiVariables() {
    Map<String, String> variables = indexingVariables();
    variables.put("SHEAF_TOKENS", tokens.getSecretArn());
    follows.ifPresent(
        queue -> variables.put("SHEAF_FOLLOW_QUEUE_URL", queue.queue().getQueueUrl()));
    variables.putAll(site.peering().logVariables());
    if (site.peering().sweepPublic()) {
      variables.put("SHEAF_SWEEP_PUBLIC", "true");
    }
    return variables;
  }

  /** It keeps the log small, too. */
  private Map<String, String> compactionVariables() {
    Map<String, String> variables = bucketVariables();
    variables.putAll(catalog.variables(catalog.roleSecretArn()));
    variables.putAll(site.peering().logVariables());
    site.jobsKept().ifPresent(kept -> variables.put("SHEAF_JOBS_KEPT", kept));
    return variables;
  }

  private Map<String, String> peerSyncVariables() {
    Map<String, String> variables = bucketVariables();
    variables.putAll(catalog.variables(catalog.roleSecretArn()));
    variables.putAll(site.peering().variables());
    return variables;
  }

  /** The functions that ask the catalog. */
  private List<SheafFunction> onCatalog() {
    return Stream.concat(
            Stream.of(index, api, compaction, repair), peerSync.map(PeerSync::function).stream())
        .toList();
  }

  /**
   * The optimising compiler comes in later than it would by itself: a job is short, and its PUTs
   * need the processors meanwhile. Measured with {@code localstack/bench index} on two processors:
   * the first job of a process takes a fifth less time, all jobs a quarter less processor time.
   */
  private Map<String, String> indexVariables() {
    Map<String, String> variables = indexingVariables();
    variables.put("SHEAF_DEAD_LETTER_URL", uploads.deadLetters().getQueueUrl());
    variables.put(
        "JAVA_TOOL_OPTIONS",
        "-XX:Tier4InvocationThreshold=50000 -XX:Tier4MinInvocationThreshold=6000"
            + " -XX:Tier4CompileThreshold=150000 -XX:Tier4BackEdgeThreshold=400000");
    return variables;
  }

  /** Holds hashes of tokens, put there by whoever runs the site; an update leaves them alone. */
  private Secret tokens(Site site) {
    Secret secret =
        Secret.Builder.create(this, "Tokens")
            .secretName(site.resource("tokens"))
            .description(
                "Access tokens of the site, hashed: entries as `sheaf token new` prints them")
            .secretStringValue(SecretValue.unsafePlainText("[]"))
            .removalPolicy(site.removal())
            .build();
    Findings.accept(
        secret, "SMG4", "It holds hashes of tokens that only their owners can replace.");
    return secret;
  }

  private static void acceptKeys(SheafFunction function, String... patterns) {
    Findings.acceptKeys(function.policy(), List.of(patterns));
  }

  private void grants() {
    for (SheafFunction function : onCatalog()) {
      function.allow(DATA_API, catalog.clusterArn());
      function.allow(List.of("secretsmanager:GetSecretValue"), catalog.roleSecretArn());
    }
    for (SheafFunction function : List.of(index, api)) {
      // Without it S3 answers 403, not 404, for a key that is not there.
      function.allow(List.of("s3:ListBucket"), bucket.getBucketArn());
      // The index wakes itself for what is left to do, the API for what an upload does not tell.
      function.allow(List.of("sqs:SendMessage"), uploads.queue().getQueueArn());
      // Neither deletes: the pack of a push that lost is left to compaction.
      function.allow(List.of("s3:GetObject", "s3:PutObject"), keys("git/*"));
    }
    // A job that is given up leaves its upload there, whatever message it was run for.
    index.allow(List.of("sqs:SendMessage"), uploads.deadLetters().getQueueArn());
    index.allow(List.of("s3:GetObject"), keys("bundles/*"));
    // .metadata/site/: the site's journal, in which it counts what it did.
    index.allow(List.of("s3:PutObject"), keys("objects/*"), keys(".metadata/site/*"));
    index.allow(
        List.of(
            "sqs:ChangeMessageVisibility",
            "sqs:DeleteMessage",
            "sqs:GetQueueAttributes",
            "sqs:ReceiveMessage"),
        uploads.queue().getQueueArn());
    api.allow(
        List.of("s3:GetObject"),
        keys("bundles/*"),
        keys("incoming/*"),
        keys("merged/*"),
        keys("objects/*"),
        keys("packs/*"),
        keys("site/public-repos"),
        keys(".metadata/*"));
    // bundles/, incoming/: it signs uploads in its own name. objects/: a small push is readable at
    // once.
    // rollup.json: a journal without one gets an empty one from whoever reads it first.
    api.allow(
        List.of("s3:PutObject"),
        keys("bundles/*"),
        keys("incoming/*"),
        keys("objects/*"),
        keys("packs/*"),
        keys("site/public-repos"),
        keys(".metadata/site/rollup.json"));
    api.allow(List.of("s3:DeleteObject"), keys("incoming/*"));
    // What it changes that no bundle tells of, for whoever has the bucket alone.
    api.allow(List.of("s3:GetObject", "s3:PutObject"), keys("repos/*"));
    api.allow(List.of("secretsmanager:GetSecretValue"), tokens.getSecretArn());
    compaction.allow(List.of("s3:ListBucket"), bucket.getBucketArn());
    // Packs go that a fold has replaced or that are nobody's, after their time.
    compaction.allow(
        List.of("s3:DeleteObject", "s3:GetObject", "s3:PutObject"),
        keys(".metadata/*"),
        keys("git/*"));
    // An upload of git goes when a pack stands for it; all of a deleted repository, after its time.
    compaction.allow(
        List.of("s3:DeleteObject"), keys("bundles/*"), keys("incoming/*"), keys("repos/*"));
    compaction.allow(List.of("s3:GetObject"), keys("bundles/*"), keys("repos/*"));
    // An object that no repository names goes, if it still is what the catalog has noted.
    compaction.allow(List.of("s3:DeleteObject", "s3:GetObject"), keys("objects/*"));
    // Of many small bundles it makes a few.
    compaction.allow(List.of("s3:DeleteObject", "s3:GetObject", "s3:PutObject"), keys("merged/*"));
    peerSync.ifPresent(peers -> {
      SheafFunction function = peers.function();
      // What is here already is not copied again.
      function.allow(List.of("s3:ListBucket"), bucket.getBucketArn());
      // Packs are proven against those that are here.
      function.allow(List.of("s3:GetObject", "s3:PutObject"), keys("bundles/*"), keys("git/*"));
      // What a peer makes public, anybody may read here, too.
      function.allow(List.of("s3:GetObject", "s3:PutObject"), keys("site/public-repos"));
      function.allow(List.of("secretsmanager:GetSecretValue"), peers.tokens().getSecretArn());
    });
    follows.ifPresent(this::grantsOfFollowing);
  }

  /** Whoever asks the api does not wait for the schedule. */
  private void grantsOfFollowing(WorkQueue queue) {
    api.allow(List.of("sqs:SendMessage"), queue.queue().getQueueArn());
    peerSync.ifPresent(peers ->
        peers
            .function()
            .allow(
                List.of(
                    "sqs:ChangeMessageVisibility",
                    "sqs:DeleteMessage",
                    "sqs:GetQueueAttributes",
                    "sqs:ReceiveMessage"),
                queue.queue().getQueueArn()));
  }

  /** Of what others store this deletes what it has read and found false, and what peers keep. */
  private void grantsOfRepair() {
    repair.allow(List.of("s3:ListBucket"), bucket.getBucketArn());
    repair.allow(
        List.of("s3:DeleteObject", "s3:GetObject"),
        keys("bundles/*"),
        keys("git/*"),
        keys("packs/*"),
        keys("objects/*"));
    repair.allow(List.of("s3:PutObject"), keys("bundles/*"), keys("git/*"), keys("objects/*"));
    // What is damaged may be the last that there is of it, and much of it may still come back.
    repair.allow(List.of("s3:GetObject", "s3:PutObject"), keys("damaged/*"));
    // What only the catalog knows of a repository, for whoever has the bucket alone.
    repair.allow(List.of("s3:GetObject", "s3:PutObject"), keys("repos/*"));
    // What the site itself has lost its peers may have.
    peerSync.ifPresent(peers ->
        repair.allow(List.of("secretsmanager:GetSecretValue"), peers.tokens().getSecretArn()));
    repair.allow(List.of("s3:GetObject"), keys(".metadata/*"));
    if (site.repairFromInventory()) {
      repair.allow(List.of("s3:GetObject"), keys("inventory/*"));
      acceptKeys(repair, "inventory/*");
    }
    // A journal without one gets an empty one from whoever reads it first.
    repair.allow(
        List.of("s3:PutObject"),
        keys(".metadata/site/rollup.json"),
        keys(".metadata/present-*/rollup.json"));
    repair.allow(
        List.of(
            "sqs:ChangeMessageVisibility",
            "sqs:DeleteMessage",
            "sqs:GetQueueAttributes",
            "sqs:ReceiveMessage",
            "sqs:SendMessage"),
        repairs.queue().getQueueArn());
  }

  private String keys(String pattern) {
    return bucket.arnForObjects(pattern);
  }

  private void feed(Site site) {
    EventSourceMapping.Builder.create(this, "UploadsToBundleIndex")
        .target(index.live())
        .eventSourceArn(uploads.queue().getQueueArn())
        // An invocation that crashes takes no other repository's message with it.
        .batchSize(1)
        .reportBatchItemFailures(true)
        .maxConcurrency(site.indexConcurrency())
        .build()
        .getNode()
        .addDependency(index.role());
    EventSourceMapping.Builder.create(this, "RepairsToRepair")
        .target(repair.live())
        .eventSourceArn(repairs.queue().getQueueArn())
        .batchSize(1)
        .reportBatchItemFailures(true)
        .maxConcurrency(2)
        .build()
        .getNode()
        .addDependency(repair.role());
    peerSync.ifPresent(peers ->
        EventSourceMapping.Builder.create(this, "FollowsToPeerSync")
            .target(peers.function().live())
            .eventSourceArn(follows.orElseThrow().queue().getQueueArn())
            .batchSize(1)
            .reportBatchItemFailures(true)
            .maxConcurrency(2)
            .build()
            .getNode()
            .addDependency(peers.function().role()));
  }

  /**
   * One run in time is worth more than a late repetition: the next run does what one left undone.
   */
  private void schedule(Site site) {
    compaction
        .live()
        .configureAsyncInvoke(EventInvokeConfigOptions.builder().retryAttempts(0).build());
    Rule.Builder.create(this, "CompactionSchedule")
        .ruleName(site.resource("compaction"))
        .schedule(Schedule.rate(Duration.minutes(site.compactionEveryMinutes())))
        .targets(List.of(LambdaFunction.Builder.create(compaction.live()).retryAttempts(0).build()))
        .build();
    repair.live().configureAsyncInvoke(EventInvokeConfigOptions.builder().retryAttempts(0).build());
    Rule.Builder.create(this, "RepairSchedule")
        .ruleName(site.resource("repair"))
        .schedule(Schedule.rate(Duration.minutes(site.repairEveryMinutes())))
        .targets(List.of(LambdaFunction.Builder.create(repair.live()).retryAttempts(0).build()))
        .build();
    Rule.Builder.create(this, "WakeUpSchedule")
        .ruleName(site.resource(WAKE_UP))
        .description("Runs jobs whose message was lost")
        .schedule(Schedule.rate(wakeUpEvery(site)))
        .targets(
            List.of(
                SqsQueue.Builder.create(uploads.queue())
                    .message(RuleTargetInput.fromObject(Map.of("sheaf", "wake-up-all")))
                    .build()))
        .build();
  }

  /** It asks the catalog: one that is to pause when nobody uses it is not kept awake for this. */
  static Duration wakeUpEvery(Site site) {
    return site.catalog().mayPause() ? Duration.hours(6) : Duration.minutes(5);
  }

  private void outputs(Gateway gateway) {
    output("ApiUrl", gateway.api().getUrl(), "The address that clients use");
    output("Bucket", bucket.getBucketName(), "The bucket of the site");
    output("UploadsQueue", uploads.queue().getQueueUrl(), "Uploads waiting to be indexed");
    output("DeadLetterQueue", uploads.deadLetters().getQueueUrl(), "Uploads given up");
    peerSync.ifPresent(peers ->
        output(
            "PeerTokensSecret",
            peers.tokens().getSecretName(),
            "Put the URL of each peer here with the token that it gave this site"));
    output("TokensSecret", tokens.getSecretName(), "Put the entries of `sheaf token new` here");
  }

  private void output(String name, String value, String description) {
    CfnOutput.Builder.create(this, name).value(value).description(description).build();
  }
}
