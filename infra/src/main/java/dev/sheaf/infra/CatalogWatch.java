package dev.sheaf.infra;

import static dev.sheaf.infra.Board.average;
import static dev.sheaf.infra.Board.graph;
import static dev.sheaf.infra.Board.most;

import software.amazon.awscdk.Duration;
import software.amazon.awscdk.services.cloudwatch.Metric;
import software.amazon.awscdk.services.cloudwatch.MetricOptions;
import software.amazon.awscdk.services.rds.DatabaseCluster;

/** The stack's own cluster; whoever runs another watches it. */
record CatalogWatch(CatalogChoice.Aurora choice, DatabaseCluster cluster) {

  void addTo(Board board) {
    Metric used = cluster.metric("ACUUtilization", average());
    Metric connections = cluster.metricDatabaseConnections(most());
    board
        .alarms()
        .lasting(
            "CatalogFull",
            used,
            90,
            3,
            "The catalog has used 90 % of its capacity for a quarter of an hour: see"
                + " sheaf:catalogMostCapacity.");
    board
        .alarms()
        .lasting(
            "CatalogConnections",
            connections,
            choice.connections() * 0.8,
            3,
            "The catalog's connections are nearly used up.");
    if (choice.pauses()) {
      board
          .alarms()
          .lasting(
              "CatalogAwake",
              cluster.metricServerlessDatabaseCapacity(
                  MetricOptions.builder().statistic("Minimum").period(Duration.hours(1)).build()),
              0.5,
              24,
              "The catalog may pause and has not for a day: something keeps it awake, which costs, or"
                  + " the site is busy enough for sheaf:catalogLeastCapacity=0.5.");
    }
    board.row(
        graph("Capacity of the catalog (ACU)", cluster.metricServerlessDatabaseCapacity(average())),
        graph("Connections to the catalog", connections));
  }
}
