package dev.sheaf.infra;

import java.util.Map;
import software.amazon.awscdk.Duration;
import software.amazon.awscdk.services.cloudwatch.Metric;

/** The rule that wakes up jobs whose message was lost. */
record WakeUpWatch(Site site) {

  /** Its rule calls no function of its own: what it sends is counted, and what did not arrive. */
  void addTo(Board board) {
    Metric sent = wakeUps("Invocations", Triggers.wakeUpEvery(site));
    Metric refused = wakeUps("FailedInvocations", Duration.minutes(5));
    board
        .alarms()
        .silent(
            "WakeUpsStopped",
            sent,
            Alarms.RUNS_MISSED,
            "Nobody looked for jobs whose message was lost three times in a row; see the rule that"
                + " sends the wake-up.");
    board
        .alarms()
        .once(
            "WakeUpsRefused",
            refused,
            1,
            "The queue of uploads did not take a wake-up; see its policy and the rule that sends it.");
  }

  private Metric wakeUps(String name, Duration period) {
    return Metric.Builder.create()
        .namespace("AWS/Events")
        .metricName(name)
        .dimensionsMap(Map.of("RuleName", site.resource(Triggers.WAKE_UP)))
        .statistic("Sum")
        .period(period)
        .build();
  }
}
