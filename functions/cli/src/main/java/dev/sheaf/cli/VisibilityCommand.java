package dev.sheaf.cli;

import dev.sheaf.cli.http.RepositoryClient;
import dev.sheaf.cli.process.Environment;
import dev.sheaf.cli.process.Output;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code sheaf visibility}. */
@Command(
    name = "visibility",
    description =
        "Open a repository to readers without a token, or close it again (needs scope admin)."
            + " Servers that run follow within seconds.",
    mixinStandardHelpOptions = true)
final class VisibilityCommand implements Callable<Integer> {
  /** Who may read. */
  enum Visibility {
    PUBLIC,
    PRIVATE
  }

  @Mixin private final RemoteOptions remote;

  @Parameters(index = "0", paramLabel = "public|private", description = "Who may read it.")
  private Visibility visibility = Visibility.PRIVATE;

  @Parameters(
      index = "1",
      arity = "0..1",
      paramLabel = "URL",
      description = "The repository, else SHEAF_URL.")
  private @Nullable String url;

  @Option(names = "--json", description = "Write JSON.")
  private boolean json;

  private final Environment environment;

  VisibilityCommand(Environment environment) {
    this.environment = environment;
    this.remote = new RemoteOptions(environment);
  }

  @Override
  public Integer call() {
    RepositoryClient client = remote.repository(url);
    Map<String, @Nullable Object> answer = client.setPublic(visibility == Visibility.PUBLIC);
    environment
        .out()
        .println(
            json
                ? Output.json(answer)
                : client.url() + " is " + visibility.name().toLowerCase(Locale.ROOT) + " now");
    return 0;
  }
}
