package dev.sheaf.localstack.servers.postgres;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * How to run the Postgres programs, which refuse to run as root. An ordinary user just runs them.
 * Root runs them in a user namespace of their own, where they see themselves as nobody while the
 * files stay root's; and where namespaces are forbidden, as the user nobody, who then owns the
 * files.
 *
 * @param prefix words to put before a command
 * @param owner who must own a data folder, {@code uid:gid}; empty for the user who runs this
 */
record Unprivileged(List<String> prefix, String owner) {
  private static final String NOBODY = "65534";

  static Unprivileged detect() throws IOException {
    if (!isRoot()) {
      return new Unprivileged(List.of(), "");
    }
    if (succeeds(List.of("unshare", "-U", "true"))) {
      return new Unprivileged(List.of("unshare", "-U"), "");
    }
    List<String> asNobody =
        List.of("setpriv", "--reuid=" + NOBODY, "--regid=" + NOBODY, "--clear-groups");
    List<String> trial = new ArrayList<>(asNobody);
    trial.add("true");
    if (succeeds(trial)) {
      return new Unprivileged(asNobody, NOBODY + ":" + NOBODY);
    }
    throw new IOException(
        "Postgres does not run as root, and neither 'unshare -U' nor 'setpriv' works here: start"
            + " as another user, or install util-linux");
  }

  private static boolean isRoot() throws IOException {
    // A file's owner is the effective user; user.name may be anything in a container.
    Path probe = Files.createTempFile("sheaf-", ".uid");
    try {
      return Files.getAttribute(probe, "unix:uid") instanceof Integer uid && uid == 0;
    } finally {
      Files.delete(probe);
    }
  }

  private static boolean succeeds(List<String> command) {
    try {
      Process process =
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start();
      return process.waitFor() == 0;
    } catch (IOException e) {
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  /** A whole command line for a Postgres program. */
  List<String> command(List<String> program) {
    List<String> command = new ArrayList<>(prefix);
    command.addAll(program);
    return command;
  }

  /** Runs a program to its end and throws what it printed when it fails. */
  void run(List<String> program) throws IOException {
    run(program, "");
  }

  /**
   * Runs a program that reads a short text.
   *
   * @param input for its standard input, which other users do not see, unlike arguments
   */
  void run(List<String> program, String input) throws IOException {
    Process process = new ProcessBuilder(command(program)).redirectErrorStream(true).start();
    try (OutputStream in = process.getOutputStream()) {
      in.write(input.getBytes(UTF_8));
    } catch (IOException e) {
      // It ended before it had read all: its status says why.
    }
    String printed = new String(process.getInputStream().readAllBytes(), UTF_8);
    try {
      if (process.waitFor() != 0) {
        throw new IOException(program.getFirst() + " failed: " + printed.strip());
      }
    } catch (InterruptedException e) {
      process.destroy();
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while " + program.getFirst() + " ran", e);
    }
  }

  /** Lets the user that the programs run as through a folder, without letting it look into it. */
  void letThrough(Path folder) throws IOException {
    if (!owner.isEmpty()) {
      Set<PosixFilePermission> permissions = Files.getPosixFilePermissions(folder);
      permissions.add(PosixFilePermission.OTHERS_EXECUTE);
      Files.setPosixFilePermissions(folder, permissions);
    }
  }

  /** Gives a folder to the user that the programs run as. */
  void own(Path folder) throws IOException {
    if (!owner.isEmpty()) {
      new Unprivileged(List.of(), "").run(List.of("chown", "-R", owner, folder.toString()));
    }
  }
}
