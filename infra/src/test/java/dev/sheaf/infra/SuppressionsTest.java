package dev.sheaf.infra;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awscdk.App;
import software.amazon.awscdk.AppProps;
import software.amazon.awscdk.assertions.Annotations;
import software.amazon.awscdk.assertions.Match;
import software.amazon.awscdk.services.sns.Topic;

/** cdk-nag runs whenever the app does, and finds nothing that is not accepted with a reason. */
@NeedsNode
class SuppressionsTest {
  private static final String RULES = "AwsSolutions-.*";

  @Test
  void withACatalogOfItsOwn() {
    assertClean(Synthesized.checked());
  }

  @Test
  void withACatalogThatExists() {
    assertClean(
        Synthesized.checked(
            "catalogArn", Synthesized.CLUSTER, "catalogMasterSecretArn", Synthesized.SECRET));
    assertClean(
        Synthesized.checked(
            "catalogArn", Synthesized.CLUSTER, "catalogRoleSecretArn", Synthesized.SECRET));
  }

  @Test
  void withEveryOtherChoice() {
    assertClean(
        Synthesized.checked(
            "retain", "false",
            "accountLogRole", "false",
            "alarmTopic", "arn:aws:sns:eu-central-1:000000000000:alarms",
            "self", "https://one.example/live",
            "peers", "https://two.example/live",
            "sweepPublic", "true"));
  }

  @Test
  void aFindingThatNobodyAcceptedIsAnErrorOfTheSynthesis() {
    SheafStack stack = Synthesized.checked();
    Topic.Builder.create(stack, "Open").build();
    assertThat(messages(stack)).anyMatch(message -> message.contains("AwsSolutions-SNS3"));
  }

  /** What a stack accepts as a whole, it accepts of resources that nobody has thought of yet. */
  @Test
  void eachAcceptanceIsOfOneResourceAndHasAReasonAndAFinding(@TempDir Path assembly)
      throws IOException {
    App app = new App(AppProps.builder().outdir(assembly.toString()).build());
    Site site = Site.from(new Context(Map.of()));
    SheafStack stack = SheafApp.addSite(app, site, Synthesized.archives());
    app.synth();
    JsonNode template =
        new ObjectMapper().readTree(assembly.resolve("Sheaf-main.template.json").toFile());
    assertThat(template.at("/Metadata/cdk_nag").isMissingNode()).isTrue();
    Set<String> accepted = new TreeSet<>();
    template
        .path("Resources")
        .properties()
        .forEach(resource ->
            resource
                .getValue()
                .at("/Metadata/cdk_nag/rules_to_suppress")
                .forEach(rule -> {
                  assertThat(rule.path("reason").asText()).hasSizeGreaterThan(20);
                  accepted.add(resource.getKey() + " " + rule.path("id").asText());
                }));
    assertThat(accepted).isNotEmpty().isEqualTo(found(stack, assembly));
  }

  /** Logical ids and rules of the findings that were accepted, from cdk-nag's own report. */
  private static Set<String> found(SheafStack stack, Path assembly) throws IOException {
    Set<String> found = new TreeSet<>();
    for (String line : Files.readAllLines(report(assembly))) {
      String[] cells = line.split("\",\"", -1);
      if (cells.length > 2 && cells[2].equals("Suppressed")) {
        String rule = cells[0].substring(1).replaceFirst("\\[.*", "");
        found.add(logicalId(stack, cells[1]) + " " + rule);
      }
    }
    return found;
  }

  private static Path report(Path assembly) throws IOException {
    try (Stream<Path> files = Files.list(assembly)) {
      List<Path> all = files.toList();
      return all.stream()
          .filter(file -> file.getFileName().toString().endsWith("NagReport.csv"))
          .findFirst()
          .orElseThrow(() -> new AssertionError("no report among " + all));
    }
  }

  private static String logicalId(SheafStack stack, String path) {
    var resource =
        stack.getNode().findAll().stream()
            .filter(construct -> construct.getNode().getPath().equals(path))
            .findFirst()
            .orElseThrow();
    return stack.getLogicalId((software.amazon.awscdk.CfnElement) resource);
  }

  private static void assertClean(SheafStack stack) {
    assertThat(messages(stack)).isEmpty();
  }

  // Deprecated, yet the only type that Annotations gives.
  @SuppressWarnings("deprecation")
  private static List<String> messages(SheafStack stack) {
    Annotations found = Annotations.fromStack(stack);
    List<software.amazon.awscdk.cxapi.SynthesisMessage> all = new ArrayList<>();
    all.addAll(found.findError("*", Match.stringLikeRegexp(RULES)));
    all.addAll(found.findWarning("*", Match.stringLikeRegexp(RULES)));
    return all.stream().map(m -> m.getId() + " " + m.getEntry().getData()).toList();
  }
}
