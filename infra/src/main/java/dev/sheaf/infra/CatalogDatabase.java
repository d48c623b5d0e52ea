package dev.sheaf.infra;

import static java.util.Objects.requireNonNull;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import software.amazon.awscdk.Duration;
import software.amazon.awscdk.RemovalPolicy;
import software.amazon.awscdk.services.ec2.SecurityGroup;
import software.amazon.awscdk.services.ec2.SubnetConfiguration;
import software.amazon.awscdk.services.ec2.SubnetSelection;
import software.amazon.awscdk.services.ec2.SubnetType;
import software.amazon.awscdk.services.ec2.Vpc;
import software.amazon.awscdk.services.rds.AuroraPostgresClusterEngineProps;
import software.amazon.awscdk.services.rds.AuroraPostgresEngineVersion;
import software.amazon.awscdk.services.rds.BackupProps;
import software.amazon.awscdk.services.rds.CfnDBCluster;
import software.amazon.awscdk.services.rds.ClusterInstance;
import software.amazon.awscdk.services.rds.Credentials;
import software.amazon.awscdk.services.rds.DatabaseCluster;
import software.amazon.awscdk.services.rds.DatabaseClusterEngine;
import software.amazon.awscdk.services.rds.ServerlessV2ClusterInstanceProps;
import software.amazon.awscdk.services.secretsmanager.Secret;
import software.amazon.awscdk.services.secretsmanager.SecretStringGenerator;
import software.constructs.Construct;

/**
 * The Postgres behind the RDS Data API, and who the functions are in it. Functions reach it over
 * HTTPS with IAM, never over the network of its VPC, which therefore has no way in or out.
 */
final class CatalogDatabase extends Construct {
  private final Site site;
  private final String clusterArn;
  private final Optional<DatabaseCluster> cluster;

  /** Empty if somebody else has made the role. */
  private final Optional<String> masterSecretArn;

  private final String roleSecretArn;

  CatalogDatabase(Construct scope, Site site) {
    super(scope, "Catalog");
    this.site = site;
    switch (site.catalog()) {
      case CatalogChoice.Aurora aurora -> {
        DatabaseCluster made = cluster(aurora);
        this.cluster = Optional.of(made);
        this.clusterArn = made.getClusterArn();
        // The password is RDS's own affair, which changes it every week.
        CfnDBCluster raw = (CfnDBCluster) requireNonNull(made.getNode().getDefaultChild());
        this.masterSecretArn = Optional.of(raw.getAttrMasterUserSecretSecretArn());
        this.roleSecretArn = roleSecret();
      }
      case CatalogChoice.Existing existing -> {
        this.cluster = Optional.empty();
        this.clusterArn = existing.cluster();
        switch (existing.access()) {
          case CatalogChoice.Access.Master master -> {
            this.masterSecretArn = Optional.of(master.secret());
            this.roleSecretArn = roleSecret();
          }
          case CatalogChoice.Access.Role role -> {
            this.masterSecretArn = Optional.empty();
            this.roleSecretArn = role.secret();
          }
        }
      }
    }
  }

  String clusterArn() {
    return clusterArn;
  }

  /** The cluster, if it is this stack's own. */
  Optional<DatabaseCluster> cluster() {
    return cluster;
  }

  /** The secret of whoever makes the role; empty if the role is there. */
  Optional<String> masterSecretArn() {
    return masterSecretArn;
  }

  /** The secret of the role that the functions are in Postgres. */
  String roleSecretArn() {
    return roleSecretArn;
  }

  /** How a function finds the catalog, and who it is there. */
  Map<String, String> variables(String secretArn) {
    Map<String, String> variables = new HashMap<>();
    variables.put("SHEAF_CATALOG_ARN", clusterArn);
    variables.put("SHEAF_CATALOG_SECRET_ARN", secretArn);
    variables.put("SHEAF_CATALOG_DATABASE", site.catalog().database());
    if (site.catalog() instanceof CatalogChoice.Existing existing) {
      existing.endpoint().ifPresent(url -> variables.put("AWS_ENDPOINT_URL_RDS_DATA", url));
    }
    return variables;
  }

