package dev.sheaf.cli;

import dev.sheaf.cli.http.AnswerFields;
import dev.sheaf.cli.http.RemoteUrl;
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

/** {@code sheaf home}. */
@Command(
    name = "home",
    description = "Show which site accepts the pushes of a repository, or make it another one.",
    mixinStandardHelpOptions = true)
final class HomeCommand implements Callable<Integer> {
  @Mixin private final RemoteOptions remote;

  @Parameters(
      arity = "0..1",
      paramLabel = "URL",
      description = "The repository at the site that is asked; else SHEAF_URL.")
  private @Nullable String url;

  @Option(
      names = "--take",
      description =
          "Make that site the home (needs scope admin). What the old home accepts before it"
              + " hears of it is kept under taken-over/.")
  private boolean take;

  @Option(names = "--json", description = "Write JSON.")
  private boolean json;

  private final Environment environment;

  HomeCommand(Environment environment) {
    this.environment = environment;
    this.remote = new RemoteOptions(environment);
  }

  @Override
  public Integer call() {
    RemoteUrl repository = remote.url(url);
    Map<String, @Nullable Object> home = remote.site(repository.base()).home(repository, take);
    if (json) {
      environment.out().println(Output.json(home));
    } else if (home.get("home") instanceof String site) {
      environment
          .out()
          .println(
              Visible.line(site + " (moved " + times(AnswerFields.number(home, "moves")) + ")"));
    } else {
      environment.out().println("any site that is asked");
    }
    return 0;
  }

  private static String times(long moves) {
    return moves == 0 ? "never" : Output.count(moves, "time");
  }
}
