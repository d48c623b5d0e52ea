package dev.sheaf.cli;

import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.cli.bundling.BuiltBundle;
import dev.sheaf.cli.bundling.Bundler;
import dev.sheaf.cli.git.GitHistory;
import dev.sheaf.cli.git.GitSource;
import dev.sheaf.cli.git.RefList;
import dev.sheaf.cli.process.ConsoleProgress;
import dev.sheaf.cli.process.Environment;
import dev.sheaf.cli.process.Folders;
import dev.sheaf.cli.process.Output;
import dev.sheaf.cli.process.Progress;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code sheaf bundle create}. */
@Command(
    name = "create",
    description = "Write a git history as one muse bundle: its commits, and every file of each.",
    mixinStandardHelpOptions = true)
final class BundleCreateCommand implements Callable<Integer> {
  private static final Path STANDARD_OUTPUT = Path.of("-");

  @Parameters(
      index = "0",
      paramLabel = "FILE",
      description = "The bundle to write; '-' for the standard output.")
  private Path file = Path.of("");

  @Parameters(
      index = "1",
      arity = "0..1",
      paramLabel = "GIT_DIR",
      description = "The repository, else the one around the working directory.")
  private @Nullable Path gitDirectory;

  @Option(
      names = {"-b", "--branch"},
      paramLabel = "BRANCH",
      description = "Take this branch only, and no tags; may be repeated.")
  private List<String> branches = new ArrayList<>();

  @Option(
      names = "--skip-unsupported-tags",
      description = "Leave out tags that name a tree or a blob.")
  private boolean skipUnsupportedTags;

  private final Environment environment;

  BundleCreateCommand(Environment environment) {
    this.environment = environment;
  }

  @Override
  public Integer call() throws IOException {
    if (file.equals(STANDARD_OUTPUT)) {
      return toOutput();
    }
    Path target = target();
    Path beside = Files.exists(target) && !Files.isRegularFile(target) ? null : target.getParent();
    Path scratch =
        beside == null
            ? Files.createTempDirectory("sheaf-bundle-")
            : Files.createTempDirectory(beside, ".sheaf-bundle-");
    try (GitSource source = open()) {
      BuiltBundle bundle = build(source, scratch);
      put(bundle, target);
      environment.out().println(bundle.id().prefixed() + " " + Output.bytes(bundle.sizeBytes()));
      return 0;
    } finally {
      Folders.delete(scratch);
    }
  }

  /** What is said of it has no place there. */
  private int toOutput() throws IOException {
    Path scratch = Files.createTempDirectory("sheaf-bundle-");
    try (GitSource source = open()) {
      BuiltBundle bundle = build(source, scratch);
      Files.copy(bundle.file(), environment.out());
      environment.out().flush();
      environment.err().println(bundle.id().prefixed() + " " + Output.bytes(bundle.sizeBytes()));
      return 0;
    } finally {
      Folders.delete(scratch);
    }
  }

  /** The file behind links, if it is there. */
  private Path target() throws IOException {
    Path named = environment.directory().resolve(file).toAbsolutePath();
    Path target = Files.exists(named) ? named.toRealPath() : named;
    Path parent = target.getParent();
    if (Files.isDirectory(target)) {
      throw new SheafException(
          ErrorKind.INVALID, file + " is a folder; name the file that the bundle is to be");
    }
    if (parent == null || !Files.isDirectory(parent)) {
      throw new SheafException(ErrorKind.INVALID, "there is no folder " + parent);
    }
    return target;
  }

  /** A file is replaced as a whole; a device or a pipe is written to. */
  private static void put(BuiltBundle bundle, Path target) throws IOException {
    if (!Files.exists(target) || Files.isRegularFile(target)) {
      Files.move(bundle.file(), target, StandardCopyOption.REPLACE_EXISTING);
      return;
    }
    try (OutputStream out = Files.newOutputStream(target, StandardOpenOption.WRITE)) {
      Files.copy(bundle.file(), out);
    }
  }

  private GitSource open() throws IOException {
    return gitDirectory == null
        ? GitSource.openAround(environment.directory())
        : GitSource.open(environment.directory().resolve(gitDirectory));
  }

  private BuiltBundle build(GitSource source, Path scratch) throws IOException {
    RefList refs = RefList.read(source, new RefList.Selection(branches, skipUnsupportedTags));
    Progress progress = new ConsoleProgress(environment);
    try (GitHistory history = new GitHistory(source);
        Bundler bundler = new Bundler(source, history, scratch, progress::step)) {
      progress.begin("compressing", 0, Progress.Unit.BYTES);
      return bundler.build(refs);
    } finally {
      progress.end();
    }
  }
}
