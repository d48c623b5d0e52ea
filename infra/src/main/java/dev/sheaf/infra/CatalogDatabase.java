package dev.sheaf.infra;

import static java.util.Objects.requireNonNull;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
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
import software.amazon.awscdk.services.rds.ClusterInstance;
import software.amazon.awscdk.services.rds.Credentials;
import software.amazon.awscdk.services.rds.DatabaseCluster;
import software.amazon.awscdk.services.rds.DatabaseClusterEngine;
import software.amazon.awscdk.services.rds.ServerlessV2ClusterInstanceProps;
import software.constructs.Construct;

/**
 * The Postgres behind the RDS Data API. Functions reach it over HTTPS with IAM, never over the
 * network of its VPC, which therefore has no way in or out.
 */
final class CatalogDatabase extends Construct {
  private final String clusterArn;
  private final String secretArn;
  private final Map<String, String> variables = new HashMap<>();

  CatalogDatabase(Construct scope, Site site) {
    super(scope, "Catalog");
    switch (site.catalog()) {
      case CatalogChoice.Aurora aurora -> {
        DatabaseCluster cluster = cluster(site, aurora);
        this.clusterArn = cluster.getClusterArn();
        this.secretArn = requireNonNull(cluster.getSecret()).getSecretArn();
      }
      case CatalogChoice.Existing existing -> {
        this.clusterArn = existing.cluster();
        this.secretArn = existing.secret();
        existing.endpoint().ifPresent(url -> variables.put("AWS_ENDPOINT_URL_RDS_DATA", url));
      }
    }
    variables.put("SHEAF_CATALOG_ARN", clusterArn);
    variables.put("SHEAF_CATALOG_SECRET_ARN", secretArn);
    variables.put("SHEAF_CATALOG_DATABASE", site.catalog().database());
  }

  String clusterArn() {
    return clusterArn;
  }

  String secretArn() {
    return secretArn;
  }

  /** How a function finds the catalog. */
  Map<String, String> variables() {
    return variables;
  }

  private DatabaseCluster cluster(Site site, CatalogChoice.Aurora aurora) {
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
    DatabaseCluster.Builder cluster =
        DatabaseCluster.Builder.create(this, "Cluster")
            .clusterIdentifier(site.resource("catalog"))
            .engine(
                DatabaseClusterEngine.auroraPostgres(
                    AuroraPostgresClusterEngineProps.builder()
                        .version(AuroraPostgresEngineVersion.VER_17_5)
                        .build()))
            .defaultDatabaseName(aurora.database())
            .credentials(Credentials.fromGeneratedSecret("sheaf"))
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
    if (aurora.leastCapacity() == 0) {
      cluster.serverlessV2AutoPauseDuration(Duration.minutes(aurora.pauseAfterMinutes()));
    }
    return cluster.build();
  }

  private SecurityGroup closed(Vpc vpc) {
    return SecurityGroup.Builder.create(this, "Closed")
        .vpc(vpc)
        .description("Nobody connects to the catalog but the Data API, which needs no rule.")
        .allowAllOutbound(false)
        .build();
  }
}
