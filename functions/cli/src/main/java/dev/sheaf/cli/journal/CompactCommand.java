package dev.sheaf.cli.journal;

import dev.sheaf.bundle.SheafException;
import dev.sheaf.cli.process.Environment;
import dev.sheaf.journal.CompactionPlan;
import dev.sheaf.journal.CompactionReport;
import dev.sheaf.journal.Compactor;
import dev.sheaf.journal.JournalOptions;
import dev.sheaf.journal.ListedNamespace;
import dev.sheaf.journal.Namespace;
import dev.sheaf.journal.Survey;
import dev.sheaf.journal.json.Json;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Compacts namespaces, or says what that would do. */
@Command(
    name = "compact",
    mixinStandardHelpOptions = true,
    description = "Fold old segments into rollups; ends with status 1 where a namespace failed.")
final class CompactCommand implements Callable<Integer> {
  @Mixin private final BucketOptions bucket;

  @Parameters(index = "0", arity = "0..1", description = "The namespace; all where it is missing.")
  private @Nullable String namespace;

  @Option(names = "--dry-run", description = "Print the plan; change nothing.")
  private boolean dryRun;

  @Option(
      names = "--threshold",
      defaultValue = "256",
      description = "Fold from this many old segments on (default: ${DEFAULT-VALUE}).")
  private int threshold;

  @Option(
      names = "--age-seconds",
      defaultValue = "30",
      description =
          "Segments older than this by S3's stamps are old (default: ${DEFAULT-VALUE}). Less only"
              + " while nobody writes: a write that is under way longer would be lost.")
  private int ageSeconds;

  @Spec private CommandSpec spec = CommandSpec.create();

  CompactCommand(Environment environment) {
    bucket = new BucketOptions(environment);
  }

  @Override
  public Integer call() {
    Compactor compactor = new Compactor(bucket.open(), options());
    Survey survey =
        namespace == null ? compactor.survey() : compactor.survey(Namespace.existing(namespace));
    PrintWriter out = spec.commandLine().getOut();
    int status = 0;
    for (ListedNamespace each : survey.namespaces()) {
      boolean done = dryRun ? plan(compactor, each, out) : compact(compactor, each, out);
      status |= done ? 0 : 1;
    }
    out.flush();
    return status;
  }

  private JournalOptions options() {
    Duration age = Duration.ofSeconds(ageSeconds);
    JournalOptions defaults = JournalOptions.forFunction();
    boolean young = age.compareTo(defaults.putTimeout()) <= 0;
    return (young ? defaults.withPutTimeout(age.dividedBy(2)) : defaults)
        .withThresholds(threshold, age);
  }

  private static boolean plan(Compactor compactor, ListedNamespace listed, PrintWriter out) {
    try {
      out.println(text(compactor.plan(listed)));
      return true;
    } catch (SheafException e) {
      out.println(SnapshotJson.failure(listed.namespace(), e));
      return false;
    }
  }

  private static boolean compact(Compactor compactor, ListedNamespace listed, PrintWriter out) {
    CompactionReport report = compactor.compact(listed);
    out.println(text(report));
    return report.failure().isEmpty();
  }

  private static Json text(CompactionPlan plan) {
    return Json.object()
        .put("ns", plan.namespace().name())
        .put("segments", plan.listed())
        .put("action", plan.action().name())
        .put("fold", Json.array(plan.candidates().stream().map(Json::of).toArray(Json[]::new)))
        .put("delete", Json.array(plan.leftovers().stream().map(Json::of).toArray(Json[]::new)))
        .put("mark", SnapshotJson.mark(plan.mark()))
        .build();
  }

  private static Json text(CompactionReport report) {
    return Json.object()
        .put("ns", report.namespace().name())
        .put("segments", report.segments())
        .put("folded", report.folded())
        .put("deleted", report.deleted())
        .put("state_bytes", report.stateBytes())
        .put("requests", report.requests())
        .put("lost_elections", report.lostElections())
        .put("probed", Json.of(report.probed()))
        .put(
            "error",
            report.failure().map(e -> Json.of(String.valueOf(e.getMessage()))).orElse(Json.NULL))
        .build();
  }
}
