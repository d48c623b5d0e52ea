package dev.sheaf.peersync;

import dev.sheaf.ops.SweepClient;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * What a tick came to with one peer.
 *
 * @param error why the peer could not be followed to where its log ends
 */
record PeerReport(String host, SweepClient.Tick tick, Optional<String> error) {
  static PeerReport of(String host, SweepClient.Tick tick) {
    return new PeerReport(host, tick, Optional.empty());
  }

  static PeerReport failed(String host, String error) {
    return new PeerReport(host, SweepClient.Tick.BEGIN, Optional.of(error));
  }

  Map<String, Object> toMap() {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("host", host);
    map.put("pages", tick.pages());
    map.put("applied", tick.applied());
    map.put("failed", tick.failed());
    map.put("caught_up", tick.isCaughtUp());
    map.put("gap", tick.metGap());
    error.ifPresent(text -> map.put("error", text));
    return map;
  }
}
