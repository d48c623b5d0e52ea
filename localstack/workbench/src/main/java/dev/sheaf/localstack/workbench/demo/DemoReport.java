package dev.sheaf.localstack.workbench.demo;

import dev.sheaf.cli.http.Traffic;
import dev.sheaf.cli.process.Output;
import java.io.PrintStream;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/**
 * What a run of the demo found.
 *
 * @param gitPackBytes size of the pack that git makes of the same history
 * @param millis wall time by step
 * @param push the push, by git
 * @param stored the clone by git, from stored packs, and what came of it
 * @param fetched the clone by sheaf, through the fetch route, and what came of it
 * @param muse the same history as a muse repository
 */
record DemoReport(
    long gitPackBytes,
    Map<String, Long> millis,
    Step push,
    Copy stored,
    Copy fetched,
    MuseReport muse) {

  /** One clone. */
  record Copy(Step step, Comparison comparison) {}

  boolean isIdentical() {
    return stored.comparison().isIdentical()
        && fetched.comparison().isIdentical()
        && muse.comparison().isIdentical();
  }

  /** As JSON-able values. */
  Map<String, Object> toMap() {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("identical", isIdentical());
    map.put("git_pack_bytes", gitPackBytes);
    map.put("millis", millis);
    map.put("push", push.toMap());
    map.put("clone", copy(stored));
    map.put("clone_via_fetch", copy(fetched));
    map.put("muse", muse.toMap());
    return map;
  }

  private static Map<String, Object> copy(Copy copy) {
    Map<String, Object> map = new LinkedHashMap<>(copy.step().toMap());
    map.put("comparison", copy.comparison().toMap());
    return map;
  }

  void print(PrintStream out) {
    row(out, "step", "time", "requests", "sent", "received");
    row(out, "start the stack", time("start"), "", "", "");
    traffic(out, "git push", time("push"), push.traffic());
    push.millis().forEach((phase, time) -> phase(out, phase, time));
    row(out, "what jobs had left", time("prove"), "", "", "");
    traffic(out, "git clone, stored packs", time("clone"), stored.step().traffic());
    stored.step().millis().forEach((phase, time) -> phase(out, phase, time));
    traffic(out, "sheaf clone --via fetch", time("fetch"), fetched.step().traffic());
    fetched.step().millis().forEach((phase, time) -> phase(out, phase, time));
    row(out, "compare, git fsck", time("compare"), "", "", "");
    out.println();
    out.println(
        Output.count(stored.comparison().objects(), "git object")
            + ", "
            + Output.count(stored.comparison().refs(), "ref")
            + "; sent "
            + Output.bytes(push.traffic().sentBytes())
            + ", "
            + String.format(
                Locale.ROOT,
                "%.2f",
                (double) push.traffic().sentBytes() / Math.max(1, gitPackBytes))
            + " times git's own pack of "
            + Output.bytes(gitPackBytes));
    verdict(out, "git clone from stored packs", stored.comparison());
    verdict(out, "sheaf clone via fetch", fetched.comparison());
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

  private static void traffic(PrintStream out, String step, String time, Traffic.Count total) {
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
