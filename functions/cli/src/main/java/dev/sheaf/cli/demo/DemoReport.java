package dev.sheaf.cli.demo;

import dev.sheaf.cli.clone.CloneReport;
import dev.sheaf.cli.http.Traffic;
import dev.sheaf.cli.process.Output;
import dev.sheaf.cli.push.PushReport;
import java.io.PrintStream;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/**
 * What a run of the demo found.
 *
 * @param gitPackBytes size of the pack that git makes of the same history
 * @param millis wall time by step
 * @param push the push
 * @param stored the clone from stored bundles, and what came of it
 * @param fetched the clone through the fetch route, and what came of it
 */
record DemoReport(
    long gitPackBytes, Map<String, Long> millis, PushReport push, Copy stored, Copy fetched) {

  /** One clone. */
  record Copy(CloneReport report, Comparison comparison) {}

  boolean isIdentical() {
    return stored.comparison().isIdentical() && fetched.comparison().isIdentical();
  }

  /** As JSON-able values. */
  Map<String, Object> toMap() {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("identical", isIdentical());
    map.put("git_pack_bytes", gitPackBytes);
    map.put("bundle_bytes", push.bundleBytes());
    map.put("millis", millis);
    map.put("push", push.toMap());
    map.put("clone", copy(stored));
    map.put("clone_via_fetch", copy(fetched));
    return map;
  }

  private static Map<String, Object> copy(Copy copy) {
    Map<String, Object> map = new LinkedHashMap<>(copy.report().toMap());
    map.put("comparison", copy.comparison().toMap());
    return map;
  }

  void print(PrintStream out) {
    row(out, "step", "time", "requests", "sent", "received");
    row(out, "start the stack", time("start"), "", "", "");
    traffic(out, "push", time("push"), push.traffic());
    push.millis().forEach((phase, time) -> phase(out, phase, time));
    traffic(out, "clone, stored bundles", time("clone"), stored.report().traffic());
    stored.report().millis().forEach((phase, time) -> phase(out, phase, time));
    traffic(out, "clone, via fetch", time("fetch"), fetched.report().traffic());
    fetched.report().millis().forEach((phase, time) -> phase(out, phase, time));
    row(out, "compare, git fsck", time("compare"), "", "", "");
    out.println();
    out.println(
        Output.count(push.commits(), "commit")
            + ", "
            + Output.count(stored.comparison().objects(), "git object")
            + ", "
            + Output.count(stored.comparison().refs(), "ref")
            + "; "
            + Output.count(push.bundles().size(), "bundle")
            + " of "
            + Output.bytes(push.bundleBytes())
            + ", "
            + String.format(
                Locale.ROOT, "%.2f", (double) push.bundleBytes() / Math.max(1, gitPackBytes))
            + " times git's own pack of "
            + Output.bytes(gitPackBytes));
    verdict(out, "clone from stored bundles", stored.comparison());
    verdict(out, "clone via fetch", fetched.comparison());
  }

  private String time(String step) {
    return Output.seconds(millis.getOrDefault(step, 0L));
  }

  private static void phase(PrintStream out, String phase, long time) {
    if (!phase.equals("total")) {
      row(out, "  " + phase, Output.seconds(time), "", "", "");
    }
  }

  private static void traffic(PrintStream out, String step, String time, Traffic traffic) {
    Traffic.Count total = traffic.total();
    row(
        out,
        step,
        time,
        Long.toString(total.requests()),
        Output.bytes(total.sentBytes()),
        Output.bytes(total.receivedBytes()));
  }

  private static void row(
      PrintStream out, String step, String time, String requests, String sent, String received) {
    out.println(
        String.format(Locale.ROOT, "%-24s %9s %9s %11s %11s", step, time, requests, sent, received)
            .stripTrailing());
  }

  private static void verdict(PrintStream out, String what, Comparison comparison) {
    if (comparison.isIdentical()) {
      out.println(what + ": identical, git fsck is content");
      return;
    }
    out.println(what + ": DIFFERENT");
    comparison.differences().forEach(line -> out.println("  " + line));
  }
}
