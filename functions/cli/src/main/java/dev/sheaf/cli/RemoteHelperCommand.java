package dev.sheaf.cli;

import dev.sheaf.cli.git.LocalRepository;
import dev.sheaf.cli.http.RemoteUrl;
import dev.sheaf.cli.http.StoreClient;
import dev.sheaf.cli.http.Transport;
import dev.sheaf.cli.process.ConsoleProgress;
import dev.sheaf.cli.process.Environment;
import dev.sheaf.cli.process.Progress;
import dev.sheaf.cli.process.Stopwatch;
import dev.sheaf.cli.remote.RemoteHelper;
import java.io.BufferedInputStream;
import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code sheaf remote-helper}, which git starts as {@code git-remote-sheaf}. */
@Command(
    name = "remote-helper",
    description = "What git starts for a remote whose URL begins with sheaf::",
    mixinStandardHelpOptions = true,
    hidden = true)
final class RemoteHelperCommand implements Callable<Integer> {
  @Mixin private final RemoteOptions remote;

  @Parameters(index = "0", paramLabel = "REMOTE", description = "The remote's name, or its URL.")
  private String name = "";

  @Parameters(index = "1", arity = "0..1", paramLabel = "URL", description = "Its URL.")
  private @Nullable String url;

  private final Environment environment;

  RemoteHelperCommand(Environment environment) {
    this.environment = environment;
    this.remote = new RemoteOptions(environment);
  }

  /**
   * Whether git calls: with a remote and its URL and no options. Half of the time until the first
   * request would go into reading what options there are.
   */
  static boolean isAsGitCallsIt(String... args) {
    return args.length == 3
        && args[0].equals("remote-helper")
        && !args[1].startsWith("-")
        && !args[2].startsWith("-");
  }

  /** The command as git calls it. */
  static RemoteHelperCommand called(Environment environment, String... args) {
    RemoteHelperCommand command = new RemoteHelperCommand(environment);
    command.name = args[1];
    command.url = args[2];
    return command;
  }

  @Override
  public Integer call() throws IOException {
    Transport transport = remote.transport(name);
    // Whether the user or the repository's configuration names the URL, git does not tell.
    var client =
        remote.configured(RemoteUrl.parse(Remote.plain(url == null ? name : url)), transport);
    try (InputStream in = new BufferedInputStream(new FileInputStream(FileDescriptor.in))) {
      new RemoteHelper(
              client,
              new StoreClient(transport),
              repository(),
              this::progress,
              new Stopwatch(environment.nanoTime()),
              in,
              environment.out())
          .run();
    }
    return 0;
  }

  private @Nullable LocalRepository repository() {
    String folder = environment.variables().get("GIT_DIR");
    if (folder == null) {
      return null;
    }
    Environment.requireText(folder);
    return LocalRepository.at(
        environment.variables(), environment.directory().resolve(Path.of(folder)));
  }

  private Progress progress(boolean wanted) {
    return wanted ? new ConsoleProgress(environment) : Progress.NONE;
  }
}
