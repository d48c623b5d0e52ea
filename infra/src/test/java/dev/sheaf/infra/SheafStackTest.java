package dev.sheaf.infra;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awscdk.App;
import software.amazon.awscdk.assertions.Match;
import software.amazon.awscdk.assertions.Template;

/** What the stack promises, one test a promise. */
@NeedsNode
class SheafStackTest {
  private static final Template TEMPLATE = Synthesized.template();

  @Test
  void theBucketIsPrivateAndEncrypted() {
    has(
        "AWS::S3::Bucket",
        Map.of(
            "PublicAccessBlockConfiguration",
            Map.of(
                "BlockPublicAcls", true,
                "BlockPublicPolicy", true,
                "IgnorePublicAcls", true,
                "RestrictPublicBuckets", true),
            "BucketEncryption",
            Match.anyValue(),
            "OwnershipControls",
            Map.of("Rules", List.of(Map.of("ObjectOwnership", "BucketOwnerEnforced")))));
  }

  @Test
  void bucketAndQueuesTakeTlsOnly() {
    Map<String, Object> denied =
        Map.of(
            "Effect", "Deny", "Condition", Map.of("Bool", Map.of("aws:SecureTransport", "false")));
    Object statement = Match.arrayWith(List.of(Match.objectLike(denied)));
    Map<String, Object> document = Map.of("PolicyDocument", Map.of("Statement", statement));
    has("AWS::S3::BucketPolicy", document);
    TEMPLATE.allResourcesProperties("AWS::SQS::QueuePolicy", Match.objectLike(document));
  }

  @Test
  void packsAndAbortedUploadsExpireAndBundlesStay() {
    assertThat(lifecycle(TEMPLATE))
        .contains("aborted-uploads", "packs", "incoming/", "damaged/")
        .doesNotContain("bundles/");
    Template other =
        Synthesized.template("bundlesColdAfterDays", "30", "bundlesExpireAfterDays", "400");
    assertThat(lifecycle(other)).contains("bundles/", "\"ExpirationInDays\":400", "STANDARD_IA");
  }

  @Test
  void uploadsAreAnnouncedByTheBucketItself() {
    has(
        "AWS::S3::Bucket",
        Map.of(
            "NotificationConfiguration",
            Map.of(
                "QueueConfigurations",
                List.of(
                    Match.objectLike(
                        Map.of(
                            "Event",
                            "s3:ObjectCreated:*",
                            "Filter",
                            Map.of(
                                "S3Key",
                                Map.of(
                                    "Rules",
                                    List.of(Map.of("Name", "prefix", "Value", "bundles/"))))))))));
    TEMPLATE.resourceCountIs("Custom::S3BucketNotifications", 0);
    assertThat(Resources.only(TEMPLATE, "AWS::S3::Bucket").path("DependsOn").toString())
        .contains("UploadsQueuePolicy");
  }

  @Test
  void onlyTheBucketMaySendToTheQueue() {
    has(
        "AWS::SQS::QueuePolicy",
        Map.of(
            "PolicyDocument",
            Map.of(
                "Statement",
                Match.arrayWith(
                    List.of(
                        Match.objectLike(
                            Map.of(
                                "Action",
                                "sqs:SendMessage",
                                "Principal",
                                Map.of("Service", "s3.amazonaws.com"),
                                "Condition",
                                Match.objectLike(
                                    Map.of(
                                        "StringEquals",
                                        Map.of(
                                            "aws:SourceAccount",
                                            Map.of("Ref", "AWS::AccountId")))))))))));
  }

  @Test
  void aMessageIsHiddenForLongerThanTheFunctionRunsAndGivenUpAfterThreeReceives() {
    has(
        "AWS::SQS::Queue",
        Map.of(
            "VisibilityTimeout",
            15 * 60 + 5 * 60,
            "SqsManagedSseEnabled",
            true,
            "RedrivePolicy",
            Match.objectLike(Map.of("maxReceiveCount", 3))));
  }

