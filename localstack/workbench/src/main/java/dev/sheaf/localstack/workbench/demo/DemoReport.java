package dev.sheaf.localstack.workbench.demo;

import dev.sheaf.cli.http.Traffic;
import dev.sheaf.cli.process.Output;
import dev.sheaf.cli.receive.CloneReport;
import dev.sheaf.cli.send.PushReport;
import dev.sheaf.cli.send.SentPack;
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
 * @param stored the clone from stored packs, and what came of it
 * @param fetched the clone through the fetch route, and what came of it
 * @param muse the same history as a muse repository
 */
record DemoReport(
    long gitPackBytes,
    Map<String, Long> millis,
    PushReport push,
    Copy stored,
    Copy fetched,
    MuseReport muse) {

  /** One clone. */
  record Copy(CloneReport report, Comparison comparison) {}

  boolean isIdentical() {
    return stored.comparison().isIdentical()
        && fetched.comparison().isIdentical()
        && muse.comparison().isIdentical();
  }

  private long bundleBytes() {
    SentPack pack = push.pack();
    return pack == null ? 0 : pack.sizeBytes();
  }

  /** As JSON-able values. */
  Map<String, Object> toMap() {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("identical", isIdentical());
    map.put("git_pack_bytes", gitPackBytes);
    map.put("bundle_bytes", bundleBytes());
    map.put("millis", millis);
    map.put("push", push.toMap());
    map.put("clone", copy(stored));
    map.put("clone_via_fetch", copy(fetched));
    map.put("muse", muse.toMap());
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
    traffic(out, "clone, stored packs", time("clone"), stored.report().traffic());
    stored.report().millis().forEach((phase, time) -> phase(out, phase, time));
    traffic(out, "clone, via fetch", time("fetch"), fetched.report().traffic());
    fetched.report().millis().forEach((phase, time) -> phase(out, phase, time));
    row(out, "compare, git fsck", time("compare"), "", "", "");
    out.println();
    out.println(
        Output.count(stored.comparison().objects(), "git object")
            + ", "
            + Output.count(stored.comparison().refs(), "ref")
            + "; one bundle of "
            + Output.bytes(bundleBytes())
            + ", "
            + String.format(Locale.ROOT, "%.2f", (double) bundleBytes() / Math.max(1, gitPackBytes))
            + " times git's own pack of "
            + Output.bytes(gitPackBytes));
    verdict(out, "clone from stored packs", stored.comparison());
    verdict(out, "clone via fetch", fetched.comparison());
    muse.print(out);
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

  static void row(
      PrintStream out, String step, String time, String requests, String sent, String received) {
    out.println(
        String.format(Locale.ROOT, "%-24s %9s %9s %11s %11s", step, time, requests, sent, received)
            .stripTrailing());
  }

  private static void verdict(PrintStream out, String what, Comparison comparison) {
    if (comparison.isIdentical()) {
      out.println(
          what
              + ": identical, git fsck "
              + (comparison.complaints() == 0
                  ? "is content"
                  : "says of it what it says of the original (" + comparison.complaints() + ")"));
      return;
    }
    out.println(what + ": DIFFERENT");
    comparison.differences().forEach(line -> out.println("  " + line));
  }
}
