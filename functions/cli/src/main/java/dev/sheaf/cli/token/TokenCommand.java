package dev.sheaf.cli.token;

import picocli.CommandLine.Command;
import picocli.CommandLine.HelpCommand;

/** {@code sheaf token}. */
@Command(
    name = "token",
    description = "Access tokens.",
    mixinStandardHelpOptions = true,
    subcommands = {
      TokenNewCommand.class,
      TokenAddCommand.class,
      TokenListCommand.class,
      TokenRevokeCommand.class,
      HelpCommand.class
    })
public final class TokenCommand {}
