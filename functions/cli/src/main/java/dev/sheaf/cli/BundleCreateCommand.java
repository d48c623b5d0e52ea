package dev.sheaf.cli;

import dev.sheaf.cli.bundling.BuiltBundle;
import dev.sheaf.cli.bundling.BundleSettings;
import dev.sheaf.cli.bundling.Bundler;
import dev.sheaf.cli.bundling.CommitRange;
import dev.sheaf.cli.bundling.Heads;
import dev.sheaf.cli.bundling.RangePlanner;
import dev.sheaf.cli.git.BlobIds;
import dev.sheaf.cli.git.GitHistory;
import dev.sheaf.cli.git.GitSource;
import dev.sheaf.cli.git.RefList;
import dev.sheaf.cli.process.ConsoleProgress;
import dev.sheaf.cli.process.Environment;
import dev.sheaf.cli.process.Folders;
import dev.sheaf.cli.process.Output;
import dev.sheaf.cli.process.Progress;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
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
    description = "Write a git repository into one bundle, as a first push would send it.",
    mixinStandardHelpOptions = true)
final class BundleCreateCommand implements Callable<Integer> {
  @Parameters(index = "0", paramLabel = "FILE", description = "The bundle to write.")
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

  @Option(names = "--portable", description = "For readers other than Sheaf; larger.")
  private boolean portable;

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
    Path target = environment.directory().resolve(file).toAbsolutePath();
    Path scratch = Files.createTempDirectory(target.getParent(), ".sheaf-bundle-");
    try (GitSource source = open()) {
      BuiltBundle bundle = build(source, scratch);
      Files.move(bundle.file(), target, StandardCopyOption.REPLACE_EXISTING);
      environment.out().println(bundle.id().prefixed() + " " + Output.bytes(bundle.sizeBytes()));
      return 0;
    } finally {
      Folders.delete(scratch);
    }
  }

  private GitSource open() throws IOException {
    return gitDirectory == null
        ? GitSource.openAround(environment.directory())
        : GitSource.open(environment.directory().resolve(gitDirectory));
  }

  private BuiltBundle build(GitSource source, Path scratch) throws IOException {
    RefList refs = RefList.read(source, new RefList.Selection(branches, skipUnsupportedTags));
    BundleSettings standard = BundleSettings.standard();
    BundleSettings settings =
        new BundleSettings(standard.level(), portable, Long.MAX_VALUE, standard.workers());
    Progress progress = new ConsoleProgress(environment);
    try (GitHistory history = new GitHistory(source);
        Bundler bundler =
            new Bundler(
                source,
                history,
                BlobIds.load(scratch.resolve("blob-ids")),
                settings,
                scratch,
                progress::step)) {
      CommitRange everything =
          new RangePlanner(source, history, settings.targetBytes())
              .plan(history.commitsBetween(List.of(), refs.tips()))
              .getFirst();
      progress.begin("compressing", everything.newBytes(), Progress.Unit.BYTES);
      return bundler.build(everything, Heads.of(refs, bundler.commitIds()), null);
    } finally {
      progress.end();
    }
  }
}
