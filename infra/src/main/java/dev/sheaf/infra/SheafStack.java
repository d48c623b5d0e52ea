package dev.sheaf.infra;

import java.util.List;
import java.util.Optional;
import software.amazon.awscdk.CfnOutput;
import software.amazon.awscdk.Stack;
import software.amazon.awscdk.StackProps;
import software.amazon.awscdk.TagProps;
import software.amazon.awscdk.Tags;
import software.constructs.Construct;

/**
 * One site: what it keeps ({@link Stores}); the functions over it ({@link Functions}), and what
 * each may do ({@link Rights}); what calls the functions ({@link Triggers}, {@link Gateway}), and
 * what watches them ({@link Monitoring}).
 */
final class SheafStack extends Stack {
  SheafStack(Construct scope, Site site, Archives archives) {
    super(scope, "Sheaf-" + site.name(), properties(site));
    Stores stores = Stores.of(this, site);
    Optional<CatalogRole> catalogRole = catalogRole(site, archives, stores.catalog());
    Functions functions = new Functions(this, site, archives, stores);
    Rights.give(site, stores, functions);
    // Who is in the catalog under a new name or password is so before any function tries.
    catalogRole.ifPresent(
        role -> functions.onCatalog().forEach(function -> role.precedes(function.function())));
    Triggers.addTo(this, site, stores, functions);
    Gateway gateway = new Gateway(this, site, functions.api());
    new Monitoring(this, site, stores, functions, gateway);
    outputs(stores, functions, gateway);
    tag(site);
  }

  private static StackProps properties(Site site) {
    return StackProps.builder()
        .stackName("sheaf-" + site.name())
        .description("Sheaf, a content-addressed bundle store: site " + site.name())
        .build();
  }

  private Optional<CatalogRole> catalogRole(Site site, Archives archives, CatalogDatabase catalog) {
    return catalog
        .masterSecretArn()
        .map(master -> new CatalogRole(this, site, archives, catalog, master));
  }

  /**
   * Dashboards have had tags for a short time only: not every region's CloudFormation knows them.
   */
  private void tag(Site site) {
    TagProps tagged =
        TagProps.builder().excludeResourceTypes(List.of("AWS::CloudWatch::Dashboard")).build();
    Tags.of(this).add("sheaf:site", site.name(), tagged);
  }

  private void outputs(Stores stores, Functions functions, Gateway gateway) {
    output("ApiUrl", gateway.api().getUrl(), "The address that clients use");
    output("Bucket", stores.bucket().getBucketName(), "The bucket of the site");
    output("UploadsQueue", stores.uploads().queue().getQueueUrl(), "Uploads waiting to be indexed");
    output("DeadLetterQueue", stores.uploads().deadLetters().getQueueUrl(), "Uploads given up");
    functions
        .peerSync()
        .ifPresent(peers ->
            output(
                "PeerTokensSecret",
                peers.tokens().getSecretName(),
                "Put the URL of each peer here with the token that it gave this site"));
    output(
        "TokensSecret",
        stores.tokens().getSecretName(),
        "Put the entries of `sheaf token new` here");
  }

  private void output(String name, String value, String description) {
    CfnOutput.Builder.create(this, name).value(value).description(description).build();
  }
}
