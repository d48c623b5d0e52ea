package dev.sheaf.cli.journal;

import dev.sheaf.cli.process.Environment;
import dev.sheaf.journal.JournalOptions;
import dev.sheaf.journal.Namespace;
import dev.sheaf.journal.Snapshot;
import dev.sheaf.journal.json.Json;
import dev.sheaf.journal.json.JsonObject;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Shows what a namespace holds. */
@Command(
    name = "show",
    mixinStandardHelpOptions = true,
    description = "Show the state of a namespace, or one structure of it, as JSON.")
final class ShowCommand implements Runnable {
  @Mixin private final BucketOptions bucket;

  @Parameters(index = "0", description = "The namespace; '' for the root.")
  private String namespace = "";

  @Option(names = "--key", description = "Only this structure.")
  private @Nullable String key;

  @Spec private CommandSpec spec = CommandSpec.create();

  ShowCommand(Environment environment) {
    bucket = new BucketOptions(environment);
  }

  @Override
  public void run() {
    Snapshot snapshot =
        Snapshot.take(bucket.open(), Namespace.existing(namespace), JournalOptions.forFunction());
    spec.commandLine().getOut().println(key == null ? whole(snapshot) : one(snapshot.state(), key));
    spec.commandLine().getOut().flush();
  }

  private static Json whole(Snapshot snapshot) {
    return Json.object()
        .put("ns", snapshot.namespace().name())
        .put("state", snapshot.state())
        .put("mark", SnapshotJson.mark(snapshot.mark()))
        .put("segments", snapshot.segments())
        .put("live_segments_above_mark", snapshot.live())
        .build();
  }

  private static Json one(JsonObject state, String key) {
    Json value = state.get(key);
    return value == null ? Json.NULL : value;
  }
}
