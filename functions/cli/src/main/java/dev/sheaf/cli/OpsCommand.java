package dev.sheaf.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.HelpCommand;

/** {@code sheaf ops}. */
@Command(
    name = "ops",
    description = "The log of what a site did.",
    mixinStandardHelpOptions = true,
    subcommands = {
      OpsFailedCommand.class,
      OpsPlanCommand.class,
      OpsSweepCommand.class,
      HelpCommand.class
    })
final class OpsCommand {}
