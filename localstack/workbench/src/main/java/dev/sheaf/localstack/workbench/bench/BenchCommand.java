package dev.sheaf.localstack.workbench.bench;

import picocli.CommandLine.Command;
import picocli.CommandLine.HelpCommand;

/** {@code localstack/bench}: each measurement is a command of its own. */
@Command(
    name = "bench",
    description = "Measure.",
    mixinStandardHelpOptions = true,
    subcommands = {
      IndexBench.class,
      PutsBench.class,
      GenerateBench.class,
      JournalBench.class,
      RepairBench.class,
      OpsBench.class,
      HelpCommand.class
    })
public final class BenchCommand {}
