package dev.sheaf.infra;

import java.util.ArrayList;
import java.util.List;
import software.amazon.awscdk.services.cloudwatch.Alarm;
import software.amazon.awscdk.services.cloudwatch.ComparisonOperator;
import software.amazon.awscdk.services.cloudwatch.CreateAlarmOptions;
import software.amazon.awscdk.services.cloudwatch.IMetric;
import software.amazon.awscdk.services.cloudwatch.MathExpression;
import software.amazon.awscdk.services.cloudwatch.Metric;
import software.amazon.awscdk.services.cloudwatch.TreatMissingData;
import software.amazon.awscdk.services.cloudwatch.actions.SnsAction;
import software.amazon.awscdk.services.sns.ITopic;
import software.amazon.awscdk.services.sns.Topic;
import software.constructs.Construct;

/** The alarms of a site, all of one make: named after the site, told to its topic if it has one. */
final class Alarms {
  /** One run left out happens; three in a row do not. */
  static final int RUNS_MISSED = 3;

  private final Construct scope;
  private final Site site;
  private final List<Alarm> alarms = new ArrayList<>();

  Alarms(Construct scope, Site site) {
    this.scope = scope;
    this.site = site;
  }

  List<Alarm> all() {
    return List.copyOf(alarms);
  }

  /**
   * Once the metric reaches a number in one period. Where nothing is measured, nothing is wrong.
   */
  void once(String id, IMetric metric, double threshold, String description) {
    lasting(id, metric, threshold, 1, description);
  }

  /** When the metric is at a number or above it for so many periods in a row. */
  void lasting(String id, IMetric metric, double threshold, int periods, String description) {
    add(
        id,
        metric,
        CreateAlarmOptions.builder()
            .threshold(threshold)
            .evaluationPeriods(periods)
            .comparisonOperator(ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD)
            .treatMissingData(TreatMissingData.NOT_BREACHING),
        description);
  }

  /**
   * When nothing was counted for so many periods in a row: that nothing is measured is the fault.
   */
  void silent(String id, IMetric metric, int periods, String description) {
    add(
        id,
        metric,
        CreateAlarmOptions.builder()
            .threshold(1)
            .evaluationPeriods(periods)
            .comparisonOperator(ComparisonOperator.LESS_THAN_THRESHOLD)
            .treatMissingData(TreatMissingData.BREACHING),
        description);
  }

  private void add(
      String id, IMetric metric, CreateAlarmOptions.Builder options, String description) {
    CreateAlarmOptions all =
        options.alarmName(site.resource(id)).alarmDescription(description).build();
    Alarm alarm =
        switch (metric) {
          case Metric plain -> plain.createAlarm(scope, id, all);
          case MathExpression expression -> expression.createAlarm(scope, id, all);
          default -> throw new IllegalArgumentException("no alarm on " + metric);
        };
    site.alarmTopic().ifPresent(arn -> alarm.addAlarmAction(new SnsAction(topic(arn))));
    alarms.add(alarm);
  }

  private ITopic topic(String arn) {
    return scope.getNode().tryFindChild("Topic") instanceof ITopic known
        ? known
        : Topic.fromTopicArn(scope, "Topic", arn);
  }
}
