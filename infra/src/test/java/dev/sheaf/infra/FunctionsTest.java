package dev.sheaf.infra;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import software.amazon.awscdk.assertions.Match;
import software.amazon.awscdk.assertions.Template;

/** What the functions run on, and what they are told. */
@NeedsNode
class FunctionsTest {
  private static final Template TEMPLATE = Synthesized.ofDefaultSite();

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
    return () ->
        Resources.function(TEMPLATE, function).at("/Properties/Environment/Variables").fieldNames();
  }

  @Test
  void repairReadsAnInventoryWhereOneIsAskedFor() {
    Template template = Synthesized.template("repairFromInventory", "true");
    assertThat(
            Resources.function(template, "repair")
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

  @Test
  void logsExpire() {
    TEMPLATE.allResourcesProperties(
        "AWS::Logs::LogGroup", Match.objectLike(Map.of("RetentionInDays", 30)));
    TEMPLATE.resourceCountIs("AWS::Logs::LogGroup", 6);
  }
}
