package dev.sheaf.infra;

import static dev.sheaf.infra.Board.graph;
import static dev.sheaf.infra.Board.most;
import static dev.sheaf.infra.Board.sum;

import java.util.List;
import software.amazon.awscdk.Duration;
import software.amazon.awscdk.services.cloudwatch.Metric;
import software.amazon.awscdk.services.cloudwatch.MetricOptions;

/** Compaction, and what it does to the operation log. */
record CompactionWatch(Site site, SheafFunction compaction) {

  void addTo(Board board) {
    Metric poisoned =
        board.counts().sum("JournalsPoisoned", compaction.logs(), "compaction", "Poisoned");
    Metric failed = board.counts().sum("JournalsFailed", compaction.logs(), "compaction", "Failed");
    board
        .alarms()
        .once(
            "JournalPoisoned",
            poisoned,
            1,
            "A journal holds an object that nobody can read; compaction's log names it.");
    Metric log = board.counts().sum("OpsCleanupFailed", compaction.logs(), "ops-cleanup", "Failed");
    board.alarms().once("CompactionFailed", failed, 3, "Journals could not be folded three times.");
    board
        .alarms()
        .once(
            "OpsCleanupFailed",
            log,
            1,
            "The operation log could not be cleaned up, and nothing was deleted; compaction's log says"
                + " why.");
    board
        .alarms()
        .once(
            "CompactionErrors",
            compaction.function().metricErrors(sum()),
            1,
            "compaction crashed or timed out.");
    Duration every = Duration.minutes(site.compactionEveryMinutes());
    board
        .alarms()
        .silent(
            "CompactionStopped",
            compaction
                .function()
                .metricInvocations(MetricOptions.builder().statistic("Sum").period(every).build()),
            Alarms.RUNS_MISSED,
            "compaction did not run three times in a row; see the rule that calls it.");
    board.row(
        graph("Compaction", compaction.function().metricInvocations(sum()), failed, poisoned),
        graph("Duration of compaction", compaction.function().metricDuration(most())));
    showLog(board);
  }

  /** What cleanup and retention did to the operation log, and what peers keep them from. */
  private void showLog(Board board) {
    Metric held = cleanup(board, "HeldRows").with(most());
    board.row(
        graph(
            "Operation log: ops deleted",
            cleanup(board, "RetentionOpsDeleted"),
            cleanup(board, "DormantOpsDeleted"),
            cleanup(board, "DormantTablesCleaned"),
            cleanup(board, "RetentionSweepsSkipped")),
        graph("Operation log: ops kept for a peer", held));
    board.query(
        "Who keeps ops from being deleted",
        compaction.logs(),
        List.of(
            "fields @timestamp, PinnedBy, PinnedSince, HeldRows, HeldBytes, SkipReason",
            "filter event = 'ops-cleanup' and PinnedBy != ''",
            "sort @timestamp desc",
            "limit 20"));
  }

  private Metric cleanup(Board board, String field) {
    return board.counts().sum(field, compaction.logs(), "ops-cleanup", field);
  }
}
