package dev.sheaf.cli;

import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.cli.http.Fields;
import dev.sheaf.cli.http.RepositoryClient;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code sheaf jobs}. */
@Command(
    name = "jobs",
    description = "Show the jobs that index bundles, newest first; or run one again.",
    mixinStandardHelpOptions = true)
final class JobsCommand implements Callable<Integer> {
  /** What to do with a job. */
  enum Action {
    /** Run it again. */
    retry
  }

  @Mixin private final RemoteOptions remote;

  @Parameters(index = "0", paramLabel = "URL", description = "The repository.")
  private String url = "";

  @Parameters(index = "1", arity = "0..1", paramLabel = "retry", description = "Run a job again.")
  private @Nullable Action action;

  @Parameters(index = "2", arity = "0..1", paramLabel = "ID", description = "The job.")
  private @Nullable String id;

  @Option(
      names = {"-n", "--limit"},
      paramLabel = "N",
      description = "How many jobs (default 20, at most 100).")
  private int limit = 20;

  @Option(names = "--json", description = "Write one JSON object a line.")
  private boolean json;

  private final Environment environment;

  JobsCommand(Environment environment) {
    this.environment = environment;
    this.remote = new RemoteOptions(environment);
  }

  @Override
  public Integer call() {
    RepositoryClient client = remote.repository(url);
    jobs(client).forEach(this::print);
    return 0;
  }

  private List<Map<String, @Nullable Object>> jobs(RepositoryClient client) {
    if (action != Action.retry) {
      return Fields.maps(client.jobs(limit), "jobs");
    }
    if (id == null) {
      throw new SheafException(
          ErrorKind.INVALID, "name the job to run again: sheaf jobs URL retry ID");
    }
    return List.of(client.retryJob(id));
  }

  private void print(Map<String, @Nullable Object> job) {
    if (json) {
      environment.out().println(Output.json(job));
      return;
    }
    environment
        .out()
        .println(
            Fields.text(job, "job_id")
                + "  "
                + Fields.text(job, "status")
                + "  attempt "
                + job.get("attempt")
                + "  "
                + Objects.toString(job.get("created_at"), "")
                + "  "
                + Objects.toString(job.get("bundle_key"), ""));
    if (job.get("error") instanceof String error) {
      environment.out().println("    " + error);
    }
  }
}
