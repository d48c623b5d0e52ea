package dev.sheaf.localstack.workbench.demo;

import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.cli.http.Transport;
import dev.sheaf.cli.process.ConsoleProgress;
import dev.sheaf.cli.process.Environment;
import dev.sheaf.cli.process.Folders;
import dev.sheaf.cli.process.Output;
import dev.sheaf.cli.process.Progress;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code localstack/demo}. */
@Command(
    name = "demo",
    description =
        "Start a site in this process, push a git repository to it and clone it back, by the"
            + " installed git and by sheaf, and compare; then upload its history as a muse bundle, read that back, and compare.",
    mixinStandardHelpOptions = true)
public final class DemoCommand implements Callable<Integer> {
  @Parameters(
      arity = "0..1",
      paramLabel = "GIT_DIR",
      description = "The repository to push; else Sheaf's own.")
  private @Nullable Path original;

  @Option(
      names = "--keep",
      paramLabel = "DIR",
      description = "Leave DIR/clone and DIR/report.json behind.")
  private @Nullable Path keep;

  @Option(names = "--project", hidden = true, description = "Sheaf's own folder.")
  private @Nullable Path project;

  private final Environment environment;

  DemoCommand(Environment environment) {
    this.environment = environment;
  }

  @Override
  public Integer call() throws IOException {
    Path source = environment.directory().resolve(Objects.requireNonNullElse(original, project()));
    Path work = Files.createTempDirectory("sheaf-demo-");
    try {
      Path clone = keep == null ? work.resolve("clone") : kept("clone");
      Path file = keep == null ? work.resolve("report.json") : kept("report.json");
      Progress progress = new ConsoleProgress(environment);
      Path bin = environment.directory().resolve(project()).resolve("functions/cli");
      Demo demo =
          new Demo(environment, bin, progress, () -> new Transport(environment.sleeper()), work);
      DemoReport report = demo.run(source, clone);
      Files.createDirectories(Objects.requireNonNull(file.getParent()));
      Files.writeString(
          file,
          Output.json(report.toMap()) + "\n",
          StandardCharsets.UTF_8,
          StandardOpenOption.CREATE_NEW);
      report.print(environment.out());
      return report.isIdentical() ? 0 : 1;
    } finally {
      Folders.delete(work);
    }
  }

  private Path project() {
    return project == null ? environment.directory() : project;
  }

  private Path kept(String name) {
    Path file = environment.directory().resolve(Objects.requireNonNull(keep)).resolve(name);
    if (Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
      throw new SheafException(
          ErrorKind.CONFLICT,
          file + " is there already; remove it, or keep this in another folder");
    }
    return file;
  }
}
