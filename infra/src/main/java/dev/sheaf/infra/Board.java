package dev.sheaf.infra;

import java.util.ArrayList;
import java.util.List;
import software.amazon.awscdk.Duration;
import software.amazon.awscdk.services.cloudwatch.AlarmStatusWidget;
import software.amazon.awscdk.services.cloudwatch.Dashboard;
import software.amazon.awscdk.services.cloudwatch.GraphWidget;
import software.amazon.awscdk.services.cloudwatch.IMetric;
import software.amazon.awscdk.services.cloudwatch.IWidget;
import software.amazon.awscdk.services.cloudwatch.LogQueryWidget;
import software.amazon.awscdk.services.cloudwatch.MetricOptions;
import software.amazon.awscdk.services.logs.ILogGroup;
import software.constructs.Construct;

/**
 * What is watched, in the order in which it is put up: the alarms, and a dashboard of them and of
 * rows of graphs.
 */
final class Board {
  private static final int WIDTH = 12;

  private final Construct scope;
  private final Site site;
  private final Alarms alarms;
  private final LogMetrics counts;
  private final List<List<IWidget>> rows = new ArrayList<>();

  Board(Construct scope, Site site) {
    this.scope = scope;
    this.site = site;
    this.alarms = new Alarms(scope, site);
    this.counts = new LogMetrics(scope, site);
  }

  Alarms alarms() {
    return alarms;
  }

  LogMetrics counts() {
    return counts;
  }

  void row(IWidget left, IWidget right) {
    rows.add(List.of(left, right));
  }

  /** The result of a query over a log, over the whole width. */
  void query(String title, ILogGroup log, List<String> lines) {
    rows.add(
        List.of(
            LogQueryWidget.Builder.create()
                .title(title)
                .logGroupNames(List.of(log.getLogGroupName()))
                .queryLines(lines)
                .width(WIDTH * 2)
                .build()));
  }

  /** When everything is put up. */
  void dashboard() {
    List<List<IWidget>> all = new ArrayList<>();
    all.add(
        List.of(AlarmStatusWidget.Builder.create().alarms(alarms.all()).width(WIDTH * 2).build()));
    all.addAll(rows);
    Dashboard.Builder.create(scope, "Dashboard")
        .dashboardName(site.resource("site"))
        .widgets(all)
        .build();
  }

  static IWidget graph(String title, IMetric... metrics) {
    return GraphWidget.Builder.create().title(title).width(WIDTH).left(List.of(metrics)).build();
  }

  static MetricOptions sum() {
    return statistic("Sum");
  }

  static MetricOptions most() {
    return statistic("Maximum");
  }

  static MetricOptions average() {
    return statistic("Average");
  }

  /** Of five minutes. */
  static MetricOptions statistic(String name) {
    return MetricOptions.builder().statistic(name).period(Duration.minutes(5)).build();
  }
}
