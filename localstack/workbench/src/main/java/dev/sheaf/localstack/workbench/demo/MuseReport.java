package dev.sheaf.localstack.workbench.demo;

import dev.sheaf.cli.http.Traffic;
import dev.sheaf.cli.process.Output;
import java.io.PrintStream;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What the muse half of a run found.
 *
 * @param bundleBytes size of the bundle
 * @param job the report of the job, as JSON
 * @param millis wall time by step, and {@code total}
 * @param traffic what went over the wire, by step
 */
record MuseReport(
    long bundleBytes,
    String job,
    Map<String, Long> millis,
    Map<String, Traffic.Count> traffic,
    MuseComparison comparison) {
  /** As JSON-able values. */
  Map<String, Object> toMap() {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("identical", comparison.isIdentical());
    map.put("bundle_bytes", bundleBytes);
    map.put("millis", millis);
    map.put("job", job);
    map.put("commits", comparison.commits());
    map.put("trees", comparison.trees());
    map.put("files", comparison.files());
    map.put("blobs", comparison.blobs());
    map.put("differences", comparison.differences());
    return map;
  }

  void print(PrintStream out) {
    out.println();
    DemoReport.row(out, "as a muse bundle", "time", "requests", "sent", "received");
    millis.forEach((step, time) -> {
      Traffic.Count count = traffic.get(step);
      DemoReport.row(
          out,
          step,
          Output.seconds(time),
          count == null ? "" : Long.toString(count.requests()),
          count == null ? "" : Output.bytes(count.sentBytes()),
          count == null ? "" : Output.bytes(count.receivedBytes()));
    });
    out.println();
    out.println(
        Output.count(comparison.commits(), "commit")
            + ", "
            + Output.count(comparison.blobs(), "content")
            + "; one bundle of "
            + Output.bytes(bundleBytes));
    if (!comparison.isIdentical()) {
      out.println("muse history: DIFFERENT");
      comparison.differences().forEach(line -> out.println("  " + line));
      return;
    }
    String scope =
        comparison.trees() == comparison.allTrees()
            ? "every file of every commit is git's"
            : "every file of %d of %d distinct trees is git's, the others were not compared"
                .formatted(comparison.trees(), comparison.allTrees());
    out.println(
        "muse history: %s (%s compared)"
            .formatted(scope, Output.count(comparison.files(), "file")));
    if (comparison.oddPaths() > 0) {
      out.println(
          "  of these %d by content alone: no text can hold their paths"
              .formatted(comparison.oddPaths()));
    }
  }
}
