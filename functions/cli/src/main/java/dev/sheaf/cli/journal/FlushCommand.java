package dev.sheaf.cli.journal;

import dev.sheaf.cli.process.Environment;
import dev.sheaf.journal.JournalOptions;
import dev.sheaf.journal.Namespace;
import dev.sheaf.journal.Snapshot;
import dev.sheaf.journal.json.Json;
import java.nio.charset.StandardCharsets;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Flushes a namespace: whether all of its objects can be read. */
@Command(
    name = "flush",
    mixinStandardHelpOptions = true,
    description = "Read a whole namespace as a new replica does; fails where one would.")
final class FlushCommand implements Runnable {
  @Mixin private final BucketOptions bucket;

  @Parameters(index = "0", description = "The namespace; '' for the root.")
  private String namespace = "";

  @Spec private CommandSpec spec = CommandSpec.create();

  FlushCommand(Environment environment) {
    bucket = new BucketOptions(environment);
  }

  @Override
  public void run() {
    Snapshot snapshot =
        Snapshot.take(bucket.open(), Namespace.existing(namespace), JournalOptions.forFunction());
    spec.commandLine()
        .getOut()
        .println(
            Json.object()
                .put("ns", snapshot.namespace().name())
                .put(
                    "state_size",
                    snapshot.state().toString().getBytes(StandardCharsets.UTF_8).length)
                .put("mark", SnapshotJson.mark(snapshot.mark()))
                .put("segments", snapshot.segments())
                .put("live_segments_above_mark", snapshot.live())
                .build());
    spec.commandLine().getOut().flush();
  }
}
