package dev.sheaf.cli;

import dev.sheaf.cli.git.LocalRepository;
import dev.sheaf.cli.http.RepositoryClient;
import dev.sheaf.cli.http.StoreClient;
import dev.sheaf.cli.http.Transport;
import dev.sheaf.cli.process.ConsoleProgress;
import dev.sheaf.cli.process.Environment;
import dev.sheaf.cli.process.Output;
import dev.sheaf.cli.process.Progress;
import dev.sheaf.cli.process.Stopwatch;
import dev.sheaf.cli.process.Visible;
import dev.sheaf.cli.send.JobWatch;
import dev.sheaf.cli.send.PackSender;
import dev.sheaf.cli.send.PushOptions;
import dev.sheaf.cli.send.PushReport;
import dev.sheaf.cli.send.Pusher;
import dev.sheaf.cli.send.SentPack;
import java.io.IOException;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code sheaf push}. */
@Command(
    name = "push",
    description = "Push a git repository: all refs and HEAD, only what the server lacks.",
    mixinStandardHelpOptions = true)
final class PushCommand implements Callable<Integer> {
  /** More refs than these are a number. */
  private static final int SHOWN = 20;

  @Mixin private final RemoteOptions remote;

  @Parameters(
      arity = "0..2",
      paramLabel = "[GIT_DIR] URL",
      description = "The repository, else the one around the working directory; and where to.")
  private List<String> places = new ArrayList<>();

  @Option(
      names = {"-b", "--branch"},
      paramLabel = "BRANCH",
      description = "Push this branch only, or ref of a full name; may be repeated.")
  private List<String> branches = new ArrayList<>();

  @Option(
      names = {"-f", "--force"},
      description = "Move refs even to what does not build on their present place.")
  private boolean force;

  @Option(
      names = "--prune",
      description = "Delete branches, tags and other refs there that are not here.")
  private boolean prune;

  @Option(
      names = {"-d", "--delete"},
      paramLabel = "REF",
      description = "Delete this branch, or ref of a full name, there, and do nothing else.")
  private List<String> deleted = new ArrayList<>();

  @Option(names = "--wait", description = "Return when the server has proven everything.")
  private boolean wait;

  @Option(
      names = "--bundle-size",
      paramLabel = "MIB",
      hidden = true,
      description = "For scripts of the time when a push was many bundles; it is one.")
  @SuppressWarnings("UnusedVariable") // Taken, and without effect.
  private int bundleMib;

  @Option(names = "--json", description = "Write the report as JSON.")
  private boolean json;

  private final Environment environment;

  PushCommand(Environment environment) {
    this.environment = environment;
    this.remote = new RemoteOptions(environment);
  }

  @Override
  public Integer call() throws IOException {
    LocalRepository repository = repository();
    PushReport report = push(repository);
    if (json) {
      environment.out().println(Output.json(report.toMap()));
    } else {
      print(report);
    }
    return 0;
  }

  private LocalRepository repository() throws IOException {
    boolean named =
        places.size() == 2 || (places.size() == 1 && !RemoteOptions.isUrl(places.get(0)));
    return LocalRepository.named(
        environment.variables(), environment.directory(), named ? places.get(0) : null);
  }

  private PushReport push(LocalRepository repository) throws IOException {
    Transport transport = remote.transport();
    RepositoryClient client = client(repository, transport);
    Progress progress = new ConsoleProgress(environment);
    Stopwatch stopwatch = new Stopwatch(environment.nanoTime());
    PackSender sender = new PackSender(client, new StoreClient(transport), progress, stopwatch);
    JobWatch jobs = new JobWatch(client, environment.sleeper(), progress);
    PushOptions options = new PushOptions(branches, force, prune, deleted, wait);
    try {
      return new Pusher(repository, client, sender, jobs, options, stopwatch).push();
    } finally {
      progress.end();
    }
  }

  /** Of the URL given, else the one that the repository was cloned from, else SHEAF_URL. */
  private RepositoryClient client(LocalRepository repository, Transport transport)
      throws IOException {
    boolean named =
        places.size() == 2 || (places.size() == 1 && RemoteOptions.isUrl(places.get(0)));
    Optional<Remote> clonedFrom = named ? Optional.empty() : Remote.of(repository);
    return clonedFrom.isPresent()
        ? remote.configured(remote.url(clonedFrom.get().url()), transport)
        : remote.repository(remote.url(named ? places.getLast() : null), transport);
  }

  private void print(PushReport report) {
    PrintStream out = environment.out();
    if (report.upToDate()) {
      out.println("everything up to date");
    } else {
      out.println(summary(report));
    }
    report.moved().entrySet().stream()
        .limit(SHOWN)
        .forEach(ref -> out.println(Visible.line(ref.getKey() + " -> " + ref.getValue())));
    if (report.moved().size() > SHOWN) {
      out.println("and " + (report.moved().size() - SHOWN) + " refs more");
    }
    report.deleted().forEach(name -> out.println(Visible.line(name + " deleted")));
    if (report.head() != null) {
      out.println(Visible.line("HEAD -> " + report.head()));
    }
    if (report.headStays() != null) {
      out.println(Visible.line(report.headStays()));
    }
    printOnlyHere(report);
    if (!report.onlyThere().isEmpty()) {
      out.println(
          "on the server and not here: "
              + report.onlyThere().stream()
                  .limit(SHOWN)
                  .map(name -> Visible.line(name.toString()))
                  .collect(Collectors.joining(", "))
              + (report.onlyThere().size() > SHOWN ? ", ..." : "")
              + "; --prune deletes them there");
    }
  }

  /** What other servers have is of no interest; everybody's clone keeps that. */
  private void printOnlyHere(PushReport report) {
    List<String> names =
        report.onlyHere().stream().filter(name -> !name.startsWith("refs/remotes/")).toList();
    if (!names.isEmpty()) {
      environment
          .out()
          .println(
              "about this copy alone, and not sent: "
                  + names.stream().limit(SHOWN).map(Visible::line).collect(Collectors.joining(", "))
                  + (names.size() > SHOWN ? ", ..." : ""));
    }
  }

  private static String summary(PushReport report) {
    SentPack pack = report.pack();
    return "pushed "
        + (pack == null ? "refs" : Output.count(pack.objects(), "object"))
        + ", sent "
        + Output.bytes(report.uploadedBytes())
        + ", "
        + Output.count(report.traffic().total().requests(), "request")
        + ", "
        + Output.seconds(report.millis().getOrDefault("total", 0L));
  }
}
