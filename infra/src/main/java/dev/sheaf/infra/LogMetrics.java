package dev.sheaf.infra;

import java.util.Map;
import software.amazon.awscdk.Duration;
import software.amazon.awscdk.services.cloudwatch.Metric;
import software.amazon.awscdk.services.logs.FilterPattern;
import software.amazon.awscdk.services.logs.ILogGroup;
import software.amazon.awscdk.services.logs.JsonPattern;
import software.amazon.awscdk.services.logs.MetricFilter;
import software.constructs.Construct;

/**
 * Metrics counted out of log lines, which name their site: sites of one account have one metric
 * each, told apart by the dimension {@code Site}. CloudWatch charges for those hours alone in which
 * something was counted.
 */
final class LogMetrics {
  private static final String NAMESPACE = "Sheaf";
  private static final String SITE = "Site";

  private final Construct scope;
  private final Site site;

  LogMetrics(Construct scope, Site site) {
    this.scope = scope;
    this.site = site;
  }

  /** Counts the lines of an event. */
  Metric lines(String name, ILogGroup log, String event) {
    return counted(name, log, isEvent(event), "1");
  }

  /** Counts the lines of an event whose field has a value. */
  Metric lines(String name, ILogGroup log, String event, String field, String value) {
    JsonPattern has = FilterPattern.stringValue("$." + field, "=", value);
    return counted(name, log, FilterPattern.all(isEvent(event), has), "1");
  }

  /** Adds up a field of the lines of an event, where it is not 0. */
  Metric sum(String name, ILogGroup log, String event, String field) {
    JsonPattern some = FilterPattern.numberValue("$." + field, ">", 0);
    return counted(name, log, FilterPattern.all(isEvent(event), some), "$." + field);
  }

  private static JsonPattern isEvent(String event) {
    return FilterPattern.stringValue("$.event", "=", event);
  }

  private Metric counted(String name, ILogGroup log, JsonPattern pattern, String amount) {
    MetricFilter.Builder.create(scope, name + "Lines")
        .logGroup(log)
        .filterPattern(pattern)
        .metricNamespace(NAMESPACE)
        .metricName(name)
        .metricValue(amount)
        .dimensions(Map.of(SITE, "$.site"))
        .build();
    return Metric.Builder.create()
        .namespace(NAMESPACE)
        .metricName(name)
        .dimensionsMap(Map.of(SITE, site.name()))
        .statistic("Sum")
        .period(Duration.minutes(5))
        .build();
  }
}
