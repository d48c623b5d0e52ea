package dev.sheaf.infra;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import software.amazon.awscdk.assertions.Match;
import software.amazon.awscdk.assertions.Template;

/** What a site with peers has more than others. */
@NeedsNode
class PeersTest {
  private static final Template TEMPLATE = Synthesized.ofDefaultSite();

  /** Without peers there is nothing to follow, and nothing to pay for. */
  @Test
  void peersAreFollowedEveryMinuteWhereThereAreSome() {
    assertThat(TEMPLATE.toJSON().toString()).doesNotContain("peer-sync", "SHEAF_PEERS");
    Template peers = Template.fromStack(Synthesized.withPeers());
    peers.hasResourceProperties(
        "AWS::Events::Rule",
        Map.of("Name", "sheaf-main-peer-sync", "ScheduleExpression", "rate(1 minute)"));
    peers.hasResourceProperties(
        "AWS::Lambda::Function",
        Map.of(
            "FunctionName",
            "sheaf-main-peer-sync",
            "Environment",
            Map.of(
                "Variables",
                Match.objectLike(
                    Map.of(
                        "SHEAF_SELF", "https://one.example/live",
                        "SHEAF_PEERS", "https://two.example/live,https://three.example")))));
    for (String reader : List.of("api", "compaction")) {
      peers.hasResourceProperties(
          "AWS::Lambda::Function",
          Map.of(
              "FunctionName",
              "sheaf-main-" + reader,
              "Environment",
              Map.of(
                  "Variables",
                  Match.objectLike(
                      Map.of(
                          "SHEAF_PEERS", "https://two.example/live,https://three.example",
                          "SHEAF_OPS_RETENTION_DAYS", "30")))));
    }
    assertThat(Resources.of(peers, "AWS::CloudWatch::Alarm"))
        .extracting(alarm -> alarm.at("/Properties/AlarmName").asText())
        .contains(
            "sheaf-main-FollowsGivenUp",
            "sheaf-main-LongAwaited",
            "sheaf-main-OpsFailed",
            "sheaf-main-PeersInGap",
            "sheaf-main-PeersLost",
            "sheaf-main-PeersUnreachable",
            "sheaf-main-PeerSyncErrors",
            "sheaf-main-PeerSyncStopped");
    // An hour of failing peers, a quarter of one in a gap; what cannot be applied at once.
    Map.of(
            "PeersUnreachable",
            12,
            "PeersLost",
            12,
            "PeersInGap",
            3,
            "LongAwaited",
            3,
            "OpsFailed",
            1)
        .forEach((id, periods) -> {
          assertThat(Resources.alarm(peers, id).path("Threshold").asInt()).as(id).isEqualTo(1);
          assertThat(Resources.alarm(peers, id).path("Period").asInt()).as(id).isEqualTo(300);
          assertThat(Resources.alarm(peers, id).path("EvaluationPeriods").asInt())
              .as(id)
              .isEqualTo(periods);
        });
    assertThat(Resources.alarm(peers, "PeerSyncStopped").path("TreatMissingData").asText())
        .isEqualTo("breaching");
    assertThat(Resources.only(peers, "AWS::CloudWatch::Dashboard").toString())
        .contains("Duration of peer-sync", "PeersUnreachable", "AwaitedForAnHour", "Gaps")
        .contains("RetentionOpsDeleted", "DormantOpsDeleted", "HeldRows", "PinnedSince");
  }

  /** Several at a time do no harm, and are one run: two, so that one that lasts stops nobody. */
  @Test
  void whoDoesNotWaitForTheScheduleAsksByAQueue() {
    assertThat(TEMPLATE.toJSON().toString()).doesNotContain("sheaf-main-follows");
    Template peers = Template.fromStack(Synthesized.withPeers());
    peers.hasResourceProperties(
        "AWS::SQS::Queue",
        Map.of(
            "QueueName", "sheaf-main-follows",
            "MessageRetentionPeriod", 3600,
            "VisibilityTimeout", 600));
    peers.hasResourceProperties(
        "AWS::Lambda::EventSourceMapping",
        Match.objectLike(
            Map.of(
                "BatchSize", 1,
                "EventSourceArn",
                    Map.of("Fn::GetAtt", List.of(Match.stringLikeRegexp("FollowsQueue.*"), "Arn")),
                "ScalingConfig", Map.of("MaximumConcurrency", 2))));
    assertThat(
            Resources.function(peers, "api")
                .at("/Properties/Environment/Variables/SHEAF_FOLLOW_QUEUE_URL")
                .path("Ref")
                .asText())
        .startsWith("FollowsQueue");
  }
}
