package dev.sheaf.infra;

import java.util.List;
import java.util.Map;
import software.amazon.awscdk.CustomResource;
import software.amazon.awscdk.Duration;
import software.amazon.awscdk.RemovalPolicy;
import software.constructs.Construct;
import software.constructs.IConstruct;

/**
 * Makes the Postgres role that the other functions are, with each deploy that changes something
 * about it. The only one who may read the secret of the cluster's master is the function behind it,
 * which nothing calls but CloudFormation.
 */
final class CatalogRole extends Construct {
  /** A paused cluster takes its time to wake up. */
  private static final Duration TIMEOUT = Duration.minutes(3);

  private final CustomResource made;

  /**
   * @param master ARN of the secret of a user who may make roles
   */
  CatalogRole(
      Construct scope, Site site, Archives archives, CatalogDatabase catalog, String master) {
    super(scope, "CatalogRole");
    SheafFunction function = function(site, archives, catalog, master);
    function.allow(Rights.DATA_API, catalog.clusterArn());
    function.allow(List.of("secretsmanager:GetSecretValue"), master, catalog.roleSecretArn());
    this.made =
        CustomResource.Builder.create(this, "Made")
            .resourceType("Custom::CatalogRole")
            .serviceToken(function.live().getFunctionArn())
            .serviceTimeout(TIMEOUT.plus(Duration.minutes(2)))
            // CloudFormation calls again when one of these changes.
            .properties(
                Map.of(
                    "Cluster", catalog.clusterArn(),
                    "Database", site.catalog().database(),
                    "Maker", function.function().getCurrentVersion().getVersion(),
                    "Role", site.databaseRole(),
                    "Secret", catalog.roleSecretArn()))
            // Its tables stay, and so does the role that owns them.
            .removalPolicy(RemovalPolicy.RETAIN)
            .build();
    made.getNode().addDependency(function.role());
    catalog.cluster().ifPresent(made.getNode()::addDependency);
  }

  private SheafFunction function(
      Site site, Archives archives, CatalogDatabase catalog, String master) {
    Map<String, String> variables = catalog.variables(master);
    variables.put("SHEAF_CATALOG_ROLE", site.databaseRole());
    variables.put("SHEAF_CATALOG_ROLE_SECRET_ARN", catalog.roleSecretArn());
    return new SheafFunction(
        this,
        site,
        archives.of("catalog-role"),
        new SheafFunction.Settings(
            "catalog-role",
            "Maker",
            "dev.sheaf.catalogrole.CatalogRoleHandler::handleRequest",
            "Makes the Postgres role of the site's functions; runs at deploys",
            1024,
            TIMEOUT),
        variables);
  }

  /** This must not be before the role is there. */
  void precedes(IConstruct dependent) {
    dependent.getNode().addDependency(made);
  }
}
