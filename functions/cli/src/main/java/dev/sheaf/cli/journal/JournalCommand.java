package dev.sheaf.cli.journal;

import picocli.CommandLine.Command;

/** The parent of the journal commands; register it in the root command. */
@Command(
    name = "journal",
    description = "Look into the operation journals of a bucket, and write to them.",
    mixinStandardHelpOptions = true,
    subcommands = {
      ReplayCommand.class,
      ListCommand.class,
      ShowCommand.class,
      FlushCommand.class,
      CompactCommand.class,
      ApplyCommand.class
    })
public final class JournalCommand {}
