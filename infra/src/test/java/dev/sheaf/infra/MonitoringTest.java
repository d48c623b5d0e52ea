package dev.sheaf.infra;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import software.amazon.awscdk.assertions.Match;
import software.amazon.awscdk.assertions.Template;

/** When somebody is asked to look, and what it is counted from. */
@NeedsNode
class MonitoringTest {
  private static final Template TEMPLATE = Synthesized.ofDefaultSite();

  /** A day in which no cycle has ended, whatever their number. */
  @Test
  void aRepairThatComesToNoEndIsNoticed() {
    JsonNode alarm = Resources.alarm(TEMPLATE, "RepairUnfinished");
    assertThat(alarm.path("TreatMissingData").asText()).isEqualTo("breaching");
    assertThat(alarm.path("Period").asInt()).isEqualTo(86_400);
    assertThat(Resources.alarm(TEMPLATE, "LossDeclared").path("Threshold").asInt()).isEqualTo(1);
    assertThat(Resources.alarm(TEMPLATE, "RepairErrors").path("Threshold").asInt()).isEqualTo(1);
    assertThat(Resources.alarm(TEMPLATE, "RepairsGivenUp").path("Threshold").asInt()).isEqualTo(1);
  }

  /** Two refusals in a row are seen however far apart cycles are, and one that is late is none. */
  @Test
  void alarmsOfRepairGoByItsSchedule() {
    for (int every : List.of(60, 360, 1_440)) {
      Template template = Synthesized.template("repairEveryMinutes", Integer.toString(every));
      JsonNode refused = Resources.alarm(template, "RepairIndexRefused");
      assertThat(refused.path("Threshold").asInt()).isEqualTo(1);
      assertThat(refused.path("Period").asInt()).isEqualTo(60 * every);
      assertThat(refused.path("EvaluationPeriods").asInt()).isEqualTo(2);
      JsonNode unfinished = Resources.alarm(template, "RepairUnfinished");
      int window = unfinished.path("Period").asInt() * unfinished.path("EvaluationPeriods").asInt();
      assertThat(window)
          .as("of cycles every %d minutes", every)
          .isGreaterThanOrEqualTo(120 * every);
    }
  }

  @Test
  void alarmsWatchWhatNeedsSomebody() {
    assertThat(Resources.of(TEMPLATE, "AWS::CloudWatch::Alarm"))
        .extracting(alarm -> alarm.at("/Properties/AlarmName").asText())
        .containsExactlyInAnyOrder(
            "sheaf-main-ApiErrors",
            "sheaf-main-ApiThrottled",
            "sheaf-main-CatalogAwake",
            "sheaf-main-CatalogConnections",
            "sheaf-main-CatalogFull",
            "sheaf-main-CompactionErrors",
            "sheaf-main-CompactionFailed",
            "sheaf-main-CompactionStopped",
            "sheaf-main-FunctionsThrottled",
            "sheaf-main-IndexErrors",
            "sheaf-main-JobsFailed",
            "sheaf-main-JournalPoisoned",
            "sheaf-main-LossDeclared",
            "sheaf-main-RepairErrors",
            "sheaf-main-RepairIndexRefused",
            "sheaf-main-RepairsGivenUp",
            "sheaf-main-RepairUnfinished",
            "sheaf-main-OpsCleanupFailed",
            "sheaf-main-SiteFaults",
            "sheaf-main-UploadsGivenUp",
            "sheaf-main-UploadsWaiting",
            "sheaf-main-WakeUpsRefused",
            "sheaf-main-WakeUpsStopped");
    TEMPLATE.resourceCountIs("AWS::CloudWatch::Dashboard", 1);
  }

  @Test
  void aScheduleThatStoppedIsNoticedByItsSilence() {
    JsonNode alarm =
        Resources.alarm(Synthesized.template("compactionEveryMinutes", "7"), "CompactionStopped");
    assertThat(alarm.path("TreatMissingData").asText()).isEqualTo("breaching");
    assertThat(alarm.path("MetricName").asText()).isEqualTo("Invocations");
    assertThat(alarm.path("Period").asInt()).isEqualTo(7 * 60);
    assertThat(alarm.path("EvaluationPeriods").asInt()).isEqualTo(3);
    assertThat(alarm.path("ComparisonOperator").asText()).isEqualTo("LessThanThreshold");
  }

