package dev.sheaf.cli.journal;

import dev.sheaf.bundle.SheafException;
import dev.sheaf.cli.process.Environment;
import dev.sheaf.journal.CompactionPlan;
import dev.sheaf.journal.Compactor;
import dev.sheaf.journal.JournalOptions;
import dev.sheaf.journal.ListedNamespace;
import dev.sheaf.journal.json.Json;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Lists the namespaces of a bucket; reads only. */
@Command(
    name = "ls",
    mixinStandardHelpOptions = true,
    description = "List the namespaces of a bucket and what a compaction would find there.")
final class ListCommand implements Callable<Integer> {
  @Mixin private final BucketOptions bucket;
  @Spec private CommandSpec spec = CommandSpec.create();

  ListCommand(Environment environment) {
    bucket = new BucketOptions(environment);
  }

  @Override
  public Integer call() {
    Compactor compactor = new Compactor(bucket.open(), JournalOptions.forFunction());
    PrintWriter out = spec.commandLine().getOut();
    int status = 0;
    for (ListedNamespace listed : compactor.survey().namespaces()) {
      try {
        out.println(text(compactor.plan(listed)));
      } catch (SheafException e) {
        status = 1;
        out.println(SnapshotJson.failure(listed.namespace(), e));
      }
    }
    out.flush();
    return status;
  }

  private static Json text(CompactionPlan plan) {
    return Json.object()
        .put("ns", plan.namespace().name())
        .put("segments", plan.listed())
        .put("aged", plan.candidates().size())
        .put("leftovers", plan.leftovers().size())
        .put("action", plan.action().name())
        .build();
  }
}
