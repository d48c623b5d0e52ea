package dev.sheaf.cli.git;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The installed git on one repository. Nothing else starts it: whoever did so by hand would work on
 * whatever repository the variables of the shell name, and in a git hook those name the user's.
 *
 * <p>Of the {@code GIT_*} variables only those are handed on that say who the user is, which
 * configuration is his and how he reaches the network; the repository and its work tree are named
 * in the command. No hooks run, submodules are left alone, and history is what the objects say
 * (neither replaced nor grafted). Line ends, filters and the like are the user's.
 */
public final class GitProgram {
  /** The exit code when there is no git. */
  public static final int NOT_INSTALLED = 127;

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

  private static final List<String> ALWAYS =
      List.of(
          "-c", "core.hooksPath=/dev/null",
          "-c", "core.fsmonitor=false",
          "-c", "submodule.recurse=false",
          "-c", "advice.graftFileDeprecated=false",
          "-c", "gc.auto=0",
          "-c", "maintenance.auto=false");

  private final Map<String, String> variables;
  private final Path gitFolder;
  private final @Nullable Path workTree;

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
  }

  /**
   * Git on a repository.
   *
   * @param variables the environment of this process
   * @param gitFolder {@code .git}, the file that stands for it, or a bare repository
   * @param workTree the top of its work tree; null: none is needed
   */
  public GitProgram(Map<String, String> variables, Path gitFolder, @Nullable Path workTree) {
    this.variables = variables;
    this.gitFolder = gitFolder.toAbsolutePath();
    this.workTree = workTree == null ? null : workTree.toAbsolutePath();
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
    Process process = start(arguments);
    if (process == null) {
      return new Outcome(NOT_INSTALLED, "git is not installed");
    }
    Thread onExit = new Thread(process::destroyForcibly, "end git");
    Runtime.getRuntime().addShutdownHook(onExit);
    try (InputStream from = process.getInputStream()) {
      ByteArrayOutputStream said = new ByteArrayOutputStream();
      Thread feeding = Thread.ofVirtual().start(() -> feed(process, input));
      Thread listening = Thread.ofVirtual().start(() -> listen(process, said));
      from.transferTo(output);
      feeding.join();
      listening.join();
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

  private @Nullable Process start(String... arguments) {
    List<String> command = new ArrayList<>(List.of("git"));
    command.addAll(ALWAYS);
    command.add("--git-dir=" + gitFolder);
    if (workTree != null) {
      command.add("--work-tree=" + workTree);
    }
    command.addAll(List.of(arguments));
    ProcessBuilder builder = new ProcessBuilder(command);
    Path directory = workTree == null ? gitFolder.getParent() : workTree;
    if (directory != null) {
      builder.directory(directory.toFile());
    }
    builder.environment().clear();
    builder.environment().putAll(handedOn(variables));
    try {
      return builder.start();
    } catch (IOException e) {
      return null;
    }
  }

  /** The environment that git gets. */
  static Map<String, String> handedOn(Map<String, String> variables) {
    Map<String, String> left = new HashMap<>(variables);
    left.keySet().removeIf(GitProgram::isWithheld);
    left.put("GIT_NO_REPLACE_OBJECTS", "1");
    left.put("GIT_GRAFT_FILE", "/dev/null");
    return left;
  }

  private static boolean isWithheld(String name) {
    return name.equals("SHEAF_TOKEN")
        || (name.startsWith("GIT_")
            && !KEPT.contains(name)
            && KEPT_PREFIXES.stream().noneMatch(name::startsWith));
  }

  private static void feed(Process process, byte[] input) {
    try (OutputStream to = process.getOutputStream()) {
      to.write(input);
    } catch (IOException e) {
      // It ended without reading everything; its exit code says whether that was right.
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