  /** Goes with the stack: the next one gives the role a password anew. */
  private String roleSecret() {
    Secret secret =
        Secret.Builder.create(this, "RoleSecret")
            .secretName(site.resource("catalog-role"))
            .description("The Postgres role of the functions of Sheaf site " + site.name())
            .generateSecretString(
                SecretStringGenerator.builder()
                    .secretStringTemplate("{\"username\":\"" + site.databaseRole() + "\"}")
                    .generateStringKey("password")
                    .passwordLength(40)
                    .excludePunctuation(true)
                    .build())
            .removalPolicy(RemovalPolicy.DESTROY)
            .build();
    Findings.accept(
        secret,
        "SMG4",
        "Its role may do nothing but keep the catalog; whoever wants another password puts one and"
            + " invokes the function that gives it to the role.");
    return secret.getSecretArn();
  }

  private DatabaseCluster cluster(CatalogChoice.Aurora aurora) {
    Vpc vpc =
        Vpc.Builder.create(this, "Network")
            .vpcName(site.resource("catalog"))
            .maxAzs(2)
            .natGateways(0)
            .restrictDefaultSecurityGroup(false)
            .subnetConfiguration(
                List.of(
                    SubnetConfiguration.builder()
                        .name("database")
                        .subnetType(SubnetType.PRIVATE_ISOLATED)
                        .cidrMask(26)
                        .build()))
            .build();
    Findings.accept(
        vpc, "VPC7", "Nothing is in it but the catalog, and no rule lets traffic in or out.");
    DatabaseCluster.Builder builder =
        DatabaseCluster.Builder.create(this, "Cluster")
            .clusterIdentifier(site.resource("catalog"))
            .engine(
                DatabaseClusterEngine.auroraPostgres(
                    AuroraPostgresClusterEngineProps.builder()
                        .version(AuroraPostgresEngineVersion.VER_17_5)
                        .build()))
            .defaultDatabaseName(aurora.database())
            .credentials(Credentials.fromUsername("sheaf"))
            .manageMasterUserPassword(true)
            .enableDataApi(true)
            .storageEncrypted(true)
            .iamAuthentication(true)
            .deletionProtection(site.retain())
            .removalPolicy(site.retain() ? RemovalPolicy.SNAPSHOT : RemovalPolicy.DESTROY)
            .backup(BackupProps.builder().retention(Duration.days(7)).build())
            .copyTagsToSnapshot(true)
            .vpc(vpc)
            .vpcSubnets(SubnetSelection.builder().subnetType(SubnetType.PRIVATE_ISOLATED).build())
            .securityGroups(List.of(closed(vpc)))
            .serverlessV2MinCapacity(aurora.leastCapacity())
            .serverlessV2MaxCapacity(aurora.mostCapacity())
            .writer(
                ClusterInstance.serverlessV2(
                    "Writer",
                    ServerlessV2ClusterInstanceProps.builder()
                        .publiclyAccessible(false)
                        .autoMinorVersionUpgrade(true)
                        .build()));
    if (aurora.pauses()) {
      builder.serverlessV2AutoPauseDuration(Duration.minutes(aurora.pauseAfterMinutes()));
    }
    DatabaseCluster made = builder.build();
    if (!site.retain()) {
      Findings.accept(made, "RDS10", "Whoever sets sheaf:retain=false wants it to go.");
    }
    return made;
  }

  private SecurityGroup closed(Vpc vpc) {
    return SecurityGroup.Builder.create(this, "Closed")
        .vpc(vpc)
        .description("Nobody connects to the catalog but the Data API, which needs no rule.")
        .allowAllOutbound(false)
        .build();
  }
}