  @Test
  void aWakeUpThatStoppedIsNoticedByItsSilenceHoweverSeldomItComes() {
    JsonNode rule =
        Resources.of(TEMPLATE, "AWS::Events::Rule").stream()
            .map(resource -> resource.path("Properties"))
            .filter(found -> found.path("Name").asText().endsWith("wake-up"))
            .findFirst()
            .orElseThrow();
    JsonNode seldom = Resources.alarm(TEMPLATE, "WakeUpsStopped");
    assertThat(seldom.at("/Dimensions/0/Name").asText()).isEqualTo("RuleName");
    assertThat(seldom.at("/Dimensions/0/Value")).isEqualTo(rule.path("Name"));
    assertThat(seldom.path("TreatMissingData").asText()).isEqualTo("breaching");
    assertThat(rule.path("ScheduleExpression").asText()).isEqualTo("rate(6 hours)");
    assertThat(seldom.path("Period").asInt()).isEqualTo(6 * 3600);
    JsonNode often =
        Resources.alarm(Synthesized.template("catalogLeastCapacity", "1"), "WakeUpsStopped");
    assertThat(often.path("Period").asInt()).isEqualTo(300);
  }

  /** CloudWatch looks back a week at most, and one day where a period is below an hour. */
  @Test
  void aSilenceIsNoLongerThanCloudWatchLooksBack() {
    for (String every : List.of("1", "59", "60", "1440")) {
      JsonNode alarm =
          Resources.alarm(
              Synthesized.template("compactionEveryMinutes", every), "CompactionStopped");
      int period = alarm.path("Period").asInt();
      assertThat(period * alarm.path("EvaluationPeriods").asInt())
          .isLessThanOrEqualTo(period < 3600 ? 86_400 : 7 * 86_400);
    }
  }

  @Test
  void theCatalogsAlarmsFollowItsSize() {
    assertThat(Resources.alarm(TEMPLATE, "CatalogConnections").path("Threshold").asDouble())
        .isEqualTo(4 * 189 * 0.8);
    Template awake =
        Synthesized.template("catalogLeastCapacity", "1", "catalogMostCapacity", "128");
    assertThat(Resources.alarm(awake, "CatalogConnections").path("Threshold").asDouble())
        .isEqualTo(4000);
    assertThat(Resources.of(awake, "AWS::CloudWatch::Alarm"))
        .extracting(alarm -> alarm.at("/Properties/AlarmName").asText())
        .doesNotContain("sheaf-main-CatalogAwake");
  }

  @Test
  void theCostTableCountsWhatIsPaidFor() throws IOException {
    String readme = Files.readString(Path.of("README.md"));
    int metrics = Resources.of(TEMPLATE, "AWS::Logs::MetricFilter").size();
    int alarms = Resources.of(TEMPLATE, "AWS::CloudWatch::Alarm").size();
    assertThat(readme)
        .contains("| custom metrics (0.30 each, by the hour) | " + metrics + ", counted")
        .contains(" + %d: %.2f + ".formatted(alarms, alarms * 0.1));
  }

  /** Two sites of one account count, and are woken up, each for itself. */
  @Test
  void whatIsCountedFromLogsIsCountedBySite() {
    List<JsonNode> filters = Resources.of(TEMPLATE, "AWS::Logs::MetricFilter");
    assertThat(filters).hasSize(15);
    for (JsonNode filter : filters) {
      JsonNode counted = filter.at("/Properties/MetricTransformations/0");
      assertThat(counted.path("Dimensions").toString())
          .isEqualTo("[{\"Key\":\"Site\",\"Value\":\"$.site\"}]");
    }
    for (String site : List.of("main", "other")) {
      List<JsonNode> own =
          Resources.of(Synthesized.template("site", site), "AWS::CloudWatch::Alarm").stream()
              .filter(alarm -> alarm.at("/Properties/Namespace").asText().equals("Sheaf"))
              .toList();
      assertThat(own).hasSize(9);
      assertThat(own)
          .allSatisfy(alarm ->
              assertThat(alarm.at("/Properties/Dimensions").toString())
                  .isEqualTo("[{\"Name\":\"Site\",\"Value\":\"%s\"}]".formatted(site)));
    }
  }

  @Test
  void alarmsNotifyTheTopicIfThereIsOne() {
    String topic = "arn:aws:sns:eu-central-1:000000000000:alarms";
    Synthesized.template("alarmTopic", topic)
        .allResourcesProperties(
            "AWS::CloudWatch::Alarm", Match.objectLike(Map.of("AlarmActions", List.of(topic))));
  }
}
