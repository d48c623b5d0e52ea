package dev.sheaf.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * The git program that is installed, in one folder, untouched by the configuration of the machine
 * and of whoever runs the test. Texts are bytes as Latin-1: names need not be UTF-8.
 */
public final class TestGit {
  private final Path folder;
  private int commits;

  private TestGit(Path folder) {
    this.folder = folder;
  }

  /** A new repository with an unborn branch {@code main}. */
  public static TestGit init(Path folder) {
    return make(folder, "init", "-q", "-b", "main");
  }

  /** A new repository without a work tree. */
  public static TestGit initBare(Path folder) {
    return make(folder, "init", "-q", "--bare", "-b", "main");
  }

  private static TestGit make(Path folder, String... command) {
    try {
      TestGit git = new TestGit(Files.createDirectories(folder));
      git.run(command);
      return git;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public Path folder() {
    return folder;
  }

  /** Runs git; what it wrote, without the last newline. Fails with what it complains about. */
  public String run(String... arguments) {
    return run(new byte[0], arguments);
  }

  /** Runs git with an input. */
  public String run(byte[] input, String... arguments) {
    List<String> command = new ArrayList<>(List.of("git"));
    command.addAll(List.of(arguments));
    ProcessBuilder builder = new ProcessBuilder(command).directory(folder.toFile());
    Map<String, String> environment = builder.environment();
    environment.keySet().removeIf(name -> name.startsWith("GIT_"));
    environment.put("GIT_CONFIG_NOSYSTEM", "1");
    environment.put("HOME", folder.toString());
    for (String who : List.of("AUTHOR", "COMMITTER")) {
      environment.put("GIT_" + who + "_NAME", "A U Thor");
      environment.put("GIT_" + who + "_EMAIL", "author@example.com");
      environment.put("GIT_" + who + "_DATE", (1_700_000_000 + commits) + " +0000");
    }
    try {
      return output(builder, input, command);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String output(ProcessBuilder builder, byte[] input, List<String> command)
      throws IOException {
    Path errors = Files.createTempFile("sheaf-test", ".err");
    try {
      Process process = builder.redirectError(errors.toFile()).start();
      process.getOutputStream().write(input);
      process.getOutputStream().close();
      byte[] output = process.getInputStream().readAllBytes();
      if (process.waitFor() != 0) {
        throw new AssertionError(command + ": " + Files.readString(errors));
      }
      return new String(output, StandardCharsets.ISO_8859_1).stripTrailing();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    } finally {
      Files.delete(errors);
    }
  }

  /** Writes a file of the work tree and commits it; the commit's id. */
  public String commit(String path, String text) {
    try {
      Path file = folder.resolve(path);
      Files.createDirectories(file.getParent());
      Files.writeString(file, text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    commits++;
    run("add", "-A");
    run("commit", "-q", "--allow-empty", "-m", "change " + commits + " of " + path);
    return id("HEAD");
  }

  /** What a name stands for. */
  public String id(String name) {
    return run("rev-parse", name);
  }

  /** The bytes of a bundle of version 2 of these revisions, such as {@code --all}. */
  public byte[] bundle(String... revisions) {
    try {
      Path file = Files.createTempFile("sheaf-test", ".bundle");
      List<String> arguments = new ArrayList<>(List.of("bundle", "create", "-q", file.toString()));
      arguments.addAll(List.of(revisions));
      run(arguments.toArray(String[]::new));
      byte[] bytes = Files.readAllBytes(file);
      Files.delete(file);
      return bytes;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Takes a pack in, which git proves, with all that it names. */
  public void indexPack(byte[] pack) {
    run(pack, "index-pack", "--stdin", "--strict");
  }

  /** All refs, with what annotated tags lead to: a line each, in the order of their bytes. */
  public List<String> refs() {
    String refs = run("for-each-ref", "--format=%(refname) %(objectname) %(*objectname)");
    return refs.isEmpty() ? List.of() : refs.lines().map(String::strip).toList();
  }
}
