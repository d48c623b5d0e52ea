package dev.sheaf.infra;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import software.amazon.awscdk.assertions.Match;
import software.amazon.awscdk.assertions.Template;

/** What the bucket and the queues promise, one test a promise. */
@NeedsNode
class StoresTest {
  private static final Template TEMPLATE = Synthesized.ofDefaultSite();

  @Test
  void theBucketIsPrivateAndEncrypted() {
    TEMPLATE.hasResourceProperties(
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
    TEMPLATE.hasResourceProperties("AWS::S3::BucketPolicy", document);
    TEMPLATE.allResourcesProperties("AWS::SQS::QueuePolicy", Match.objectLike(document));
  }

  @Test
  void packsAndAbortedUploadsExpireAndBundlesStay() {
    assertThat(lifecycle(TEMPLATE))
        .contains("aborted-uploads", "packs", "incoming/", "copies/", "damaged/")
        .doesNotContain("bundles/");
    Template other =
        Synthesized.template("bundlesColdAfterDays", "30", "bundlesExpireAfterDays", "400");
    assertThat(lifecycle(other)).contains("bundles/", "\"ExpirationInDays\":400", "STANDARD_IA");
  }

  @Test
  void uploadsAreAnnouncedByTheBucketItself() {
    TEMPLATE.hasResourceProperties(
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
    TEMPLATE.hasResourceProperties(
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
    TEMPLATE.hasResourceProperties(
        "AWS::SQS::Queue",
        Map.of(
            "VisibilityTimeout",
            15 * 60 + 5 * 60,
            "SqsManagedSseEnabled",
            true,
            "RedrivePolicy",
            Match.objectLike(Map.of("maxReceiveCount", 3))));
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

  private static String lifecycle(Template template) {
    return Resources.only(template, "AWS::S3::Bucket")
        .at("/Properties/LifecycleConfiguration")
        .toString();
  }
}
