package dev.sheaf.cli.pages;

import java.util.List;
import java.util.stream.Collectors;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/** Completion of what is typed, for the shell fish. */
public final class FishCompletion {
  private FishCompletion() {}

  /** The script for a program. */
  public static String of(CommandSpec program) {
    return Commands.all(program)
        .map(command -> lines(program.name(), command))
        .collect(Collectors.joining());
  }

  private static String lines(String program, CommandSpec command) {
    StringBuilder lines = new StringBuilder();
    String when = "complete -c " + program + " -n '" + condition(command) + "'";
    for (CommandSpec each : Commands.under(command)) {
      String what = quote(Commands.sentence(each.usageMessage().description()));
      lines.append(when).append(" -f -a ").append(each.name()).append(" -d ").append(what);
      lines.append('\n');
    }
    for (OptionSpec option : Commands.options(command)) {
      lines.append(when).append(names(option));
      List<String> values = Commands.candidates(option);
      if (!values.isEmpty()) {
        lines.append(" -x -a ").append(quote(String.join(" ", values)));
      } else if (option.arity().max() > 0) {
        lines.append(" -r");
      }
      lines.append(" -d ").append(quote(Commands.of(option))).append('\n');
    }
    return lines.toString();
  }

  /** Whether what was typed so far is this command and none of those under it. */
  private static String condition(CommandSpec command) {
    String under =
        Commands.under(command).stream().map(CommandSpec::name).collect(Collectors.joining(" "));
    CommandSpec above = command.parent();
    if (above == null) {
      return "not __fish_seen_subcommand_from " + under;
    }
    String seen = "__fish_seen_subcommand_from " + command.name();
    if (above.parent() != null) {
      seen = "__fish_seen_subcommand_from " + above.name() + "; and " + seen;
    }
    return under.isEmpty() ? seen : seen + "; and not __fish_seen_subcommand_from " + under;
  }

  private static String names(OptionSpec option) {
    StringBuilder names = new StringBuilder();
    for (String name : option.names()) {
      names.append(name.startsWith("--") ? " -l " : " -s ").append(name.replaceFirst("^-+", ""));
    }
    return names.toString();
  }

  private static String quote(String text) {
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'";
  }
}
