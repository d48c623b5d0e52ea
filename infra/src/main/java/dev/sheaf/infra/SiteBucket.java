package dev.sheaf.infra;

import static java.util.Objects.requireNonNull;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import software.amazon.awscdk.ArnComponents;
import software.amazon.awscdk.ArnFormat;
import software.amazon.awscdk.Aws;
import software.amazon.awscdk.Duration;
import software.amazon.awscdk.Stack;
import software.amazon.awscdk.services.iam.Effect;
import software.amazon.awscdk.services.iam.PolicyStatement;
import software.amazon.awscdk.services.iam.ServicePrincipal;
import software.amazon.awscdk.services.s3.BlockPublicAccess;
import software.amazon.awscdk.services.s3.Bucket;
import software.amazon.awscdk.services.s3.BucketEncryption;
import software.amazon.awscdk.services.s3.CfnBucket;
import software.amazon.awscdk.services.s3.LifecycleRule;
import software.amazon.awscdk.services.s3.ObjectOwnership;
import software.amazon.awscdk.services.s3.StorageClass;
import software.amazon.awscdk.services.s3.Transition;
import software.amazon.awscdk.services.sqs.Queue;
import software.constructs.Construct;

/**
 * The bucket with its lifecycle, and the announcement of every upload under {@code bundles/} to a
 * queue.
 */
final class SiteBucket extends Construct {
  /** Reports are delivered below it. */
  private static final String INVENTORY = "inventory/";

  /** What repair put aside there is for people to look at. */
  private static final int DAMAGED_DAYS = 90;

  /** A copy that was cut is gone on with within hours. */
  private static final int COPIES_DAYS = 7;

  private static final String DAILY = "daily";
  private static final int INVENTORY_DAYS = 7;

  private final Bucket bucket;

  SiteBucket(Construct scope, Site site, Queue uploads) {
    super(scope, "Store");
    // A name of our own: the queue must let the bucket in before the bucket exists.
    String name = site.resource(Aws.ACCOUNT_ID + "-" + Aws.REGION);
    this.bucket =
        Bucket.Builder.create(this, "Bucket")
            .bucketName(name)
            .blockPublicAccess(BlockPublicAccess.BLOCK_ALL)
            .encryption(BucketEncryption.S3_MANAGED)
            .enforceSsl(true)
            .objectOwnership(ObjectOwnership.BUCKET_OWNER_ENFORCED)
            .removalPolicy(site.removal())
            .lifecycleRules(lifecycle(site))
            .build();
    announceUploads(name, uploads);
    if (site.repairFromInventory()) {
      takeInventory(name);
    }
    Findings.accept(
        bucket,
        "S1",
        "Nobody but the functions and the holders of URLs that they signed can reach the bucket, and"
            + " the functions log what they did.");
  }

  Bucket bucket() {
    return bucket;
  }

  /** Where the daily reports of what is in the bucket lie in it; with a slash at the end. */
  String inventory() {
    return INVENTORY + bucket.getBucketName() + "/" + DAILY + "/";
  }

  private static List<LifecycleRule> lifecycle(Site site) {
    LifecycleRule aborted =
        LifecycleRule.builder()
            .id("aborted-uploads")
            .abortIncompleteMultipartUploadAfter(Duration.days(1))
            .build();
    LifecycleRule packs =
        LifecycleRule.builder()
            .id("packs")
            .prefix("packs/")
            .expiration(Duration.days(site.packsExpireAfterDays()))
            .build();
    // What the muse client sent and no push has taken in: it sends it again.
    LifecycleRule incoming =
        LifecycleRule.builder()
            .id("incoming")
            .prefix("incoming/")
            .expiration(Duration.days(1))
            .build();
    // What came of blobs of peers whose copies nobody goes on with.
    LifecycleRule copies =
        LifecycleRule.builder()
            .id("copies")
            .prefix("copies/")
            .expiration(Duration.days(COPIES_DAYS))
            .build();
    LifecycleRule damaged =
        LifecycleRule.builder()
            .id("damaged")
            .prefix("damaged/")
            .expiration(Duration.days(DAMAGED_DAYS))
            .build();
    LifecycleRule.Builder bundles = LifecycleRule.builder().id("bundles").prefix("bundles/");
    if (site.bundlesColdAfterDays() > 0) {
      bundles.transitions(
          List.of(
              Transition.builder()
                  .storageClass(StorageClass.INFREQUENT_ACCESS)
                  .transitionAfter(Duration.days(site.bundlesColdAfterDays()))
                  .build()));
    }
    if (site.bundlesExpireAfterDays() > 0) {
      bundles.expiration(Duration.days(site.bundlesExpireAfterDays()));
    }
    List<LifecycleRule> rules = new ArrayList<>(List.of(aborted, packs, incoming, copies, damaged));
    if (site.bundlesColdAfterDays() > 0 || site.bundlesExpireAfterDays() > 0) {
      rules.add(bundles.build());
    }
    if (site.repairFromInventory()) {
      rules.add(
          LifecycleRule.builder()
              .id("inventory")
              .prefix(INVENTORY)
              .expiration(Duration.days(INVENTORY_DAYS))
              .build());
    }
    return rules;
  }

