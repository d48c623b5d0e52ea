package dev.sheaf.cli;

import dev.sheaf.cli.http.AnswerFields;
import dev.sheaf.cli.http.RepositoryClient;
import dev.sheaf.cli.process.Environment;
import dev.sheaf.cli.process.Output;
import dev.sheaf.cli.process.Visible;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code sheaf log}. */
@Command(
    name = "log",
    description = "Show the commits of a branch, newest first.",
    mixinStandardHelpOptions = true)
final class LogCommand implements Callable<Integer> {
  private static final int PAGE = 200;

  @Mixin private final RemoteOptions remote;

  @Parameters(arity = "0..1", paramLabel = "URL", description = "The repository; else SHEAF_URL.")
  private @Nullable String url;

  @Option(
      names = {"-b", "--branch"},
      paramLabel = "BRANCH",
      description = "The branch; else the default branch.")
  private @Nullable String branch;

  @Option(
      names = {"-n", "--limit"},
      paramLabel = "N",
      description = "How many commits (default 20).")
  private int limit = 20;

  @Option(names = "--json", description = "Write one JSON object a line.")
  private boolean json;

  private final Environment environment;

  LogCommand(Environment environment) {
    this.environment = environment;
    this.remote = new RemoteOptions(environment);
  }

  @Override
  public Integer call() {
    RepositoryClient client = remote.repository(url);
    String before = null;
    int left = limit;
    while (left > 0) {
      Map<String, @Nullable Object> page = client.commits(branch, Math.min(left, PAGE), before);
      for (Map<String, @Nullable Object> commit : AnswerFields.maps(page, "commits")) {
        print(commit);
        left--;
      }
      if (!(page.get("next") instanceof String next)) {
        break;
      }
      before = next;
    }
    return 0;
  }

  private void print(Map<String, @Nullable Object> commit) {
    if (json) {
      environment.out().println(Output.json(commit));
      return;
    }
    environment
        .out()
        .println(
            Visible.line(AnswerFields.text(commit, "commit_id"))
                + "  "
                + Visible.line(AnswerFields.text(commit, "committed_at"))
                + "  "
                + Visible.line(Objects.toString(commit.get("author"), ""))
                + "\n    "
                + Visible.line(Objects.toString(commit.get("subject"), "")));
  }
}
