package dev.sheaf.cli;

import dev.sheaf.cli.http.AnswerFields;
import dev.sheaf.cli.http.RepositoryClient;
import dev.sheaf.cli.process.Environment;
import dev.sheaf.cli.process.Output;
import dev.sheaf.cli.process.Visible;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code sheaf jobs}. */
@Command(
    name = "jobs",
    description = "Show the jobs that index bundles, newest first; or run one again.",
    mixinStandardHelpOptions = true)
final class JobsCommand implements Callable<Integer> {
  @Mixin private final RemoteOptions remote;

  @Parameters(
      arity = "0..3",
      paramLabel = "[URL] [retry ID]",
      description = "The repository, else SHEAF_URL; and a job to run again.")
  private List<String> words = new ArrayList<>();

  @Option(
      names = {"-n", "--limit"},
      paramLabel = "N",
      description = "How many jobs (default 20, at most 100).")
  private int limit = 20;

  @Option(names = "--json", description = "Write one JSON object a line.")
  private boolean json;

  @Spec private CommandSpec spec = CommandSpec.create();

  private final Environment environment;

  JobsCommand(Environment environment) {
    this.environment = environment;
    this.remote = new RemoteOptions(environment);
  }

  @Override
  public Integer call() {
    boolean named = !words.isEmpty() && RemoteOptions.isUrl(words.getFirst());
    RepositoryClient client = remote.repository(named ? words.getFirst() : null);
    jobs(client, named ? words.subList(1, words.size()) : words).forEach(this::print);
    return 0;
  }

  private List<Map<String, @Nullable Object>> jobs(RepositoryClient client, List<String> action) {
    if (action.isEmpty()) {
      return AnswerFields.maps(client.jobs(limit), "jobs");
    }
    if (action.size() != 2 || !action.getFirst().equals("retry")) {
      throw new CommandLine.ParameterException(
          spec.commandLine(), "to run a job again: sheaf jobs URL retry ID");
    }
    return List.of(client.retryJob(action.get(1)));
  }

  private void print(Map<String, @Nullable Object> job) {
    if (json) {
      environment.out().println(Output.json(job));
      return;
    }
    environment
        .out()
        .println(
            Visible.line(AnswerFields.text(job, "job_id"))
                + "  "
                + Visible.line(AnswerFields.text(job, "status"))
                + "  attempt "
                + job.get("attempt")
                + "  "
                + Visible.line(Objects.toString(job.get("created_at"), ""))
                + "  "
                + Visible.line(Objects.toString(job.get("bundle_key"), "")));
    if (job.get("error") instanceof String error) {
      environment.out().println("    " + Visible.line(error));
    }
  }
}
