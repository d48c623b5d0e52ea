package dev.sheaf.cli;

import dev.sheaf.bundle.SheafException;
import dev.sheaf.cli.process.Environment;
import dev.sheaf.cli.process.Visible;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.ToIntFunction;
import org.eclipse.jgit.errors.CorruptObjectException;
import org.eclipse.jgit.errors.MissingObjectException;
import picocli.CommandLine;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;

/**
 * A program of commands, and how they all end: 0 when done, 1 with one sentence when it failed, 2
 * on bad usage.
 */
public abstract class Program {
  private final Map<String, Class<?>> commands;

  @Option(
      names = "--debug",
      description = "Show where a failure came from.",
      scope = ScopeType.INHERIT)
  private boolean debug;

  /**
   * A program.
   *
   * @param commands by name, in the order of the help. Asking each class for its own name would
   *     take a start longer than the command that is called
   */
  @SafeVarargs
  protected Program(Map.Entry<String, Class<?>>... commands) {
    this.commands = new LinkedHashMap<>();
    for (Map.Entry<String, Class<?>> command : commands) {
      this.commands.put(command.getKey(), command.getValue());
    }
  }

  /** A command and its name. */
  protected static Map.Entry<String, Class<?>> command(String name, Class<?> command) {
    return Map.entry(name, command);
  }

  /** All commands by name, in the order of the help. */
  final Map<String, Class<?>> commands() {
    return Collections.unmodifiableMap(commands);
  }

  /** The program with all its commands. */
  final CommandLine whole(Environment environment) {
    return line(environment, "");
  }

  private CommandLine line(Environment environment, String called) {
    CommandLine line = new CommandLine(this, new CommandFactory(environment));
    addCommands(line, called);
    return line;
  }

  /** Runs one command; gives the exit code. */
  public final int start(Environment environment, String... args) {
    CommandLine line = line(environment, args.length == 0 ? "" : args[0]);
    line.setCaseInsensitiveEnumValuesAllowed(true);
    // A branch or a folder may be called @this; it is no file to read arguments from.
    line.setExpandAtFiles(false);
    line.setColorScheme(CommandLine.Help.defaultColorScheme(CommandLine.Help.Ansi.OFF));
    line.setOut(environment.out().writer());
    line.setErr(environment.err().writer());
    line.setExecutionStrategy(words -> execute(words, failure -> fail(environment, failure)));
    line.setExecutionExceptionHandler((failure, command, words) -> fail(environment, failure));
    try {
      List.of(args).forEach(Environment::requireText);
      int exit = line.execute(args);
      environment.out().flush();
      return exit;
    } catch (RuntimeException | Error e) {
      // Memory is at its end, or the output at the last moment.
      return fail(environment, e);
    }
  }

  /** Runs what needs no options read; gives the exit code. */
  final int startPlain(Environment environment, Callable<Integer> command) {
    try {
      int exit = command.call();
      environment.out().flush();
      return exit;
    } catch (Exception | Error e) {
      return fail(environment, e);
    }
  }

  /** Picocli's own, which has a stack trace for those who ask for help and cannot be given it. */
  private static int execute(
      CommandLine.ParseResult words, ToIntFunction<RuntimeException> onFailure) {
    try {
      return new CommandLine.RunLast().execute(words);
    } catch (CommandLine.PicocliException e) {
      throw e;
    } catch (RuntimeException e) {
      return onFailure.applyAsInt(e);
    }
  }

  private int fail(Environment environment, Throwable failure) {
    if (debug) {
      failure.printStackTrace(environment.err());
    }
    environment.err().println("sheaf: " + Visible.line(sentence(failure)));
    return CommandLine.ExitCode.SOFTWARE;
  }

  /** Reading what all commands take would be half of what a small one takes to run. */
  private void addCommands(CommandLine line, String called) {
    if (commands.containsKey(called)) {
      line.addSubcommand(commands.get(called));
      return;
    }
    commands.values().forEach(line::addSubcommand);
    line.addSubcommand(CommandLine.HelpCommand.class);
  }

  /** What to tell a person about a failure. */
  static String sentence(Throwable failure) {
    return switch (failure) {
      case SheafException known -> String.valueOf(known.getMessage());
      case UncheckedIOException wrapper when wrapper.getCause() != null ->
          sentence(wrapper.getCause());
      case NoSuchFileException missing -> "there is no file " + missing.getFile();
      case AccessDeniedException denied -> "no permission for " + denied.getFile();
      case MissingObjectException missing ->
          "the git repository is damaged: "
              + missing.getMessage()
              + "; 'git fsck' shows the extent";
      case CorruptObjectException corrupt ->
          "the git repository is damaged: "
              + corrupt.getMessage()
              + "; 'git fsck' shows the extent";
      case IOException other -> "input or output failed: " + other.getMessage();
      case OutOfMemoryError full -> "out of memory; give the JVM more with SHEAF_JAVA_OPTS=-Xmx4g";
      default -> "unexpected: " + failure + " (--debug shows where it came from)";
    };
  }
}
