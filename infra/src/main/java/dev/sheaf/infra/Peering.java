package dev.sheaf.infra;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * What a site knows of other sites, and how much of its operation log it keeps for them.
 *
 * @param self this site's own URL, as its peers know it
 * @param peers URLs of the sites that it follows
 * @param replication how many of all these sites keep each muse bundle
 * @param sweepPublic whether the log is given to whoever asks
 * @param log the variables about the log that were chosen; the functions have the defaults
 */
record Peering(
    Optional<String> self,
    List<String> peers,
    int replication,
    boolean sweepPublic,
    Map<String, String> log) {
  private static final int REPLICATION = 3;
  private static final String URL =
      "https?://[a-z0-9][a-z0-9.-]*(:[0-9]{1,5})?(/[A-Za-z0-9._~/-]*)?";

  Peering {
    peers = List.copyOf(peers);
    log = Map.copyOf(log);
  }

  static Peering from(Context context) {
    Optional<String> self = context.text("self", URL, "this site's http or https URL");
    List<String> peers =
        context
            .text(
                "peers",
                URL + "(," + URL + "){0,15}",
                "up to 16 http or https URLs, separated by commas")
            .map(list -> List.of(list.split(",")))
            .orElse(List.of());
    if (!peers.isEmpty() && self.isEmpty()) {
      throw new InvalidContextException(
          "Context value sheaf:self is not set, and sheaf:peers is: peers know this site by its own"
              + " URL. A first deploy without peers prints it.");
    }
    int replication = context.whole("replication", REPLICATION, 1, 17);
    return new Peering(self, peers, replication, context.flag("sweepPublic", false), log(context));
  }

  private static Map<String, String> log(Context context) {
    Map<String, String> log = new TreeMap<>();
    int days = context.days("opsRetentionDays", 0, 1);
    if (days > 0) {
      log.put("SHEAF_OPS_RETENTION_DAYS", Integer.toString(days));
    }
    int batch = context.whole("opsRetentionBatchLimit", 10_000, 1, 10_000);
    if (batch != 10_000) {
      log.put("SHEAF_OPS_RETENTION_BATCH_LIMIT", Integer.toString(batch));
    }
    duration(context, log, "opsRetentionSweepInterval", "SHEAF_OPS_RETENTION_SWEEP_INTERVAL");
    duration(context, log, "opsRetentionCursorMargin", "SHEAF_OPS_RETENTION_CURSOR_MARGIN");
    duration(context, log, "dormantOpsThreshold", "SHEAF_DORMANT_OPS_THRESHOLD");
    if (context.flag("keepDormantOps", false)) {
      log.put("SHEAF_KEEP_DORMANT_OPS", "true");
    }
    return log;
  }

  private static void duration(
      Context context, Map<String, String> log, String name, String variable) {
    context.duration(name).ifPresent(value -> log.put(variable, value));
  }

  /** Whether there is anybody to follow. */
  boolean hasPeers() {
    return !peers.isEmpty();
  }

  /** What every function has to know that writes the log or reads it. */
  Map<String, String> variables() {
    Map<String, String> variables = new TreeMap<>();
    self.ifPresent(url -> variables.put("SHEAF_SELF", url));
    if (hasPeers()) {
      variables.put("SHEAF_PEERS", String.join(",", peers));
      if (replication != REPLICATION) {
        variables.put("SHEAF_REPLICATION", Integer.toString(replication));
      }
    }
    return variables;
  }

  /** What the two have to know besides that say what goes, and delete it. */
  Map<String, String> logVariables() {
    Map<String, String> variables = new TreeMap<>(variables());
    variables.putAll(log);
    return variables;
  }
}
