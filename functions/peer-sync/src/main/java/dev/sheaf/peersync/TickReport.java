package dev.sheaf.peersync;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sheaf.ops.PeerStanding;
import dev.sheaf.repository.Awaited;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToIntFunction;

/**
 * What a tick did.
 *
 * @param peers each configured peer
 * @param standings how far they have read this site
 * @param failedOps ops that wait to be applied when the tick ends, a thousand at most
 * @param copies bundles
 * @param packs of git repositories
 * @param awaited what peers told of and is not here when the tick ends
 */
record TickReport(
    List<PeerReport> peers,
    List<PeerStanding> standings,
    long failedOps,
    BundleCopies.Copied copies,
    GitCopies.Copied packs,
    Awaited awaited) {
  private static final ObjectMapper JSON = JsonMapper.builder().build();

  /** Of a site without peers. */
  static final TickReport NONE =
      new TickReport(
          List.of(),
          List.of(),
          0,
          new BundleCopies.Copied(0, 0),
          GitCopies.Copied.NONE,
          Awaited.NONE);

  TickReport {
    peers = List.copyOf(peers);
    standings = List.copyOf(standings);
  }

  /** The function's answer. */
  Map<String, Object> toMap() {
    Map<String, Object> answer = new LinkedHashMap<>();
    answer.put("peers", peers.stream().map(PeerReport::toMap).toList());
    answer.put("failed_ops", failedOps);
    answer.put("bundles_copied", copies.copied());
    answer.put("bundles_missing", copies.missing());
    answer.put("packs_copied", packs.copied());
    answer.put("packs_missing", packs.missing());
    answer.put("refs_waiting", packs.waiting());
    answer.put("awaited", awaited.fields());
    return answer;
  }

  /** One line of JSON; metrics count its fields, and alarms watch some. */
  String logLine() {
    ObjectNode line = JSON.createObjectNode();
    line.put("event", "peer-sync");
    line.put("Peers", peers.size());
    line.put("Pages", sum(report -> report.tick().pages()));
    line.put("Applied", sum(report -> report.tick().applied()));
    line.put("Refused", sum(report -> report.tick().failed()));
    line.put("Behind", sum(report -> report.tick().isCaughtUp() ? 0 : 1));
    line.put("Unreachable", sum(report -> report.error().isPresent() ? 1 : 0));
    line.put("Gaps", sum(report -> report.tick().metGap() ? 1 : 0));
    line.put("PeersInGap", standing(PeerStanding.State.GAP));
    line.put("PeersLost", standing(PeerStanding.State.LOST));
    line.put("FailedOps", failedOps);
    line.put("BundlesCopied", copies.copied());
    line.put("BundlesMissing", copies.missing());
    line.put("PacksCopied", packs.copied());
    line.put("PacksMissing", packs.missing());
    line.put("RefsWaiting", packs.waiting());
    line.put("AwaitedForAnHour", awaited.forAnHour());
    return line.toString();
  }

  private int sum(ToIntFunction<PeerReport> number) {
    return peers.stream().mapToInt(number).sum();
  }

  private long standing(PeerStanding.State state) {
    return standings.stream().filter(peer -> peer.state() == state).count();
  }
}
