package dev.sheaf.infra;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import software.amazon.awscdk.assertions.Match;
import software.amazon.awscdk.assertions.Template;

/** The cluster of a site, or the one that it is given, and the role of its functions. */
@NeedsNode
class CatalogTest {
  private static final Template TEMPLATE = Synthesized.ofDefaultSite();

  @Test
  void theCatalogSleepsWhenIdleAndAnswersTheDataApi() {
    TEMPLATE.hasResourceProperties(
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
    TEMPLATE.hasResourceProperties(
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
    return Resources.function(TEMPLATE, function)
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
      assertThat(Resources.function(TEMPLATE, function).path("DependsOn").toString())
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
    JsonNode variables =
        Resources.function(template, "api").at("/Properties/Environment/Variables");
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
            Resources.function(template, "catalog-role")
                .at("/Properties/Environment/Variables/SHEAF_CATALOG_SECRET_ARN")
                .asText())
        .isEqualTo(Synthesized.SECRET);
    assertThat(
            Resources.function(template, "api")
                .at("/Properties/Environment/Variables/SHEAF_CATALOG_SECRET_ARN")
                .toString())
        .startsWith("{\"Ref\":\"CatalogRoleSecret");
  }
}
