package dev.sheaf.cli.git;

import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.SheafException;
import java.io.ByteArrayOutputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The installed git on one repository. Nothing else starts it: whoever did so by hand would work on
 * whatever repository the variables of the shell name, and in a git hook those name the user's.
 *
 * <p>Of the {@code GIT_*} variables only those are handed on that say who the user is, which
 * configuration is his and how he reaches the network; the repository and its work tree are named
 * in the command, and {@code git -c} is heard where it can lead to no other ({@link #forSettings}).
 * No hooks run, submodules are left alone, and history is what the objects say (neither replaced
 * nor grafted). Line ends, filters and the like are the user's.
 */
public final class GitProgram {
  /** The exit code when there is no git. */
  public static final int NOT_INSTALLED = -1;

  /** ENOENT, as the JDK words it. */
  private static final String NO_SUCH_PROGRAM = "error: 2 ";

  private static final int COMPLAINT_LIMIT = 4_000;

  private static final Set<String> KEPT =
      Set.of(
          "GIT_ASKPASS",
          "GIT_ATTR_NOSYSTEM",
          "GIT_CONFIG_GLOBAL",
          "GIT_CONFIG_NOSYSTEM",
          "GIT_CONFIG_SYSTEM",
          "GIT_EXEC_PATH",
          "GIT_PROXY_COMMAND",
          "GIT_TERMINAL_PROMPT");

  private static final List<String> KEPT_PREFIXES =
      List.of("GIT_AUTHOR_", "GIT_COMMITTER_", "GIT_HTTP_", "GIT_LFS_", "GIT_SSH", "GIT_SSL_");

  /** What {@code git -c} hands on to programs that it starts, and its newer form. */
  private static final Pattern SETTINGS =
      Pattern.compile("GIT_CONFIG_(PARAMETERS|COUNT|KEY_[0-9]+|VALUE_[0-9]+)");

  private static final List<String> ALWAYS =
      List.of(
          "-c", "core.hooksPath=/dev/null",
          "-c", "core.fsmonitor=false",
          "-c", "submodule.recurse=false",
          "-c", "advice.graftFileDeprecated=false",
          "-c", "gc.auto=0",
          "-c", "maintenance.auto=false");

  private final Map<String, String> variables;
  private final @Nullable Path gitFolder;
  private final @Nullable Path workTree;
  private final @Nullable Path directory;
  private final boolean isForSettings;

  /**
   * How a call ended.
   *
   * @param exit 0 when git did it, {@link #NOT_INSTALLED} when there is none
   * @param complaint what git said on its standard error: text of others, for {@link
   *     dev.sheaf.cli.process.Visible}
   */
  public record Outcome(int exit, String complaint) {
    /** Whether git did it. */
    public boolean isDone() {
      return exit == 0;
    }

    /** The line of the complaint that says most, or the exit code. */
    public String reason() {
      return line("fatal: ")
          .or(() -> line("error: "))
          .or(() -> complaint.lines().filter(line -> !line.isBlank()).reduce((a, b) -> b))
          .orElse("ended with " + exit);
    }

    private Optional<String> line(String start) {
      return complaint.lines().filter(line -> line.startsWith(start)).findFirst();
    }
  }

  /**
   * Git on a repository.
   *
   * @param variables the environment of this process
   * @param gitFolder {@code .git}, the file that stands for it, or a bare repository
   * @param workTree the top of its work tree; null: none is needed
   */
  public GitProgram(Map<String, String> variables, Path gitFolder, @Nullable Path workTree) {
    this(
        variables,
        gitFolder.toAbsolutePath(),
        workTree == null ? null : workTree.toAbsolutePath(),
        workTree == null ? gitFolder.toAbsolutePath().getParent() : workTree,
        false);
  }

  private GitProgram(
      Map<String, String> variables,
      @Nullable Path gitFolder,
      @Nullable Path workTree,
      @Nullable Path directory,
      boolean isForSettings) {
    this.isForSettings = isForSettings;
    this.variables = variables;
    this.gitFolder = gitFolder;
    this.workTree = workTree;
    this.directory = directory;
  }

  /** Git where it finds a repository itself, from a folder upwards. */
  public static GitProgram in(Map<String, String> variables, Path directory) {
    return new GitProgram(variables, null, null, directory, false);
  }

  /**
   * Git for commands that ask for settings and touch no repository: what the user has set for this
   * run alone ({@code git -c}) is heard.
   */
  public static GitProgram forSettings(Map<String, String> variables, Path directory) {
    return new GitProgram(variables, null, null, directory, true);
  }

  /** Runs a command that reads nothing and whose output nobody wants. */
  public Outcome run(String... arguments) throws IOException {
    return run(new byte[0], OutputStream.nullOutputStream(), arguments);
  }

  /**
   * Runs a command.
   *
   * @param input its standard input
   * @param output takes its standard output; not closed
   */
  public Outcome run(byte[] input, OutputStream output, String... arguments) throws IOException {
    return run(to -> to.write(input), from -> from.transferTo(output), arguments);
  }

  /** Writes what a command reads. */
  @FunctionalInterface
  public interface Feed {
    /** Writes all of it; the stream is closed by the caller. */
    void into(OutputStream to) throws IOException;
  }

  /** Reads what a command writes. */
  @FunctionalInterface
  public interface Drain {
    /** Reads all of it. */
    void from(InputStream from) throws IOException;
  }

  /**
   * Runs a command whose input and output are too large for memory. When either side fails, git is
   * ended and the failure thrown.
   *
   * @param feed runs on a thread of its own
   */
  public Outcome run(Feed feed, Drain drain, String... arguments) throws IOException {
    Process process = start(arguments);
    if (process == null) {
      return new Outcome(NOT_INSTALLED, "git is not installed; install git 2.31 or newer");
    }
    Thread onExit = new Thread(process::destroy, "end git");
    Runtime.getRuntime().addShutdownHook(onExit);
    try (InputStream from = process.getInputStream()) {
      ByteArrayOutputStream said = new ByteArrayOutputStream();
      Feeding feeding = new Feeding(process, feed);
      Thread feeder = beside(feeding);
      Thread listener = beside(() -> listen(process, said));
      try {
        drain.from(from);
      } catch (IOException e) {
        // Git may have been ended, and its output closed, since the feed had failed.
        process.destroy();
        feeder.join();
        feeding.rethrow();
        throw e;
      }
      feeder.join();
      feeding.rethrow();
      listener.join();
      int exit = process.waitFor();
      return new Outcome(exit, said.toString(StandardCharsets.UTF_8).strip());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while git ran", e);
    } finally {
      process.destroy();
      forget(onExit);
    }
  }

  /**
   * No virtual thread: where one has read from a network, the JVM waits 0.3 s at its end for a
   * thread of its own that is still listening (HotSpot's {@code VM_Exit}), and git waits with it
   * before it checks out.
   */
  private static Thread beside(Runnable work) {
    return Thread.ofPlatform().daemon().start(work);
  }

  /**
   * Runs a command that has to succeed; gives its output, one character a byte: names in a
   * repository are bytes.
   *
   * @throws SheafException of kind INVALID with what git said
   */
  public String output(String input, String... arguments) throws IOException {
    ByteArrayOutputStream output = new ByteArrayOutputStream();
    require(run(input.getBytes(StandardCharsets.ISO_8859_1), output, arguments), arguments[0]);
    return output.toString(StandardCharsets.ISO_8859_1);
  }

  /** Refuses to go on when a command failed. */
  public static void require(Outcome outcome, String command) {
    if (outcome.exit() == NOT_INSTALLED) {
      throw new SheafException(ErrorKind.NOT_FOUND, outcome.complaint());
    }
    if (!outcome.isDone()) {
      throw new SheafException(ErrorKind.INVALID, "git " + command + ": " + outcome.reason());
    }
  }

  private @Nullable Process start(String... arguments) {
    List<String> command = new ArrayList<>(List.of("git"));
    command.addAll(ALWAYS);
    if (gitFolder != null) {
      command.add("--git-dir=" + gitFolder);
    }
    if (workTree != null) {
      command.add("--work-tree=" + workTree);
    }
    command.addAll(List.of(arguments));
    ProcessBuilder builder = new ProcessBuilder(command);
    if (directory != null) {
      builder.directory(directory.toFile());
    }
    builder.environment().clear();
    builder.environment().putAll(handedOn(variables));
    if (isForSettings) {
      variables.forEach((name, value) -> {
        if (SETTINGS.matcher(name).matches()) {
          builder.environment().put(name, value);
        }
      });
    }
    try {
      return builder.start();
    } catch (IOException e) {
      if (directory != null && !Files.isDirectory(directory)) {
        throw new SheafException(
            ErrorKind.NOT_FOUND,
            "git cannot work in " + directory + ": there is no such folder",
            e);
      }
      if (String.valueOf(e.getMessage()).contains(NO_SUCH_PROGRAM)) {
        return null;
      }
      throw new SheafException(ErrorKind.UNAVAILABLE, "git did not start: " + e.getMessage(), e);
    }
  }

  /** The environment that git gets. */
  static Map<String, String> handedOn(Map<String, String> variables) {
    Map<String, String> left = new HashMap<>(variables);
    left.keySet().removeIf(GitProgram::isWithheld);
    left.put("GIT_NO_REPLACE_OBJECTS", "1");
    left.put("GIT_GRAFT_FILE", "/dev/null");
    // What git says is looked at.
    left.remove("LANGUAGE");
    left.put("LC_ALL", "C");
    return left;
  }

  private static boolean isWithheld(String name) {
    return name.equals("SHEAF_TOKEN")
        || (name.startsWith("GIT_")
            && !KEPT.contains(name)
            && KEPT_PREFIXES.stream().noneMatch(name::startsWith));
  }

  /** Git may end without reading everything; its exit code says whether that was right. */
  private static final class Feeding implements Runnable {
    private final Process process;
    private final Feed feed;
    private @Nullable Throwable failure;

    Feeding(Process process, Feed feed) {
      this.process = process;
      this.feed = feed;
    }

    private static final class EndedException extends IOException {
      private static final long serialVersionUID = 1;
    }

    @Override
    public void run() {
      try (OutputStream to = new Guarded(process.getOutputStream())) {
        feed.into(to);
      } catch (EndedException e) {
        // Said by the exit code.
      } catch (IOException | RuntimeException | Error e) {
        failure = e;
        process.destroy();
      }
    }

    void rethrow() throws IOException {
      switch (failure) {
        case null -> {}
        case IOException e -> throw e;
        case RuntimeException e -> throw e;
        case Error e -> throw e;
        default -> throw new IOException(failure);
      }
    }

    /** Tells a failure of git's to read from one of the feed's. */
    private static final class Guarded extends FilterOutputStream {
      Guarded(OutputStream to) {
        super(to);
      }

      @Override
      public void write(int b) throws IOException {
        write(new byte[] {(byte) b}, 0, 1);
      }

      @Override
      public void write(byte[] bytes, int offset, int count) throws IOException {
        try {
          out.write(bytes, offset, count);
        } catch (IOException e) {
          throw new EndedException();
        }
      }

      @Override
      public void close() throws IOException {
        try {
          out.close();
        } catch (IOException e) {
          throw new EndedException();
        }
      }
    }
  }

  /** Reads everything, so that git never waits for us, and keeps the beginning. */
  private static void listen(Process process, ByteArrayOutputStream said) {
    byte[] chunk = new byte[1024];
    try (InputStream from = process.getErrorStream()) {
      for (int n = from.read(chunk); n >= 0; n = from.read(chunk)) {
        said.write(chunk, 0, Math.min(n, COMPLAINT_LIMIT - said.size()));
      }
    } catch (IOException e) {
      // What came before is what there is to say.
    }
  }

  private static void forget(Thread onExit) {
    try {
      Runtime.getRuntime().removeShutdownHook(onExit);
    } catch (IllegalStateException e) {
      // The process ends: the hook has run.
    }
  }
}
