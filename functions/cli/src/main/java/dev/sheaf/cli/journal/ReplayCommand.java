package dev.sheaf.cli.journal;

import dev.sheaf.bundle.SheafException;
import dev.sheaf.journal.JournalOptions;
import dev.sheaf.journal.Namespace;
import dev.sheaf.journal.Snapshot;
import dev.sheaf.journal.json.Json;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Replays a dumped bucket, without any server. */
@Command(
    name = "replay",
    mixinStandardHelpOptions = true,
    description = {
      "Replay a dumped bucket as a new replica would after one flush.",
      "Prints one JSON object a line for each namespace; one that cannot be read has a member"
          + " \"error\" instead of a state, and makes the command end with status 1."
    })
final class ReplayCommand implements Callable<Integer> {
  @Option(
      names = "--dir",
      required = true,
      description = "Directory with listing.json (keys and stamps) and objects/<key>.")
  private Path directory = Path.of("");

  @Option(names = "--ns", description = "Only this namespace; empty for the root.")
  private @Nullable String namespace;

  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public Integer call() {
    DumpedBucket bucket = DumpedBucket.load(directory);
    Collection<Namespace> wanted =
        namespace == null ? bucket.namespaces() : List.of(Namespace.existing(namespace));
    PrintWriter out = spec.commandLine().getOut();
    int status = 0;
    for (Namespace each : wanted) {
      try {
        out.println(text(Snapshot.take(bucket, each, JournalOptions.forFunction())));
      } catch (SheafException e) {
        status = 1;
        out.println(SnapshotJson.failure(each, e));
      }
    }
    out.flush();
    return status;
  }

  private static Json text(Snapshot snapshot) {
    return Json.object()
        .put("ns", snapshot.namespace().name())
        .put("state_bytes", snapshot.state().toString())
        .put("mark", SnapshotJson.mark(snapshot.mark()))
        .put("live_segments_above_mark", snapshot.live())
        .build();
  }
}
