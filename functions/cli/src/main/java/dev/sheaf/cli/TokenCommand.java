package dev.sheaf.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.HelpCommand;

/** {@code sheaf token}. */
@Command(
    name = "token",
    description = "Access tokens.",
    mixinStandardHelpOptions = true,
    subcommands = {TokenNewCommand.class, HelpCommand.class})
final class TokenCommand {}
