package dev.sheaf.localstack.workbench.bench;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * Two cycles over the same keys side by side, and whether the goals of an index are met: those of
 * the Go original's, which needs 168 to 197 bytes a key and takes 2.9 to 4.5 seconds for 335,119.
 *
 * @param keys rows of the catalog
 * @param bytesAKey what the index takes
 * @param listSeconds the fastest listing of each number of lanes
 * @param isFarAway whether a LIST takes a store's time, so that lanes have something to share
 * @param listing the cycle that listed, by the names of what was counted
 * @param heads the one that asked key by key; empty when there was none
 */
record RepairComparison(
    int keys,
    double bytesAKey,
    Map<Integer, Double> listSeconds,
    boolean isFarAway,
    Map<String, Number> listing,
    Map<String, Number> heads) {
  private static final double LEAST_FALL = 0.998;
  private static final double MOST_BYTES = 48;
  private static final double GO_SECONDS_A_KEY = 4.5 / 335_119;

  /** A line for each count, then one for each goal. */
  List<String> lines() {
    List<String> lines = new ArrayList<>();
    lines.add(row("", "listing", heads.isEmpty() ? "" : "heads"));
    listing.forEach((name, count) ->
        lines.add(
            row(name, text(count), heads.isEmpty() ? "" : text(heads.getOrDefault(name, 0)))));
    if (!heads.isEmpty()) {
      double fall = 1 - of(listing, "heads") / of(heads, "heads");
      lines.add(
          goal(fall >= LEAST_FALL, "HEADs fall by 99.8 % or more: " + two(100 * fall) + " %"));
      boolean isSame =
          List.of("pulls_needed", "pulls_failed", "pulled").stream()
              .allMatch(name -> of(listing, name) == of(heads, name));
      lines.add(goal(isSame, "pulls and failures are the same"));
    }
    long lists = (long) of(listing, "index_lists");
    long most = (long) (Math.ceil(keys / 1000.0) + of(listing, "lanes"));
    lines.add(
        goal(
            lists <= most,
            "one LIST a thousand keys and one a lane: %d, at most %d".formatted(lists, most)));
    lines.add(goal(bytesAKey <= MOST_BYTES, "48 bytes a key or less: " + two(bytesAKey)));
    if (isFarAway) {
      lines.add(
          goal(fallsWithLanes(), "half the time or less with four times the lanes: " + times()));
    }
    double fastest = Collections.min(listSeconds.values());
    double slowest = keys * GO_SECONDS_A_KEY;
    lines.add(
        goal(
            fastest <= slowest,
            "listed as fast as the Go original or faster: %s s, at most %s s"
                .formatted(two(fastest), two(slowest))));
    return lines;
  }

  private boolean fallsWithLanes() {
    return listSeconds.entrySet().stream()
        .allMatch(few -> listSeconds.getOrDefault(4 * few.getKey(), 0.0) <= few.getValue() / 2);
  }

  private String times() {
    return new TreeMap<>(listSeconds)
        .entrySet().stream()
            .map(lanes -> two(lanes.getValue()) + " s by " + lanes.getKey())
            .collect(Collectors.joining(", "));
  }

  private static double of(Map<String, Number> counts, String name) {
    return counts.getOrDefault(name, 0).doubleValue();
  }

  private static String text(Number count) {
    return count instanceof Double
        ? two(count.doubleValue())
        : String.format(Locale.ROOT, "%,d", count.longValue());
  }

  private static String row(String name, String one, String other) {
    return "%-16s%14s%14s".formatted(name.replace('_', ' '), one, other).stripTrailing();
  }

  private static String goal(boolean isMet, String what) {
    return (isMet ? "met      " : "MISSED   ") + what;
  }

  private static String two(double value) {
    return String.format(Locale.ROOT, "%.2f", value);
  }
}