  @Test
  void theQueueFeedsTheIndexWithPartialBatchesAndBoundedConcurrency() {
    has(
        "AWS::Lambda::EventSourceMapping",
        Map.of(
            "FunctionResponseTypes",
            List.of("ReportBatchItemFailures"),
            "BatchSize",
            1,
            "ScalingConfig",
            Map.of("MaximumConcurrency", 10)));
    Synthesized.template("indexConcurrency", "3")
        .hasResourceProperties(
            "AWS::Lambda::EventSourceMapping",
            Map.of("ScalingConfig", Map.of("MaximumConcurrency", 3)));
  }

  @Test
  void functionsRunOnJava25OnArm() {
    TEMPLATE.allResourcesProperties(
        "AWS::Lambda::Function",
        Match.objectLike(Map.of("Runtime", "java25", "Architectures", List.of("arm64"))));
    TEMPLATE.resourceCountIs("AWS::Lambda::Function", 5);
    TEMPLATE.resourceCountIs("AWS::Lambda::Alias", 5);
    Synthesized.template("architecture", "x86_64")
        .allResourcesProperties(
            "AWS::Lambda::Function", Match.objectLike(Map.of("Architectures", List.of("x86_64"))));
  }

  /** SnapStart allows 512 MB of temp space; packs take more, and nobody waits for their workers. */
  @Test
  void thoseThatSomebodyWaitsForStartFromASnapshot() {
    Map<String, Object> snapped =
        Map.of("Properties", Map.of("SnapStart", Map.of("ApplyOn", "PublishedVersions")));
    assertThat(TEMPLATE.findResources("AWS::Lambda::Function", snapped)).hasSize(2);
    TEMPLATE.hasResourceProperties(
        "AWS::Lambda::Function",
        Match.objectLike(
            Map.of(
                "FunctionName",
                "sheaf-main-compaction",
                "EphemeralStorage",
                Map.of("Size", 4096),
                "SnapStart",
                Match.absent())));
  }

  /** Whether each uses them is asked by FunctionVariablesTest, which sees their code. */
  @Test
  void functionsKnowWhatTheyUse() {
    assertThat(variables("bundle-index"))
        .containsExactlyInAnyOrder(
            "JAVA_TOOL_OPTIONS",
            "SHEAF_BUCKET",
            "SHEAF_CATALOG_ARN",
            "SHEAF_CATALOG_DATABASE",
            "SHEAF_CATALOG_SECRET_ARN",
            "SHEAF_DEAD_LETTER_URL",
            "SHEAF_QUEUE_URL",
            "SHEAF_SITE");
    assertThat(variables("api"))
        .containsExactlyInAnyOrder(
            "SHEAF_BUCKET",
            "SHEAF_CATALOG_ARN",
            "SHEAF_CATALOG_DATABASE",
            "SHEAF_CATALOG_SECRET_ARN",
            "SHEAF_QUEUE_URL",
            "SHEAF_SITE",
            "SHEAF_TOKENS");
    assertThat(variables("compaction"))
        .containsExactlyInAnyOrder(
            "SHEAF_BUCKET",
            "SHEAF_CATALOG_ARN",
            "SHEAF_CATALOG_DATABASE",
            "SHEAF_CATALOG_SECRET_ARN",
            "SHEAF_SITE");
    assertThat(variables("catalog-role"))
        .containsExactlyInAnyOrder(
            "SHEAF_CATALOG_ARN",
            "SHEAF_CATALOG_DATABASE",
            "SHEAF_CATALOG_ROLE",
            "SHEAF_CATALOG_ROLE_SECRET_ARN",
            "SHEAF_CATALOG_SECRET_ARN",
            "SHEAF_SITE");
  }

  private static Iterable<String> variables(String function) {
    return () -> function(TEMPLATE, function).at("/Properties/Environment/Variables").fieldNames();
  }

