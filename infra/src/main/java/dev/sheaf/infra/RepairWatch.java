package dev.sheaf.infra;

import static dev.sheaf.infra.Board.graph;
import static dev.sheaf.infra.Board.most;
import static dev.sheaf.infra.Board.sum;

import software.amazon.awscdk.Duration;
import software.amazon.awscdk.services.cloudwatch.Metric;
import software.amazon.awscdk.services.cloudwatch.MetricOptions;

/** Repair: beside its own faults what it finds, and that it comes to an end. */
record RepairWatch(Site site, WorkQueue queue, SheafFunction repair) {
  private static final int MINUTES_OF_A_DAY = 1_440;

  void addTo(Board board) {
    Metric declared = board.counts().sum("LossDeclared", repair.logs(), "repair", "LossDeclared");
    Metric refused = board.counts().sum("IndexRefused", repair.logs(), "repair", "IndexRefused");
    Metric restored = board.counts().sum("Restored", repair.logs(), "repair", "Restored");
    Metric finished = board.counts().sum("RepairsFinished", repair.logs(), "repair", "Finished");
    board
        .alarms()
        .once("LossDeclared", declared, 1, "Something is lost for good: see `sheaf repair lost`.");
    // However far apart cycles are: two that follow each other fall into two windows of that
    // length.
    board
        .alarms()
        .lasting(
            "RepairIndexRefused",
            refused.with(over(Duration.minutes(site.repairEveryMinutes()))),
            1,
            2,
            "The bucket's listing was not to be believed twice: see repair's log.");
    board
        .alarms()
        .silent(
            "RepairUnfinished",
            finished.with(over(Duration.days(1))),
            daysOfTwoCycles(),
            "No cycle of repair came to its end for a day: see repair's log.");
    Metric dead = queue.deadLetters().metricApproximateNumberOfMessagesVisible(most());
    board
        .alarms()
        .once(
            "RepairErrors",
            repair.function().metricErrors(sum()),
            1,
            "repair crashed or timed out; see repair's log.");
    board
        .alarms()
        .once(
            "RepairsGivenUp",
            dead,
            1,
            "A cycle could not go on three times; the schedule takes it up again. See repair's log.");
    board.row(
        graph("Repair", repair.function().metricInvocations(sum()), finished, restored, refused),
        graph("Duration of repair", repair.function().metricDuration(most()), dead));
  }

  /** One cycle that is late is no fault. */
  private int daysOfTwoCycles() {
    return Math.ceilDiv(2 * site.repairEveryMinutes(), MINUTES_OF_A_DAY);
  }

  private static MetricOptions over(Duration period) {
    return MetricOptions.builder().statistic("Sum").period(period).build();
  }
}
