package dev.sheaf.infra;

import static dev.sheaf.infra.Board.graph;
import static dev.sheaf.infra.Board.most;
import static dev.sheaf.infra.Board.sum;

import software.amazon.awscdk.services.cloudwatch.Metric;

/** The peers that this site follows, and how far it follows them. */
record PeersWatch(SheafFunction peerSync, WorkQueue follows) {

  void addTo(Board board) {
    Metric unreachable = tick(board, "Unreachable");
    Metric behind = tick(board, "PeersInGap");
    Metric lost = tick(board, "PeersLost");
    Metric failed = tick(board, "FailedOps");
    Metric gaps = tick(board, "Gaps");
    Metric missing = tick(board, "BundlesMissing");
    Metric awaited = tick(board, "AwaitedForAnHour");
    Metric dead = follows.deadLetters().metricApproximateNumberOfMessagesVisible(most());
    board
        .alarms()
        .lasting(
            "PeersUnreachable",
            unreachable,
            1,
            12,
            "A peer could not be followed for an hour; see `sheaf status` or peer-sync's log.");
    board
        .alarms()
        .lasting(
            "PeersInGap",
            behind,
            1,
            3,
            "A peer needs ops that this site no longer has, and takes no snapshot.");
    board
        .alarms()
        .lasting(
            "PeersLost",
            lost,
            1,
            12,
            "A configured peer has not asked for a week, or never: it keeps ops from being deleted.");
    board
        .alarms()
        .once(
            "OpsFailed",
            failed,
            1,
            "Ops of a peer cannot be applied; `sheaf ops failed` lists them with their reasons, and gives"
                + " them up.");
    board
        .alarms()
        .lasting(
            "LongAwaited",
            awaited,
            1,
            3,
            "Bundles, packs or refs that a peer told of have not come for an hour; see `sheaf status`.");
    board
        .alarms()
        .once(
            "FollowsGivenUp",
            dead,
            1,
            "Requests to follow the peers at once (`sheaf ops sweep`) failed three times; see"
                + " peer-sync's log.");
    board
        .alarms()
        .once(
            "PeerSyncErrors",
            peerSync.function().metricErrors(sum()),
            3,
            "peer-sync crashed or timed out three times.");
    board
        .alarms()
        .silent(
            "PeerSyncStopped",
            peerSync.function().metricInvocations(sum()),
            Alarms.RUNS_MISSED,
            "peer-sync did not run for a quarter of an hour; see the rule that calls it.");
    board.row(
        graph("Peers", unreachable, behind, lost, failed, gaps),
        graph("Duration of peer-sync", peerSync.function().metricDuration(most())));
    board.row(
        graph("What peers told of and is not here", missing, awaited),
        graph(
            "Requests to follow the peers",
            follows.queue().metricApproximateNumberOfMessagesVisible(most()),
            dead));
  }

  private Metric tick(Board board, String field) {
    return board.counts().sum(field, peerSync.logs(), "peer-sync", field);
  }
}
