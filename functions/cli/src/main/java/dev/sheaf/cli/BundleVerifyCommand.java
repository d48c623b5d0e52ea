package dev.sheaf.cli;

import dev.sheaf.bundle.check.BundleVerification;
import dev.sheaf.bundle.codec.BundleReader;
import dev.sheaf.bundle.history.SnapshotResolver;
import dev.sheaf.cli.process.Environment;
import dev.sheaf.cli.process.Folders;
import dev.sheaf.cli.process.Visible;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code sheaf bundle verify}. */
@Command(
    name = "verify",
    description = "Derive every id in a bundle again; exits 1 with the reason when one is wrong.",
    mixinStandardHelpOptions = true)
final class BundleVerifyCommand implements Callable<Integer> {
  private static final int SHOWN = 20;

  @Parameters(paramLabel = "FILE", description = "The bundle.")
  private Path file = Path.of("");

  private final Environment environment;

  BundleVerifyCommand(Environment environment) {
    this.environment = environment;
  }

  @Override
  public Integer call() throws IOException {
    Path spool = Files.createTempDirectory("sheaf-verify-");
    try (InputStream in =
        new BufferedInputStream(
            Files.newInputStream(environment.directory().resolve(file)), 1 << 16)) {
      BundleVerification verification =
          BundleVerification.of(BundleReader.spoolingTo(spool), in, SnapshotResolver.Known.NOTHING);
      return print(verification);
    } finally {
      Folders.delete(spool);
    }
  }

  private int print(BundleVerification verification) {
    verification.unchecked().stream()
        .limit(SHOWN)
        .forEach(line -> environment.out().println(Visible.line("not checked: " + line)));
    if (verification.isSound()) {
      environment.out().println("sound");
      return 0;
    }
    verification.findings().stream()
        .limit(SHOWN)
        .forEach(line -> environment.err().println(Visible.line("sheaf: " + line)));
    if (verification.findings().size() > SHOWN) {
      environment.err().println("sheaf: and " + (verification.findings().size() - SHOWN) + " more");
    }
    return 1;
  }
}
