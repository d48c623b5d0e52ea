package dev.sheaf.cli.repair;

import dev.sheaf.cli.process.Environment;
import dev.sheaf.cli.process.Visible;
import dev.sheaf.repair.rebuild.Rebuild;
import dev.sheaf.repair.wiring.SiteRepair;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code sheaf rebuild}: the catalog out of the bucket. */
@Command(
    name = "rebuild",
    description = {
      "Make a site's catalog anew out of its bucket, by the SHEAF_* variables of the site;"
          + " SHEAF_QUEUE_URL is the queue of uploads.",
      "What the catalog knows is left as it is. Run it again until nothing is waiting; ends with"
          + " status 1 where something is waiting or missing."
    },
    mixinStandardHelpOptions = true)
public final class RebuildCommand implements Callable<Integer> {
  @Option(names = "--dry-run", description = "Say what there is to do and what is missing.")
  private boolean dryRun;

  private final Environment environment;

  RebuildCommand(Environment environment) {
    this.environment = environment;
  }

  @Override
  public Integer call() {
    Rebuild.Progress progress =
        SiteRepair.rebuild(
                environment.variables(),
                dryRun,
                step -> environment.out().println(Visible.line(step.toString())))
            .run();
    environment
        .out()
        .printf(
            "%,d repositories, %,d steps%s; %,d bundles wait for a worker, %,d things are missing%n",
            progress.repositories(),
            progress.steps(),
            dryRun ? " to take" : "",
            progress.waiting(),
            progress.missing());
    return progress.waiting() == 0 && progress.missing() == 0 ? 0 : 1;
  }
}
