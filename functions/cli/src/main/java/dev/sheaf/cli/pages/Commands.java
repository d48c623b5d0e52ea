package dev.sheaf.cli.pages;

import java.util.List;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/** Which commands and options there are, for a reader. */
final class Commands {
  private Commands() {}

  /** A command and all that are under it, each before those below it; hidden ones are left out. */
  static Stream<CommandSpec> all(CommandSpec root) {
    return Stream.concat(Stream.of(root), under(root).stream().flatMap(Commands::all));
  }

  /** The commands directly under one; help is no command of its own here. */
  static List<CommandSpec> under(CommandSpec command) {
    return command.subcommands().values().stream()
        .map(CommandLine::getCommandSpec)
        .filter(each -> !each.usageMessage().hidden() && !each.name().equals("help"))
        .toList();
  }

  /** The options of a command that are shown. */
  static List<OptionSpec> options(CommandSpec command) {
    return command.options().stream().filter(option -> !option.hidden()).toList();
  }

  /** A description as one line, without picocli's variables. */
  static String sentence(String... description) {
    return String.join(" ", description).replace("%n", " ").strip();
  }

  /** The description of an option with its values filled in. */
  static String of(OptionSpec option) {
    return sentence(option.description())
        .replace("${DEFAULT-VALUE}", String.valueOf(option.defaultValueString()))
        .replace("${COMPLETION-CANDIDATES}", String.join(", ", candidates(option)));
  }

  /** The values that an option takes, where they can be listed. */
  static List<String> candidates(OptionSpec option) {
    Iterable<String> values = option.completionCandidates();
    return values == null ? List.of() : Stream.of(values).flatMap(Commands::stream).toList();
  }

  private static Stream<String> stream(Iterable<String> values) {
    Stream.Builder<String> stream = Stream.builder();
    values.forEach(stream);
    return stream.build();
  }
}