  /** A report a day, delivered by S3 into the bucket itself: 0.25 USD for 100 million keys. */
  private void takeInventory(String name) {
    bucket.addToResourcePolicy(
        PolicyStatement.Builder.create()
            .sid("InventoryOfTheBucket")
            .effect(Effect.ALLOW)
            .principals(List.of(new ServicePrincipal("s3.amazonaws.com")))
            .actions(List.of("s3:PutObject"))
            .resources(List.of(bucket.arnForObjects(INVENTORY + "*")))
            .conditions(
                Map.of(
                    "ArnEquals", Map.of("aws:SourceArn", arn(name)),
                    "StringEquals", Map.of("aws:SourceAccount", Aws.ACCOUNT_ID)))
            .build());
    CfnBucket raw = (CfnBucket) requireNonNull(bucket.getNode().getDefaultChild());
    raw.setInventoryConfigurations(
        List.of(
            CfnBucket.InventoryConfigurationProperty.builder()
                .id(DAILY)
                .enabled(true)
                .includedObjectVersions("Current")
                .scheduleFrequency("Daily")
                .optionalFields(List.of("Size", "LastModifiedDate", "ETag"))
                .destination(
                    CfnBucket.DestinationProperty.builder()
                        .bucketArn(arn(name))
                        .format("CSV")
                        .prefix(INVENTORY.substring(0, INVENTORY.length() - 1))
                        .build())
                .build()));
  }

  /**
   * Through the property of the bucket itself: the CDK's own way is a custom resource, one more
   * function with rights on the bucket.
   */
  private void announceUploads(String name, Queue uploads) {
    uploads.addToResourcePolicy(
        PolicyStatement.Builder.create()
            .sid("UploadsOfTheBucket")
            .effect(Effect.ALLOW)
            .principals(List.of(new ServicePrincipal("s3.amazonaws.com")))
            .actions(List.of("sqs:SendMessage"))
            .resources(List.of(uploads.getQueueArn()))
            .conditions(
                Map.of(
                    "ArnEquals", Map.of("aws:SourceArn", arn(name)),
                    "StringEquals", Map.of("aws:SourceAccount", Aws.ACCOUNT_ID)))
            .build());
    CfnBucket raw = (CfnBucket) requireNonNull(bucket.getNode().getDefaultChild());
    raw.setNotificationConfiguration(
        CfnBucket.NotificationConfigurationProperty.builder()
            .queueConfigurations(
                List.of(
                    CfnBucket.QueueConfigurationProperty.builder()
                        .event("s3:ObjectCreated:*")
                        .queue(uploads.getQueueArn())
                        .filter(underBundles())
                        .build()))
            .build());
    bucket.getNode().addDependency(uploads);
  }

  private static CfnBucket.NotificationFilterProperty underBundles() {
    return CfnBucket.NotificationFilterProperty.builder()
        .s3Key(
            CfnBucket.S3KeyFilterProperty.builder()
                .rules(
                    List.of(
                        CfnBucket.FilterRuleProperty.builder()
                            .name("prefix")
                            .value("bundles/")
                            .build()))
                .build())
        .build();
  }

  private String arn(String name) {
    return Stack.of(this)
        .formatArn(
            ArnComponents.builder()
                .service("s3")
                .region("")
                .account("")
                .resource(name)
                .arnFormat(ArnFormat.NO_RESOURCE_NAME)
                .build());
  }
}
