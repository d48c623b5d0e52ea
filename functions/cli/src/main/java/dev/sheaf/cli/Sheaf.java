package dev.sheaf.cli;

import dev.sheaf.bundle.SheafException;
import dev.sheaf.cli.bench.BenchCommand;
import dev.sheaf.cli.demo.DemoCommand;
import dev.sheaf.cli.journal.JournalCommand;
import dev.sheaf.cli.process.Environment;
import dev.sheaf.cli.process.Visible;
import dev.sheaf.cli.repair.RepairCommand;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.ToIntFunction;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.eclipse.jgit.errors.CorruptObjectException;
import org.eclipse.jgit.errors.MissingObjectException;
import picocli.CommandLine;

/**
 * {@code sheaf}, and how all its commands end: 0 when done, 1 with one sentence when it failed, 2
 * on bad usage.
 */
@CommandLine.Command(
    name = "sheaf",
    description = "Push git repositories into Sheaf and get them back.",
    mixinStandardHelpOptions = true,
    versionProvider = Sheaf.Version.class,
    scope = CommandLine.ScopeType.LOCAL)
public final class Sheaf {
  /** All commands by name, in the order of the help. */
  static final Map<String, Class<?>> COMMANDS =
      Stream.of(
              PushCommand.class,
              CloneCommand.class,
              FetchCommand.class,
              PullCommand.class,
              LogCommand.class,
              CatCommand.class,
              RefsCommand.class,
              JobsCommand.class,
              HomeCommand.class,
              StatusCommand.class,
              OpsCommand.class,
              BundleCommand.class,
              TokenCommand.class,
              LoginCommand.class,
              LogoutCommand.class,
              InvokeCommand.class,
              DemoCommand.class,
              JournalCommand.class,
              RepairCommand.class,
              BenchCommand.class,
              RehearseCommand.class,
              RemoteHelperCommand.class)
          .collect(
              Collectors.toMap(
                  command -> command.getAnnotation(CommandLine.Command.class).name(),
                  command -> command,
                  (a, b) -> a,
                  LinkedHashMap::new));

  @CommandLine.Option(
      names = "--debug",
      description = "Show where a failure came from.",
      scope = CommandLine.ScopeType.INHERIT)
  private boolean debug;

  private Sheaf() {}

  static final class Version implements CommandLine.IVersionProvider {
    @Override
    public String[] getVersion() {
      String version = Sheaf.class.getPackage().getImplementationVersion();
      return new String[] {"sheaf " + (version == null ? "(not packaged)" : version)};
    }
  }

  /** Runs one command; gives the exit code. */
  public static int run(Environment environment, String... args) {
    Sheaf sheaf = new Sheaf();
    CommandLine line = new CommandLine(sheaf, new CommandFactory(environment));
    addCommands(line, args.length == 0 ? "" : args[0]);
    line.setCaseInsensitiveEnumValuesAllowed(true);
    line.setColorScheme(CommandLine.Help.defaultColorScheme(CommandLine.Help.Ansi.OFF));
    line.setOut(environment.out().writer());
    line.setErr(environment.err().writer());
    line.setExecutionStrategy(words -> execute(words, failure -> sheaf.fail(environment, failure)));
    line.setExecutionExceptionHandler(
        (failure, command, words) -> sheaf.fail(environment, failure));
    try {
      int exit = line.execute(args);
      environment.out().flush();
      return exit;
    } catch (RuntimeException | Error e) {
      // Memory is at its end, or the output at the last moment.
      return sheaf.fail(environment, e);
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
  private static void addCommands(CommandLine line, String called) {
    if (COMMANDS.containsKey(called)) {
      line.addSubcommand(COMMANDS.get(called));
      return;
    }
    COMMANDS.values().forEach(line::addSubcommand);
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
