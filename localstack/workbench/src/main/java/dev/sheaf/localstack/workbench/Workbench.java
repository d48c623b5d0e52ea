package dev.sheaf.localstack.workbench;

import dev.sheaf.cli.Program;
import dev.sheaf.cli.process.Environment;
import dev.sheaf.localstack.workbench.bench.BenchCommand;
import dev.sheaf.localstack.workbench.demo.DemoCommand;
import picocli.CommandLine.Command;

/** What works on Sheaf, rather than with it: measurements, the demo, functions run by hand. */
@Command(
    name = "workbench",
    description = "Run functions, measure and show them, on this machine.",
    mixinStandardHelpOptions = true)
public final class Workbench extends Program {
  private Workbench() {
    super(
        command("demo", DemoCommand.class),
        command("bench", BenchCommand.class),
        command("invoke", InvokeCommand.class));
  }

  /** Runs one command; gives the exit code. */
  public static int run(Environment environment, String... args) {
    return new Workbench().start(environment, args);
  }
}
