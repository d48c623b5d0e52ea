package dev.sheaf.cli;

import dev.sheaf.cli.http.AnswerFields;
import dev.sheaf.cli.http.RepositoryClient;
import dev.sheaf.cli.process.Environment;
import dev.sheaf.cli.process.Output;
import dev.sheaf.cli.process.Visible;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code sheaf rename}. */
@Command(
    name = "rename",
    description =
        "Give a repository another name under the same owner, at its home (needs scope admin for"
            + " both names). Who asks for the old one is told the new one.",
    mixinStandardHelpOptions = true)
final class RenameCommand implements Callable<Integer> {
  @Mixin private final RemoteOptions remote;

  /** Never SHEAF_URL: what is renamed is said. */
  @Parameters(index = "0", paramLabel = "URL", description = "The repository.")
  private String url = "";

  @Parameters(
      index = "1",
      paramLabel = "NEW-NAME",
      description = "The last part of its URL from now on.")
  private String name = "";

  @Option(names = "--json", description = "Write JSON.")
  private boolean json;

  private final Environment environment;

  RenameCommand(Environment environment) {
    this.environment = environment;
    this.remote = new RemoteOptions(environment);
  }

  @Override
  public Integer call() {
    RepositoryClient client = remote.repository(url);
    Map<String, @Nullable Object> answer = client.rename(name);
    environment
        .out()
        .println(
            json
                ? Output.json(answer)
                : Visible.line(client.url() + " is " + AnswerFields.text(answer, "name") + " now"));
    return 0;
  }
}