  private static JsonNode function(Template template, String name) {
    return Resources.of(template, "AWS::Lambda::Function").stream()
        .filter(f -> f.at("/Properties/FunctionName").asText().equals("sheaf-main-" + name))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void compactionRunsOnScheduleAndIsNotRepeated() {
    has("AWS::Events::Rule", Map.of("ScheduleExpression", "rate(5 minutes)"));
    has("AWS::Lambda::EventInvokeConfig", Map.of("MaximumRetryAttempts", 0));
    Synthesized.template("compactionEveryMinutes", "1")
        .hasResourceProperties("AWS::Events::Rule", Map.of("ScheduleExpression", "rate(1 minute)"));
  }

  /** Not every hour where that would keep a catalog awake that is to pause. */
  @Test
  void repairRunsOnScheduleAndGoesOnByItsOwnQueue() {
    has(
        "AWS::Events::Rule",
        Map.of("Name", "sheaf-main-repair", "ScheduleExpression", "rate(6 hours)"));
    Synthesized.template("catalogLeastCapacity", "1")
        .hasResourceProperties("AWS::Events::Rule", Map.of("ScheduleExpression", "rate(1 hour)"));
    Synthesized.template("repairEveryMinutes", "720")
        .hasResourceProperties("AWS::Events::Rule", Map.of("ScheduleExpression", "rate(12 hours)"));
    has("AWS::SQS::Queue", Map.of("QueueName", "sheaf-main-repairs", "VisibilityTimeout", 1200));
    assertThat(
            function(Synthesized.template("bundlesExpireAfterDays", "90"), "repair")
                .at("/Properties/Environment/Variables/SHEAF_BUNDLES_EXPIRE_DAYS")
                .asText())
        .isEqualTo("90");
  }

  @Test
  void repairReadsAnInventoryWhereOneIsAskedFor() {
    Template template = Synthesized.template("repairFromInventory", "true");
    assertThat(
            function(template, "repair")
                .at("/Properties/Environment/Variables/SHEAF_REPAIR_INVENTORY")
                .toString())
        .contains("inventory/")
        .contains("/daily/");
    template.hasResourceProperties(
        "AWS::S3::Bucket",
        Map.of(
            "InventoryConfigurations",
            List.of(
                Map.of(
                    "Id", "daily",
                    "IncludedObjectVersions", "Current",
                    "OptionalFields", List.of("Size", "LastModifiedDate", "ETag")))));
    assertThat(template.toJSON().toString()).contains("InventoryOfTheBucket");
  }

  /** A day in which no cycle has ended, whatever their number. */
  @Test
  void aRepairThatComesToNoEndIsNoticed() {
    JsonNode alarm = alarm(TEMPLATE, "RepairUnfinished");
    assertThat(alarm.path("TreatMissingData").asText()).isEqualTo("breaching");
    assertThat(alarm.path("Period").asInt()).isEqualTo(86_400);
    assertThat(alarm(TEMPLATE, "LossDeclared").path("Threshold").asInt()).isEqualTo(1);
    assertThat(alarm(TEMPLATE, "RepairErrors").path("Threshold").asInt()).isEqualTo(1);
    assertThat(alarm(TEMPLATE, "RepairsGivenUp").path("Threshold").asInt()).isEqualTo(1);
  }

  /** Two refusals in a row are seen however far apart cycles are, and one that is late is none. */
  @Test
  void alarmsOfRepairGoByItsSchedule() {
    for (int every : List.of(60, 360, 1_440)) {
      Template template = Synthesized.template("repairEveryMinutes", Integer.toString(every));
      JsonNode refused = alarm(template, "RepairIndexRefused");
      assertThat(refused.path("Threshold").asInt()).isEqualTo(1);
      assertThat(refused.path("Period").asInt()).isEqualTo(60 * every);
      assertThat(refused.path("EvaluationPeriods").asInt()).isEqualTo(2);
      JsonNode unfinished = alarm(template, "RepairUnfinished");
      int window = unfinished.path("Period").asInt() * unfinished.path("EvaluationPeriods").asInt();
      assertThat(window)
          .as("of cycles every %d minutes", every)
          .isGreaterThanOrEqualTo(120 * every);
    }
  }

  /** The test of what reads it holds it against the same file. */
  @Test
  void jobsWhoseMessageWasLostAreWokenWithoutKeepingAPausedCatalogAwake() throws IOException {
    String wakeUp = Files.readString(Path.of("../events/wake-up-all.json")).strip();
    Map<String, Object> toTheQueue =
        Map.of(
            "ScheduleExpression",
            "rate(6 hours)",
            "Targets",
            List.of(Match.objectLike(Map.of("Input", wakeUp))));
    has("AWS::Events::Rule", toTheQueue);
    Template.fromStack(Synthesized.onExistingCatalog())
        .resourcePropertiesCountIs(
            "AWS::Events::Rule", Map.of("ScheduleExpression", "rate(5 minutes)"), 2);
  }

  /** {@code curl} accepts any type, and other clients name none: both want the bytes. */
  @Test
  void theApiAnswersBytesWhateverAClientAccepts() {
    has(
        "AWS::ApiGateway::RestApi",
        Map.of(
            "BinaryMediaTypes",
            List.of(
                "*/*",
                "application/octet-stream",
                "application/x-git-packed-objects",
                "application/x-msgpack")));
    TEMPLATE.resourceCountIs("AWS::ApiGateway::Method", 2);
  }

  @Test
  void everyRequestIsLoggedWithoutItsHeaders() {
    JsonNode stage = Resources.only(TEMPLATE, "AWS::ApiGateway::Stage").path("Properties");
    assertThat(stage.at("/AccessLogSetting/DestinationArn").toString())
        .contains("GatewayAccessLog");
    assertThat(stage.at("/AccessLogSetting/Format").asText())
        .startsWith("{\"event\":\"access\",\"site\":\"main\",")
        .contains("$context.status", "$context.identity.sourceIp")
        .doesNotContain("header");
  }

  /** Another account may have a role for its logs already, which this would put in its shade. */
  @Test
  void theAccountsRoleForLogsStaysAndMayBeLeftToTheAccount() {
    JsonNode account = Resources.only(TEMPLATE, "AWS::ApiGateway::Account");
    assertThat(account.path("DeletionPolicy").asText()).isEqualTo("Retain");
    Template without = Synthesized.template("accountLogRole", "false");
    without.resourceCountIs("AWS::ApiGateway::Account", 0);
    without.hasResourceProperties(
        "AWS::ApiGateway::Stage", Map.of("AccessLogSetting", Match.anyValue()));
  }

  @Test
  void theApiIsThrottledWithinWhatAnAccountHas() {
    assertThat(throttling("10")).isEqualTo("[10,20]");
    assertThat(throttling("10000")).isEqualTo("[10000,5000]");
  }

  private static String throttling(String requestsPerSecond) {
    JsonNode settings =
        Resources.only(
                Synthesized.template("requestsPerSecond", requestsPerSecond),
                "AWS::ApiGateway::Stage")
            .at("/Properties/MethodSettings/0");
    return "[%s,%s]"
        .formatted(settings.path("ThrottlingRateLimit"), settings.path("ThrottlingBurstLimit"));
  }

  @Test
  void theCatalogSleepsWhenIdleAndAnswersTheDataApi() {
    has(
        "AWS::RDS::DBCluster",
        Map.of(
            "EnableHttpEndpoint",
            true,
            "StorageEncrypted",
            true,
            "DeletionProtection",
            true,
            "ServerlessV2ScalingConfiguration",
            Map.of("MinCapacity", 0, "MaxCapacity", 4, "SecondsUntilAutoPause", 600)));
    TEMPLATE.resourceCountIs("AWS::EC2::NatGateway", 0);
    TEMPLATE.resourceCountIs("AWS::EC2::InternetGateway", 0);
    TEMPLATE.resourceCountIs("AWS::EC2::SecurityGroupIngress", 0);
  }

  @Test
  void rdsKeepsTheMastersPasswordAndNoOtherFunctionMayReadIt() {
    has(
        "AWS::RDS::DBCluster",
        Map.of(
            "ManageMasterUserPassword",
            true,
            "MasterUsername",
            "sheaf",
            "MasterUserPassword",
            Match.absent()));
    assertThat(secretOf("catalog-role")).contains("MasterUserSecret.SecretArn");
    assertThat(secretOf("api")).startsWith("{\"Ref\":\"CatalogRoleSecret");
    assertThat(secretOf("bundle-index")).isEqualTo(secretOf("api"));
  }

  private static String secretOf(String function) {
    return function(TEMPLATE, function)
        .at("/Properties/Environment/Variables/SHEAF_CATALOG_SECRET_ARN")
        .toString();
  }

  @Test
  void theRoleIsMadeOnceThereIsADatabaseAndBeforeAFunctionUsesIt() {
    JsonNode made = Resources.only(TEMPLATE, "Custom::CatalogRole");
    assertThat(made.path("DependsOn").toString())
        .contains("CatalogClusterWriter", "CatalogRoleMakerRoleDefaultPolicy");
    assertThat(made.at("/Properties/Role").asText()).isEqualTo("sheaf_main");
    for (String function : List.of("api", "bundle-index")) {
      assertThat(function(TEMPLATE, function).path("DependsOn").toString())
          .contains("CatalogRoleMade");
    }
  }

  /** CloudFormation asks for the role again when one of these is another. */
  @Test
  void theRoleIsMadeAnewWhenItsMakerOrItsPlaceChanges() {
    assertThat(Resources.only(TEMPLATE, "Custom::CatalogRole").path("Properties").fieldNames())
        .toIterable()
        .containsExactlyInAnyOrder(
            "Cluster", "Database", "Maker", "Role", "Secret", "ServiceTimeout", "ServiceToken");
  }

  @Test
  void aRoleThatExistsIsUsedAsItIs() {
    Template template =
        Synthesized.template(
            "catalogArn", Synthesized.CLUSTER,
            "catalogRoleSecretArn", Synthesized.SECRET,
            "catalogEndpoint", "http://127.0.0.1:4510");
    template.resourceCountIs("AWS::RDS::DBCluster", 0);
    template.resourceCountIs("AWS::EC2::VPC", 0);
    template.resourceCountIs("Custom::CatalogRole", 0);
    template.resourceCountIs("AWS::Lambda::Function", 4);
    JsonNode variables = function(template, "api").at("/Properties/Environment/Variables");
    assertThat(variables.path("SHEAF_CATALOG_ARN").asText()).isEqualTo(Synthesized.CLUSTER);
    assertThat(variables.path("SHEAF_CATALOG_SECRET_ARN").asText()).isEqualTo(Synthesized.SECRET);
    assertThat(variables.path("AWS_ENDPOINT_URL_RDS_DATA").asText())
        .isEqualTo("http://127.0.0.1:4510");
  }

  @Test
  void anExistingClusterGetsARoleThroughItsMaster() {
    Template template =
        Synthesized.template(
            "catalogArn", Synthesized.CLUSTER, "catalogMasterSecretArn", Synthesized.SECRET);
    template.resourceCountIs("AWS::RDS::DBCluster", 0);
    template.resourceCountIs("Custom::CatalogRole", 1);
    assertThat(
            function(template, "catalog-role")
                .at("/Properties/Environment/Variables/SHEAF_CATALOG_SECRET_ARN")
                .asText())
        .isEqualTo(Synthesized.SECRET);
    assertThat(
            function(template, "api")
                .at("/Properties/Environment/Variables/SHEAF_CATALOG_SECRET_ARN")
                .toString())
        .startsWith("{\"Ref\":\"CatalogRoleSecret");
  }

  /** What has a name of its own would stand in the way of the deploy after one that failed. */
  @Test
  void dataOutlivesTheStackButNotAFirstDeployThatFailed() {
    for (String type : List.of("AWS::S3::Bucket", "AWS::SecretsManager::Secret")) {
      assertThat(Resources.of(TEMPLATE, type))
          .filteredOn(resource -> !resource.path("DeletionPolicy").asText().equals("Delete"))
          .hasSize(1)
          .allSatisfy(resource ->
              assertThat(resource.path("DeletionPolicy").asText())
                  .isEqualTo("RetainExceptOnCreate"));
    }
    assertThat(Resources.only(TEMPLATE, "AWS::RDS::DBCluster").path("DeletionPolicy").asText())
        .isEqualTo("Snapshot");
  }

  @Test
  void dataGoesWithTheStackIfToldTo() {
    Template passing = Synthesized.template("retain", "false");
    for (String type :
        List.of("AWS::S3::Bucket", "AWS::SecretsManager::Secret", "AWS::RDS::DBCluster")) {
      assertThat(Resources.of(passing, type))
          .allSatisfy(
              resource -> assertThat(resource.path("DeletionPolicy").asText()).isEqualTo("Delete"));
    }
    assertThat(
            Resources.only(passing, "AWS::RDS::DBCluster")
                .at("/Properties/DeletionProtection")
                .asBoolean())
        .isFalse();
  }

  @Test
  void logsExpire() {
    TEMPLATE.allResourcesProperties(
        "AWS::Logs::LogGroup", Match.objectLike(Map.of("RetentionInDays", 30)));
    TEMPLATE.resourceCountIs("AWS::Logs::LogGroup", 6);
  }

  @Test
  void alarmsWatchWhatNeedsSomebody() {
    assertThat(Resources.of(TEMPLATE, "AWS::CloudWatch::Alarm"))
        .extracting(alarm -> alarm.at("/Properties/AlarmName").asText())
        .containsExactlyInAnyOrder(
            "sheaf-main-ApiErrors",
            "sheaf-main-ApiThrottled",
            "sheaf-main-CatalogAwake",
            "sheaf-main-CatalogConnections",
            "sheaf-main-CatalogFull",
            "sheaf-main-CompactionErrors",
            "sheaf-main-CompactionFailed",
            "sheaf-main-CompactionStopped",
            "sheaf-main-FunctionsThrottled",
            "sheaf-main-IndexErrors",
            "sheaf-main-JobsFailed",
            "sheaf-main-JournalPoisoned",
            "sheaf-main-LossDeclared",
            "sheaf-main-RepairErrors",
            "sheaf-main-RepairIndexRefused",
            "sheaf-main-RepairsGivenUp",
            "sheaf-main-RepairUnfinished",
            "sheaf-main-OpsCleanupFailed",
            "sheaf-main-SiteFaults",
            "sheaf-main-UploadsGivenUp",
            "sheaf-main-UploadsWaiting",
            "sheaf-main-WakeUpsRefused",
            "sheaf-main-WakeUpsStopped");
    TEMPLATE.resourceCountIs("AWS::CloudWatch::Dashboard", 1);
  }

  /** Without peers there is nothing to follow, and nothing to pay for. */
  @Test
  void peersAreFollowedEveryMinuteWhereThereAreSome() {
    assertThat(TEMPLATE.toJSON().toString()).doesNotContain("peer-sync", "SHEAF_PEERS");
    Template peers = Template.fromStack(Synthesized.withPeers());
    peers.hasResourceProperties(
        "AWS::Events::Rule",
        Map.of("Name", "sheaf-main-peer-sync", "ScheduleExpression", "rate(1 minute)"));
    peers.hasResourceProperties(
        "AWS::Lambda::Function",
        Map.of(
            "FunctionName",
            "sheaf-main-peer-sync",
            "Environment",
            Map.of(
                "Variables",
                Match.objectLike(
                    Map.of(
                        "SHEAF_SELF", "https://one.example/live",
                        "SHEAF_PEERS", "https://two.example/live,https://three.example")))));
    for (String reader : List.of("api", "compaction")) {
      peers.hasResourceProperties(
          "AWS::Lambda::Function",
          Map.of(
              "FunctionName",
              "sheaf-main-" + reader,
              "Environment",
              Map.of(
                  "Variables",
                  Match.objectLike(
                      Map.of(
                          "SHEAF_PEERS", "https://two.example/live,https://three.example",
                          "SHEAF_OPS_RETENTION_DAYS", "30")))));
    }
    assertThat(Resources.of(peers, "AWS::CloudWatch::Alarm"))
        .extracting(alarm -> alarm.at("/Properties/AlarmName").asText())
        .contains(
            "sheaf-main-FollowsGivenUp",
            "sheaf-main-LongAwaited",
            "sheaf-main-OpsFailed",
            "sheaf-main-PeersInGap",
            "sheaf-main-PeersLost",
            "sheaf-main-PeersUnreachable",
            "sheaf-main-PeerSyncErrors",
            "sheaf-main-PeerSyncStopped");
    // An hour of failing peers, a quarter of one in a gap; what cannot be applied at once.
    Map.of(
            "PeersUnreachable",
            12,
            "PeersLost",
            12,
            "PeersInGap",
            3,
            "LongAwaited",
            3,
            "OpsFailed",
            1)
        .forEach((id, periods) -> {
          assertThat(alarm(peers, id).path("Threshold").asInt()).as(id).isEqualTo(1);
          assertThat(alarm(peers, id).path("Period").asInt()).as(id).isEqualTo(300);
          assertThat(alarm(peers, id).path("EvaluationPeriods").asInt()).as(id).isEqualTo(periods);
        });
    assertThat(alarm(peers, "PeerSyncStopped").path("TreatMissingData").asText())
        .isEqualTo("breaching");
    assertThat(Resources.only(peers, "AWS::CloudWatch::Dashboard").toString())
        .contains("Duration of peer-sync", "PeersUnreachable", "AwaitedForAnHour", "Gaps")
        .contains("RetentionOpsDeleted", "DormantOpsDeleted", "HeldRows", "PinnedSince");
  }

  /** Several at a time do no harm, and are one run: two, so that one that lasts stops nobody. */
  @Test
  void whoDoesNotWaitForTheScheduleAsksByAQueue() {
    assertThat(TEMPLATE.toJSON().toString()).doesNotContain("sheaf-main-follows");
    Template peers = Template.fromStack(Synthesized.withPeers());
    peers.hasResourceProperties(
        "AWS::SQS::Queue",
        Map.of(
            "QueueName", "sheaf-main-follows",
            "MessageRetentionPeriod", 3600,
            "VisibilityTimeout", 600));
    peers.hasResourceProperties(
        "AWS::Lambda::EventSourceMapping",
        Match.objectLike(
            Map.of(
                "BatchSize", 1,
                "EventSourceArn",
                    Map.of("Fn::GetAtt", List.of(Match.stringLikeRegexp("FollowsQueue.*"), "Arn")),
                "ScalingConfig", Map.of("MaximumConcurrency", 2))));
    assertThat(
            function(peers, "api")
                .at("/Properties/Environment/Variables/SHEAF_FOLLOW_QUEUE_URL")
                .path("Ref")
                .asText())
        .startsWith("FollowsQueue");
  }

  @Test
  void aScheduleThatStoppedIsNoticedByItsSilence() {
    JsonNode alarm =
        alarm(Synthesized.template("compactionEveryMinutes", "7"), "CompactionStopped");
    assertThat(alarm.path("TreatMissingData").asText()).isEqualTo("breaching");
    assertThat(alarm.path("MetricName").asText()).isEqualTo("Invocations");
    assertThat(alarm.path("Period").asInt()).isEqualTo(7 * 60);
    assertThat(alarm.path("EvaluationPeriods").asInt()).isEqualTo(3);
    assertThat(alarm.path("ComparisonOperator").asText()).isEqualTo("LessThanThreshold");
  }

  @Test
  void aWakeUpThatStoppedIsNoticedByItsSilenceHoweverSeldomItComes() {
    JsonNode rule =
        Resources.of(TEMPLATE, "AWS::Events::Rule").stream()
            .map(resource -> resource.path("Properties"))
            .filter(found -> found.path("Name").asText().endsWith("wake-up"))
            .findFirst()
            .orElseThrow();
    JsonNode seldom = alarm(TEMPLATE, "WakeUpsStopped");
    assertThat(seldom.at("/Dimensions/0/Name").asText()).isEqualTo("RuleName");
    assertThat(seldom.at("/Dimensions/0/Value")).isEqualTo(rule.path("Name"));
    assertThat(seldom.path("TreatMissingData").asText()).isEqualTo("breaching");
    assertThat(rule.path("ScheduleExpression").asText()).isEqualTo("rate(6 hours)");
    assertThat(seldom.path("Period").asInt()).isEqualTo(6 * 3600);
    JsonNode often = alarm(Synthesized.template("catalogLeastCapacity", "1"), "WakeUpsStopped");
    assertThat(often.path("Period").asInt()).isEqualTo(300);
  }

  /** CloudWatch looks back a week at most, and one day where a period is below an hour. */
  @Test
  void aSilenceIsNoLongerThanCloudWatchLooksBack() {
    for (String every : List.of("1", "59", "60", "1440")) {
      JsonNode alarm =
          alarm(Synthesized.template("compactionEveryMinutes", every), "CompactionStopped");
      int period = alarm.path("Period").asInt();
      assertThat(period * alarm.path("EvaluationPeriods").asInt())
          .isLessThanOrEqualTo(period < 3600 ? 86_400 : 7 * 86_400);
    }
  }

  @Test
  void theCatalogsAlarmsFollowItsSize() {
    assertThat(alarm(TEMPLATE, "CatalogConnections").path("Threshold").asDouble())
        .isEqualTo(4 * 189 * 0.8);
    Template awake =
        Synthesized.template("catalogLeastCapacity", "1", "catalogMostCapacity", "128");
    assertThat(alarm(awake, "CatalogConnections").path("Threshold").asDouble()).isEqualTo(4000);
    assertThat(Resources.of(awake, "AWS::CloudWatch::Alarm"))
        .extracting(alarm -> alarm.at("/Properties/AlarmName").asText())
        .doesNotContain("sheaf-main-CatalogAwake");
  }

  @Test
  void theCostTableCountsWhatIsPaidFor() throws IOException {
    String readme = Files.readString(Path.of("README.md"));
    int metrics = Resources.of(TEMPLATE, "AWS::Logs::MetricFilter").size();
    int alarms = Resources.of(TEMPLATE, "AWS::CloudWatch::Alarm").size();
    assertThat(readme)
        .contains("| custom metrics (0.30 each, by the hour) | " + metrics + ", counted")
        .contains(" + %d: %.2f + ".formatted(alarms, alarms * 0.1));
  }

  /** Two sites of one account count, and are woken up, each for itself. */
  @Test
  void whatIsCountedFromLogsIsCountedBySite() {
    List<JsonNode> filters = Resources.of(TEMPLATE, "AWS::Logs::MetricFilter");
    assertThat(filters).hasSize(15);
    for (JsonNode filter : filters) {
      JsonNode counted = filter.at("/Properties/MetricTransformations/0");
      assertThat(counted.path("Dimensions").toString())
          .isEqualTo("[{\"Key\":\"Site\",\"Value\":\"$.site\"}]");
    }
    for (String site : List.of("main", "other")) {
      List<JsonNode> own =
          Resources.of(Synthesized.template("site", site), "AWS::CloudWatch::Alarm").stream()
              .filter(alarm -> alarm.at("/Properties/Namespace").asText().equals("Sheaf"))
              .toList();
      assertThat(own).hasSize(9);
      assertThat(own)
          .allSatisfy(alarm ->
              assertThat(alarm.at("/Properties/Dimensions").toString())
                  .isEqualTo("[{\"Name\":\"Site\",\"Value\":\"%s\"}]".formatted(site)));
    }
  }

  private static JsonNode alarm(Template template, String id) {
    return Resources.of(template, "AWS::CloudWatch::Alarm").stream()
        .map(alarm -> alarm.path("Properties"))
        .filter(alarm -> alarm.path("AlarmName").asText().equals("sheaf-main-" + id))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void alarmsNotifyTheTopicIfThereIsOne() {
    String topic = "arn:aws:sns:eu-central-1:000000000000:alarms";
    Synthesized.template("alarmTopic", topic)
        .allResourcesProperties(
            "AWS::CloudWatch::Alarm", Match.objectLike(Map.of("AlarmActions", List.of(topic))));
  }

  @Test
  void outputsAreWhatAClientNeeds() {
    assertThat(TEMPLATE.findOutputs("*").keySet())
        .contains("ApiUrl", "Bucket", "UploadsQueue", "DeadLetterQueue", "TokensSecret");
  }

  @Test
  void anUnbuiltFunctionIsNamedWithTheCommandThatBuildsIt(@TempDir Path empty) {
    Site site = Site.from(new Context(Map.of()));
    assertThatThrownBy(() -> new SheafStack(new App(), site, Archives.under(empty)))
        .isInstanceOf(MissingArchiveException.class)
        .hasMessageContaining("catalog-role/target/function.zip")
        .hasMessageContaining("mvn -B -DskipTests package");
  }

  private static void has(String type, Map<String, ?> properties) {
    TEMPLATE.hasResourceProperties(type, properties);
  }

  private static String lifecycle(Template template) {
    return Resources.only(template, "AWS::S3::Bucket")
        .at("/Properties/LifecycleConfiguration")
        .toString();
  }
}
