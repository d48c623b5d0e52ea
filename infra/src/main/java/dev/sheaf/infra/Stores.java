package dev.sheaf.infra;

import java.util.Optional;
import software.amazon.awscdk.Duration;
import software.amazon.awscdk.SecretValue;
import software.amazon.awscdk.services.s3.Bucket;
import software.amazon.awscdk.services.secretsmanager.Secret;
import software.constructs.Construct;

/**
 * What keeps something between two invocations: the functions are told its names.
 *
 * @param tokens hashes of the tokens of whoever may use the site
 * @param uploads to be indexed
 * @param repairs that go on
 * @param follows of peers that do not wait for the schedule; none without peers
 */
record Stores(
    SiteBucket siteBucket,
    CatalogDatabase catalog,
    Secret tokens,
    WorkQueue uploads,
    WorkQueue repairs,
    Optional<WorkQueue> follows) {

  static Stores of(Construct scope, Site site) {
    WorkQueue uploads =
        new WorkQueue(scope, "Uploads", site, Duration.days(14), Functions.INDEX_TIMEOUT);
    return new Stores(
        new SiteBucket(scope, site, uploads.queue()),
        new CatalogDatabase(scope, site),
        tokens(scope, site),
        uploads,
        // The schedule goes on with a cycle all the same.
        new WorkQueue(scope, "Repairs", site, Duration.days(1), Functions.REPAIR_TIMEOUT),
        follows(scope, site));
  }

  /** Whoever asked an hour ago has long been served by the schedule. */
  private static Optional<WorkQueue> follows(Construct scope, Site site) {
    return site.peering().hasPeers()
        ? Optional.of(new WorkQueue(scope, "Follows", site, Duration.hours(1), PeerSync.TIMEOUT))
        : Optional.empty();
  }

  /** Holds hashes of tokens, put there by whoever runs the site; an update leaves them alone. */
  private static Secret tokens(Construct scope, Site site) {
    Secret secret =
        Secret.Builder.create(scope, "Tokens")
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

  Bucket bucket() {
    return siteBucket.bucket();
  }
}
