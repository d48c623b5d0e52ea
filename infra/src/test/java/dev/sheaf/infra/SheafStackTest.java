package dev.sheaf.infra;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
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
        .contains("aborted-uploads", "packs", "incoming/")
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
  void aMessageIsHiddenForSixTimesTheFunctionsTimeAndGivenUpAfterThreeReceives() {
    has(
        "AWS::SQS::Queue",
        Map.of(
            "VisibilityTimeout",
            15 * 60 * 6 + 60,
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
            "ScalingConfig",
            Map.of("MaximumConcurrency", 10)));
    Synthesized.template("indexConcurrency", "3")
        .hasResourceProperties(
            "AWS::Lambda::EventSourceMapping",
            Map.of("ScalingConfig", Map.of("MaximumConcurrency", 3)));
  }

  @Test
  void functionsRunOnJava25WithSnapStartOnArm() {
    TEMPLATE.allResourcesProperties(
        "AWS::Lambda::Function",
        Match.objectLike(
            Map.of(
                "Runtime",
                "java25",
                "Architectures",
                List.of("arm64"),
                "SnapStart",
                Map.of("ApplyOn", "PublishedVersions"))));
    TEMPLATE.resourceCountIs("AWS::Lambda::Function", 3);
    TEMPLATE.resourceCountIs("AWS::Lambda::Alias", 3);
    Synthesized.template("architecture", "x86_64")
        .allResourcesProperties(
            "AWS::Lambda::Function", Match.objectLike(Map.of("Architectures", List.of("x86_64"))));
  }

  @Test
  void functionsKnowTheirSite() {
    for (JsonNode function : Resources.of(TEMPLATE, "AWS::Lambda::Function")) {
      if (function.at("/Properties/FunctionName").asText().endsWith("-compaction")) {
        continue;
      }
      assertThat(function.at("/Properties/Environment/Variables").fieldNames())
          .toIterable()
          .filteredOn(name -> name.startsWith("SHEAF_"))
          .containsExactlyInAnyOrder(
              "SHEAF_BUCKET",
              "SHEAF_CATALOG_ARN",
              "SHEAF_CATALOG_DATABASE",
              "SHEAF_CATALOG_SECRET_ARN",
              "SHEAF_QUEUE_URL",
              "SHEAF_TOKENS");
    }
  }

  @Test
  void compactionRunsOnScheduleAndIsNotRepeated() {
    has("AWS::Events::Rule", Map.of("ScheduleExpression", "rate(5 minutes)"));
    has("AWS::Lambda::EventInvokeConfig", Map.of("MaximumRetryAttempts", 0));
    Synthesized.template("compactionEveryMinutes", "1")
        .hasResourceProperties("AWS::Events::Rule", Map.of("ScheduleExpression", "rate(1 minute)"));
  }

  @Test
  void theApiTakesBinaryBodies() {
    has(
        "AWS::ApiGateway::RestApi",
        Map.of("BinaryMediaTypes", List.of("application/octet-stream", "application/x-msgpack")));
    TEMPLATE.resourceCountIs("AWS::ApiGateway::Method", 2);
    TEMPLATE.resourceCountIs("AWS::ApiGateway::Account", 0);
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
  void anExistingCatalogIsOnlyReferredTo() {
    Template template =
        Synthesized.template(
            "catalogArn", Synthesized.CLUSTER,
            "catalogSecretArn", Synthesized.SECRET,
            "catalogEndpoint", "http://127.0.0.1:4510");
    template.resourceCountIs("AWS::RDS::DBCluster", 0);
    template.resourceCountIs("AWS::EC2::VPC", 0);
    template.hasResourceProperties(
        "AWS::Lambda::Function",
        Map.of(
            "Environment",
            Map.of(
                "Variables",
                Match.objectLike(
                    Map.of(
                        "SHEAF_CATALOG_ARN",
                        Synthesized.CLUSTER,
                        "AWS_ENDPOINT_URL_RDS_DATA",
                        "http://127.0.0.1:4510")))));
  }

  @Test
  void dataOutlivesTheStackUnlessToldOtherwise() {
    assertThat(Resources.only(TEMPLATE, "AWS::S3::Bucket").path("DeletionPolicy").asText())
        .isEqualTo("Retain");
    assertThat(Resources.only(TEMPLATE, "AWS::RDS::DBCluster").path("DeletionPolicy").asText())
        .isEqualTo("Snapshot");
    Template passing = Synthesized.template("retain", "false");
    assertThat(Resources.only(passing, "AWS::S3::Bucket").path("DeletionPolicy").asText())
        .isEqualTo("Delete");
  }

  @Test
  void logsExpire() {
    TEMPLATE.allResourcesProperties(
        "AWS::Logs::LogGroup", Match.objectLike(Map.of("RetentionInDays", 30)));
    TEMPLATE.resourceCountIs("AWS::Logs::LogGroup", 3);
  }

  @Test
  void alarmsWatchWhatNeedsSomebody() {
    assertThat(Resources.of(TEMPLATE, "AWS::CloudWatch::Alarm"))
        .extracting(alarm -> alarm.at("/Properties/AlarmName").asText())
        .containsExactlyInAnyOrder(
            "sheaf-main-ApiErrors",
            "sheaf-main-CompactionErrors",
            "sheaf-main-CompactionFailed",
            "sheaf-main-IndexErrors",
            "sheaf-main-JobsFailed",
            "sheaf-main-JournalPoisoned",
            "sheaf-main-UploadsGivenUp",
            "sheaf-main-UploadsWaiting");
    has("AWS::Logs::MetricFilter", Map.of("FilterPattern", Match.stringLikeRegexp(".*failed.*")));
    TEMPLATE.resourceCountIs("AWS::CloudWatch::Dashboard", 1);
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
        .hasMessageContaining("bundle-index/target/function.zip")
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
