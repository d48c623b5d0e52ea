package dev.sheaf.cli.repair;

import picocli.CommandLine.Command;

/** The parent of the repair commands; register it in the root command. */
@Command(
    name = "repair",
    description = "Look after what a site's bucket holds, by the SHEAF_* variables of the site.",
    mixinStandardHelpOptions = true,
    subcommands = {RunCommand.class, LostCommand.class})
public final class RepairCommand {}
