package dev.sheaf.cli;

import dev.sheaf.cli.bundling.BundleSettings;
import dev.sheaf.cli.git.GitSource;
import dev.sheaf.cli.git.RefList;
import dev.sheaf.cli.http.RepositoryClient;
import dev.sheaf.cli.http.StoreClient;
import dev.sheaf.cli.http.Transport;
import dev.sheaf.cli.process.ConsoleProgress;
import dev.sheaf.cli.process.Environment;
import dev.sheaf.cli.process.Folders;
import dev.sheaf.cli.process.Output;
import dev.sheaf.cli.process.Progress;
import dev.sheaf.cli.process.Stopwatch;
import dev.sheaf.cli.process.Visible;
import dev.sheaf.cli.push.BundleSender;
import dev.sheaf.cli.push.PushOptions;
import dev.sheaf.cli.push.PushReport;
import dev.sheaf.cli.push.Pusher;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code sheaf push}. */
@Command(
    name = "push",
    description = "Push a git repository: all branches and tags, only what the server lacks.",
    mixinStandardHelpOptions = true)
final class PushCommand implements Callable<Integer> {
  private static final long MIB = 1 << 20;

  @Mixin private final RemoteOptions remote;

  @Parameters(
      arity = "0..2",
      paramLabel = "[GIT_DIR] URL",
      description = "The repository, else the one around the working directory; and where to.")
  private List<String> places = new ArrayList<>();

  @Option(
      names = {"-b", "--branch"},
      paramLabel = "BRANCH",
      description = "Push this branch only, and no tags; may be repeated.")
  private List<String> branches = new ArrayList<>();

  @Option(
      names = {"-f", "--force"},
      description = "Move branches and tags even to what does not build on their present place.")
  private boolean force;

  @Option(names = "--wait", description = "Return when the server has indexed everything.")
  private boolean wait;

  @Option(
      names = "--portable",
      description = "Write bundles that readers other than Sheaf understand; they are larger.")
  private boolean portable;

  @Option(
      names = "--skip-unsupported-tags",
      description = "Leave out tags that name a tree or a blob.")
  private boolean skipUnsupportedTags;

  @Option(
      names = "--bundle-size",
      paramLabel = "MIB",
      description = "Split a large history into bundles of about this many MiB (default 32).")
  private int bundleMib = 32;

  @Option(names = "--level", paramLabel = "N", description = "zstd level, 1 to 22 (default 9).")
  private int level = 9;

  @Option(names = "--json", description = "Write the report as JSON.")
  private boolean json;

  private final Environment environment;

  PushCommand(Environment environment) {
    this.environment = environment;
    this.remote = new RemoteOptions(environment);
  }

  @Override
  public Integer call() throws IOException {
    try (GitSource source = source()) {
      PushReport report = push(source);
      if (json) {
        environment.out().println(Output.json(report.toMap()));
      } else {
        print(report);
      }
      return 0;
    }
  }

  private GitSource source() throws IOException {
    boolean named =
        places.size() == 2 || (places.size() == 1 && !RemoteOptions.isUrl(places.get(0)));
    return named
        ? GitSource.open(environment.directory().resolve(places.get(0)))
        : GitSource.openAround(environment.directory());
  }

  private PushReport push(GitSource source) throws IOException {
    Transport transport = remote.transport();
    RepositoryClient client = client(source, transport);
    Progress progress = new ConsoleProgress(environment);
    Stopwatch stopwatch = new Stopwatch(environment.nanoTime());
    BundleSender sender =
        new BundleSender(
            client, new StoreClient(transport), environment.sleeper(), progress, stopwatch);
    Path scratch = Files.createTempDirectory("sheaf-push-");
    try {
      return new Pusher(source, client, sender, options(), progress, stopwatch).push(scratch);
    } finally {
      progress.end();
      Folders.delete(scratch);
    }
  }

  /** Of the URL given, else SHEAF_URL, else the one that the repository was cloned from. */
  private RepositoryClient client(GitSource source, Transport transport) {
    boolean named =
        places.size() == 2 || (places.size() == 1 && RemoteOptions.isUrl(places.get(0)));
    String clonedFrom = source.config().getString("sheaf", null, "url");
    if (named || environment.variables().containsKey("SHEAF_URL") || clonedFrom == null) {
      return remote.repository(remote.url(named ? places.getLast() : null), transport);
    }
    return remote.configured(remote.url(clonedFrom), transport);
  }

  private PushOptions options() {
    int workers = BundleSettings.standard().workers();
    return new PushOptions(
        new RefList.Selection(branches, skipUnsupportedTags),
        force,
        wait,
        new BundleSettings(level, portable, bundleMib * MIB, workers));
  }

  private void print(PushReport report) {
    if (report.upToDate()) {
      environment.out().println("everything up to date");
      return;
    }
    environment
        .out()
        .println(
            "pushed "
                + Output.count(report.commits(), "commit")
                + " and "
                + Output.count(report.objects(), "object")
                + " in "
                + Output.count(report.bundles().size(), "bundle")
                + " of "
                + Output.bytes(report.bundleBytes())
                + ", sent "
                + Output.bytes(report.uploadedBytes())
                + ", "
                + Output.count(report.traffic().total().requests(), "request")
                + ", "
                + Output.seconds(report.millis().getOrDefault("total", 0L)));
    report
        .branches()
        .forEach((branch, head) -> environment.out().println(Visible.line(branch + " -> " + head)));
  }
}
