package dev.sheaf.infra;

import java.util.ArrayList;
import java.util.List;
import software.amazon.awscdk.Duration;
import software.amazon.awscdk.services.apigateway.RestApi;
import software.amazon.awscdk.services.cloudwatch.Alarm;
import software.amazon.awscdk.services.cloudwatch.AlarmStatusWidget;
import software.amazon.awscdk.services.cloudwatch.ComparisonOperator;
import software.amazon.awscdk.services.cloudwatch.Dashboard;
import software.amazon.awscdk.services.cloudwatch.GraphWidget;
import software.amazon.awscdk.services.cloudwatch.IMetric;
import software.amazon.awscdk.services.cloudwatch.IWidget;
import software.amazon.awscdk.services.cloudwatch.Metric;
import software.amazon.awscdk.services.cloudwatch.MetricOptions;
import software.amazon.awscdk.services.cloudwatch.TreatMissingData;
import software.amazon.awscdk.services.cloudwatch.actions.SnsAction;
import software.amazon.awscdk.services.logs.FilterPattern;
import software.amazon.awscdk.services.logs.MetricFilter;
import software.amazon.awscdk.services.sns.ITopic;
import software.amazon.awscdk.services.sns.Topic;
import software.constructs.Construct;

/** The alarms that ask for somebody's attention, and one dashboard. */
final class Monitoring extends Construct {
  private static final int WIDTH = 12;

  private final Site site;
  private final List<Alarm> alarms = new ArrayList<>();

  Monitoring(
      Construct scope,
      Site site,
      UploadQueue uploads,
      RestApi gateway,
      SheafFunction index,
      SheafFunction api,
      SheafFunction compaction) {
    super(scope, "Monitoring");
    this.site = site;
    Metric failedJobs = failedJobs(index);
    Metric dead = uploads.deadLetters().metricApproximateNumberOfMessagesVisible(most());
    Metric age = uploads.queue().metricApproximateAgeOfOldestMessage(most());
    Metric serverErrors = gateway.metricServerError(sum());
    Metric crashes = index.function().metricErrors(sum());

    alarm("UploadsGivenUp", dead, 1, "Uploads were given up after three attempts; see the queue.");
    alarm("UploadsWaiting", age, 900, "The oldest upload has waited for 15 minutes.");
    alarm("JobsFailed", failedJobs, 1, "A bundle was refused for good; see `sheaf jobs`.");
    alarm("IndexErrors", crashes, 3, "bundle-index crashed or timed out three times.");
    alarm("ApiErrors", serverErrors, 5, "The API answered 5xx five times in five minutes.");

    alarm(
        "JournalPoisoned",
        journal("Poisoned"),
        1,
        "A journal holds an object that nobody can read; compaction's log names it.");
    alarm("CompactionFailed", journal("Failed"), 3, "Journals could not be folded three times.");
    alarm(
        "CompactionErrors",
        compaction.function().metricErrors(sum()),
        1,
        "compaction crashed or timed out.");

    Metric waiting = uploads.queue().metricApproximateNumberOfMessagesVisible(most());
    Dashboard.Builder.create(this, "Dashboard")
        .dashboardName(site.resource("site"))
        .widgets(
            List.of(
                List.of(AlarmStatusWidget.Builder.create().alarms(alarms).width(WIDTH * 2).build()),
                List.of(
                    graph("Requests", gateway.metricCount(sum()), serverErrors),
                    graph("Latency of the API", latency(gateway, "p50"), latency(gateway, "p99"))),
                List.of(
                    graph("Uploads waiting", waiting, dead),
                    graph("Age of the oldest upload", age)),
                List.of(
                    graph(
                        "Indexing", index.function().metricInvocations(sum()), crashes, failedJobs),
                    graph(
                        "Duration",
                        index.function().metricDuration(most()),
                        api.function().metricDuration(most())))))
        .build();
  }

  /** The index logs one line for each finished job. */
  private Metric failedJobs(SheafFunction index) {
    MetricFilter filter =
        MetricFilter.Builder.create(this, "FailedJobs")
            .logGroup(index.logs())
            .filterPattern(
                FilterPattern.all(
                    FilterPattern.stringValue("$.event", "=", "job"),
                    FilterPattern.stringValue("$.status", "=", "failed")))
            .metricNamespace("Sheaf")
            .metricName(site.resource("failed-jobs"))
            .metricValue("1")
            .build();
    return filter.metric(sum());
  }

  /** compaction writes these with its log line, in the embedded metric format. */
  private static Metric journal(String name) {
    return Metric.Builder.create()
        .namespace("Sheaf")
        .metricName(name)
        .statistic("Sum")
        .period(Duration.minutes(15))
        .build();
  }

  private void alarm(String id, Metric metric, int threshold, String description) {
    Alarm alarm =
        Alarm.Builder.create(this, id)
            .alarmName(site.resource(id))
            .alarmDescription(description)
            .metric(metric)
            .threshold(threshold)
            .evaluationPeriods(1)
            .comparisonOperator(ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD)
            .treatMissingData(TreatMissingData.NOT_BREACHING)
            .build();
    site.alarmTopic().ifPresent(arn -> alarm.addAlarmAction(new SnsAction(topic(arn))));
    alarms.add(alarm);
  }

  private ITopic topic(String arn) {
    return getNode().tryFindChild("Topic") instanceof ITopic known
        ? known
        : Topic.fromTopicArn(this, "Topic", arn);
  }

  private static Metric latency(RestApi gateway, String statistic) {
    return gateway.metricLatency(
        MetricOptions.builder().statistic(statistic).period(Duration.minutes(5)).build());
  }

  private static IWidget graph(String title, IMetric... metrics) {
    return GraphWidget.Builder.create().title(title).width(WIDTH).left(List.of(metrics)).build();
  }

  private static MetricOptions sum() {
    return MetricOptions.builder().statistic("Sum").period(Duration.minutes(5)).build();
  }

  private static MetricOptions most() {
    return MetricOptions.builder().statistic("Maximum").period(Duration.minutes(5)).build();
  }
}
