package dev.sheaf.infra;

import static dev.sheaf.infra.Board.graph;
import static dev.sheaf.infra.Board.most;
import static dev.sheaf.infra.Board.sum;

import java.util.Map;
import java.util.TreeMap;
import software.amazon.awscdk.Duration;
import software.amazon.awscdk.services.cloudwatch.MathExpression;
import software.amazon.awscdk.services.cloudwatch.Metric;

/** Indexing: the uploads that wait for it, and what becomes of them. */
record IndexingWatch(WorkQueue uploads, Functions functions) {

  void addTo(Board board) {
    uploads(board);
    jobs(board, functions.index());
    throttling(board, functions.index(), functions.api());
  }

  private void uploads(Board board) {
    Metric dead = uploads.deadLetters().metricApproximateNumberOfMessagesVisible(most());
    Metric age = uploads.queue().metricApproximateAgeOfOldestMessage(most());
    board
        .alarms()
        .once(
            "UploadsGivenUp",
            dead,
            1,
            "Uploads were given up after three attempts; see the queue.");
    board.alarms().once("UploadsWaiting", age, 900, "The oldest upload has waited for 15 minutes.");
    board.row(
        graph(
            "Uploads waiting",
            uploads.queue().metricApproximateNumberOfMessagesVisible(most()),
            dead),
        graph("Age of the oldest upload", age));
  }

  /**
   * The index logs one line for each finished job, and one for each fault that is neither the
   * bundle's nor will pass by itself.
   */
  private void jobs(Board board, SheafFunction index) {
    Metric faults = board.counts().lines("SiteFaults", index.logs(), "site-fault");
    Metric failedJobs = board.counts().lines("JobsFailed", index.logs(), "job", "status", "failed");
    Metric crashes = index.function().metricErrors(sum());
    board
        .alarms()
        .once("JobsFailed", failedJobs, 1, "A bundle was refused for good; see `sheaf jobs`.");
    board
        .alarms()
        .once(
            "SiteFaults",
            faults,
            1,
            "Jobs wait for the site to be mended (a right, a secret, a database that takes no writes);"
                + " bundle-index's log says what.");
    board
        .alarms()
        .once("IndexErrors", crashes, 3, "bundle-index crashed or timed out three times.");
    board.row(
        graph("Indexing", index.function().metricInvocations(sum()), crashes, failedJobs, faults),
        graph("Duration of indexing", index.function().metricDuration(most())));
  }

  /** Of the account's concurrency, which all functions in it share. */
  private void throttling(Board board, SheafFunction index, SheafFunction api) {
    MathExpression throttles =
        MathExpression.Builder.create()
            .expression("index + api")
            // In one order: the template of an unchanged site does not change.
            .usingMetrics(
                new TreeMap<>(
                    Map.of(
                        "index", index.function().metricThrottles(sum()),
                        "api", api.function().metricThrottles(sum()))))
            .label("Throttled invocations")
            .period(Duration.minutes(5))
            .build();
    board
        .alarms()
        .once(
            "FunctionsThrottled",
            throttles,
            5,
            "Functions found no concurrency left: raise the account's, or lower"
                + " sheaf:indexConcurrency.");
  }
}
