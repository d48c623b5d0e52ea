package dev.sheaf.cli;

import dev.sheaf.bundle.check.BundleInspection;
import dev.sheaf.bundle.codec.BundleReader;
import dev.sheaf.bundle.history.SnapshotResolver;
import dev.sheaf.cli.process.Environment;
import dev.sheaf.cli.process.Folders;
import dev.sheaf.cli.process.Output;
import dev.sheaf.cli.process.Visible;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code sheaf bundle inspect}. */
@Command(
    name = "inspect",
    description = "Show what is in a bundle.",
    mixinStandardHelpOptions = true)
final class BundleInspectCommand implements Callable<Integer> {
  @Parameters(paramLabel = "FILE", description = "The bundle.")
  private Path file = Path.of("");

  @Option(names = "--json", description = "Write JSON.")
  private boolean json;

  @Option(names = "--manifests", description = "With JSON: every file of every snapshot.")
  private boolean manifests;

  private final Environment environment;

  BundleInspectCommand(Environment environment) {
    this.environment = environment;
  }

  @Override
  public Integer call() throws IOException {
    Path spool = Files.createTempDirectory("sheaf-inspect-");
    try (InputStream in =
        new BufferedInputStream(
            Files.newInputStream(environment.directory().resolve(file)), 1 << 16)) {
      BundleInspection inspection =
          BundleInspection.of(BundleReader.spoolingTo(spool), in, SnapshotResolver.Known.NOTHING);
      print(inspection);
      return 0;
    } finally {
      Folders.delete(spool);
    }
  }

  private void print(BundleInspection inspection) {
    if (json) {
      environment.out().println(Output.json(inspection.toMap(manifests)));
      return;
    }
    environment
        .out()
        .println(
            inspection.bundleKey()
                + "\n"
                + Output.bytes(inspection.sizeBytes())
                + ", "
                + Output.count(inspection.commits(), "commit")
                + ", "
                + Output.count(inspection.snapshots(), "snapshot")
                + ", "
                + Output.count(inspection.objects(), "object"));
    inspection
        .branchHeads()
        .forEach((branch, head) -> environment.out().println(Visible.line(branch + " -> " + head)));
  }
}
