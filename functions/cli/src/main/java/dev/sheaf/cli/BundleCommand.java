package dev.sheaf.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.HelpCommand;

/** {@code sheaf bundle}. */
@Command(
    name = "bundle",
    description = "Make bundles, and look into them.",
    mixinStandardHelpOptions = true,
    subcommands = {
      BundleCreateCommand.class,
      BundleInspectCommand.class,
      BundleVerifyCommand.class,
      HelpCommand.class
    })
final class BundleCommand {}
