package dev.sheaf.cli.pages;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/** A page of the manual, in the language of man(7). */
public final class ManPage {
  private static final List<String> EXIT =
      List.of(
          "0", "all is done",
          "1", "it failed, with one sentence on standard error",
          "2", "it was called wrongly");
  private static final List<String> VARIABLES =
      List.of(
          "SHEAF_URL", "the repository that a command means when it names none",
          "SHEAF_TOKEN", "the token for the site of SHEAF_URL",
          "SHEAF_JAVA_OPTS", "options for the JVM within, such as -Xmx2g");

  private final CommandSpec command;
  private final String version;
  private final StringBuilder page = new StringBuilder();

  private ManPage(CommandSpec command, String version) {
    this.command = command;
    this.version = version;
  }

  /** The commands that have a page. */
  public static List<CommandSpec> commands(CommandSpec program) {
    return Commands.all(program).toList();
  }

  /** The page of a command. */
  public static String of(CommandSpec command, String version) {
    return new ManPage(command, version).text();
  }

  /** The name of a command's page: {@code sheaf-token-new}. */
  public static String name(CommandSpec command) {
    return command.qualifiedName("-");
  }

  private String text() {
    String title = name(command).toUpperCase(Locale.ROOT);
    line(".TH \"" + title + "\" 1 \"\" \"" + version + "\" \"Sheaf\"");
    section("NAME");
    String description = Commands.sentence(command.usageMessage().description());
    text(name(command) + " \\- " + escape(description));
    section("SYNOPSIS");
    line(".B " + escape(command.qualifiedName()));
    text(synopsis());
    section("DESCRIPTION");
    text(escape(description));
    options();
    commands();
    pairs("EXIT STATUS", EXIT);
    pairs("ENVIRONMENT", VARIABLES);
    return page.toString();
  }

  private String synopsis() {
    if (!Commands.under(command).isEmpty()) {
      return "COMMAND [ARGUMENT...]";
    }
    String options = Commands.options(command).isEmpty() ? "" : "[OPTION...] ";
    return options
        + shown(command.positionalParameters()).stream()
            .map(each -> each.arity().min() == 0 ? "[" + label(each) + "]" : label(each))
            .map(ManPage::escape)
            .collect(Collectors.joining(" "));
  }

  private static List<PositionalParamSpec> shown(List<PositionalParamSpec> all) {
    return all.stream().filter(each -> !each.hidden()).toList();
  }

  private static String label(ArgSpec argument) {
    String label = argument.paramLabel();
    return label.startsWith("[") && label.endsWith("]") && label.indexOf(']') == label.length() - 1
        ? label.substring(1, label.length() - 1)
        : label;
  }

  private void options() {
    section("OPTIONS");
    for (PositionalParamSpec each : shown(command.positionalParameters())) {
      entry(escape(label(each)), escape(Commands.sentence(each.description())));
    }
    for (OptionSpec option : Commands.options(command)) {
      String names =
          Arrays.stream(option.names())
              .map(ManPage::escape)
              .collect(Collectors.joining("\\fR, \\fB"));
      String value = option.arity().max() == 0 ? "" : " " + escape(option.paramLabel());
      entry(names + "\\fR" + value, escape(Commands.of(option)));
    }
  }

  private void commands() {
    List<CommandSpec> under = Commands.under(command);
    if (under.isEmpty()) {
      return;
    }
    section("COMMANDS");
    for (CommandSpec each : under) {
      entry(escape(each.name()), escape(Commands.sentence(each.usageMessage().description())));
    }
    section("SEE ALSO");
    text(
        under.stream()
            .map(each -> "\\fB" + escape(name(each)) + "\\fR(1)")
            .collect(Collectors.joining(", ")));
  }

  private void pairs(String title, List<String> pairs) {
    section(title);
    for (int i = 0; i < pairs.size(); i += 2) {
      entry(pairs.get(i), escape(pairs.get(i + 1)));
    }
  }

  private void section(String title) {
    line(".SH " + title);
  }

  private void entry(String term, String text) {
    line(".TP");
    line("\\fB" + term + "\\fR");
    text(text);
  }

  private void text(String text) {
    // A dot or a quote at the beginning of a line would be a request.
    line(text.startsWith(".") || text.startsWith("'") ? "\\&" + text : text);
  }

  private void line(String line) {
    page.append(line).append('\n');
  }

  private static String escape(String text) {
    return text.replace("\\", "\\e").replace("-", "\\-");
  }
}
