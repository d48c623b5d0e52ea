package dev.sheaf.infra;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import software.amazon.awscdk.assertions.Match;
import software.amazon.awscdk.assertions.Template;

/** Which queue and which schedule calls which function. */
@NeedsNode
class TriggersTest {
  private static final Template TEMPLATE = Synthesized.ofDefaultSite();

  @Test
  void theQueueFeedsTheIndexWithPartialBatchesAndBoundedConcurrency() {
    TEMPLATE.hasResourceProperties(
        "AWS::Lambda::EventSourceMapping",
        Map.of(
            "FunctionResponseTypes",
            List.of("ReportBatchItemFailures"),
            "BatchSize",
            1,
            "ScalingConfig",
            Map.of("MaximumConcurrency", 10)));
    Synthesized.template("indexConcurrency", "3")
        .hasResourceProperties(
            "AWS::Lambda::EventSourceMapping",
            Map.of("ScalingConfig", Map.of("MaximumConcurrency", 3)));
  }

  @Test
  void compactionRunsOnScheduleAndIsNotRepeated() {
    TEMPLATE.hasResourceProperties(
        "AWS::Events::Rule", Map.of("ScheduleExpression", "rate(5 minutes)"));
    TEMPLATE.hasResourceProperties(
        "AWS::Lambda::EventInvokeConfig", Map.of("MaximumRetryAttempts", 0));
    Synthesized.template("compactionEveryMinutes", "1")
        .hasResourceProperties("AWS::Events::Rule", Map.of("ScheduleExpression", "rate(1 minute)"));
  }

  /** Not every hour where that would keep a catalog awake that is to pause. */
  @Test
  void repairRunsOnScheduleAndGoesOnByItsOwnQueue() {
    TEMPLATE.hasResourceProperties(
        "AWS::Events::Rule",
        Map.of("Name", "sheaf-main-repair", "ScheduleExpression", "rate(6 hours)"));
    Synthesized.template("catalogLeastCapacity", "1")
        .hasResourceProperties("AWS::Events::Rule", Map.of("ScheduleExpression", "rate(1 hour)"));
    Synthesized.template("repairEveryMinutes", "720")
        .hasResourceProperties("AWS::Events::Rule", Map.of("ScheduleExpression", "rate(12 hours)"));
    TEMPLATE.hasResourceProperties(
        "AWS::SQS::Queue", Map.of("QueueName", "sheaf-main-repairs", "VisibilityTimeout", 1200));
    assertThat(
            Resources.function(Synthesized.template("bundlesExpireAfterDays", "90"), "repair")
                .at("/Properties/Environment/Variables/SHEAF_BUNDLES_EXPIRE_DAYS")
                .asText())
        .isEqualTo("90");
  }

  /** The test of what reads it holds it against the same file. */
  @Test
  void jobsWhoseMessageWasLostAreWokenWithoutKeepingAPausedCatalogAwake() throws IOException {
    String wakeUp = Files.readString(Path.of("../events/wake-up-all.json")).strip();
    Map<String, Object> toTheQueue =
        Map.of(
            "ScheduleExpression",
            "rate(6 hours)",
            "Targets",
            List.of(Match.objectLike(Map.of("Input", wakeUp))));
    TEMPLATE.hasResourceProperties("AWS::Events::Rule", toTheQueue);
    Template.fromStack(Synthesized.onExistingCatalog())
        .resourcePropertiesCountIs(
            "AWS::Events::Rule", Map.of("ScheduleExpression", "rate(5 minutes)"), 2);
  }
}
