package dev.sheaf.infra;

import static dev.sheaf.infra.Board.graph;
import static dev.sheaf.infra.Board.most;
import static dev.sheaf.infra.Board.sum;

import software.amazon.awscdk.services.apigateway.RestApi;
import software.amazon.awscdk.services.cloudwatch.Metric;

/** The API, as its clients see it. */
record ApiWatch(Gateway gateway, SheafFunction api) {

  void addTo(Board board) {
    RestApi rest = gateway.api();
    Metric serverErrors = rest.metricServerError(sum());
    Metric throttled =
        board
            .counts()
            .lines("RequestsThrottled", gateway.accessLog(), "access", "error", "THROTTLED");
    board
        .alarms()
        .once("ApiErrors", serverErrors, 5, "The API answered 5xx five times in five minutes.");
    board
        .alarms()
        .lasting(
            "ApiThrottled",
            throttled,
            10,
            3,
            "Clients were told 429 for a quarter of an hour: see sheaf:requestsPerSecond.");
    board.row(
        graph("Requests", rest.metricCount(sum()), serverErrors, throttled),
        graph(
            "Latency of the API",
            latency(rest, "p50"),
            latency(rest, "p99"),
            api.function().metricDuration(most())));
  }

  private static Metric latency(RestApi rest, String statistic) {
    return rest.metricLatency(Board.statistic(statistic));
  }
}
