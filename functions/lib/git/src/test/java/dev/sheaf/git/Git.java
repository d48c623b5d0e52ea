package dev.sheaf.git;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.eclipse.jgit.lib.ObjectId;

/** The real git, in one folder, untouched by the machine's configuration. */
public final class Git {
  private final Path folder;
  private int commits;

  private Git(Path folder) {
    this.folder = folder;
  }

  /** A new repository, with branch main. */
  public static Git init(Path folder) throws IOException {
    Git git = new Git(Files.createDirectories(folder));
    git.run("init", "-q", "-b", "main");
    return git;
  }

  /** What git writes; fails with what it complains about. */
  public String run(String... arguments) throws IOException {
    return run(new byte[0], arguments);
  }

  public String run(byte[] input, String... arguments) throws IOException {
    List<String> command = new ArrayList<>(List.of("git"));
    command.addAll(List.of(arguments));
    ProcessBuilder builder = new ProcessBuilder(command).directory(folder.toFile());
    builder.environment().keySet().removeIf(name -> name.startsWith("GIT_"));
    builder.environment().put("GIT_CONFIG_NOSYSTEM", "1");
    builder.environment().put("HOME", folder.toString());
    for (String who : List.of("AUTHOR", "COMMITTER")) {
      builder.environment().put("GIT_" + who + "_NAME", "A U Thor");
      builder.environment().put("GIT_" + who + "_EMAIL", "author@example.com");
      builder.environment().put("GIT_" + who + "_DATE", (1_700_000_000 + commits) + " +0000");
    }
    Path errors = Files.createTempFile("git", ".err");
    Process process = builder.redirectError(errors.toFile()).start();
    process.getOutputStream().write(input);
    process.getOutputStream().close();
    String output =
        new String(process.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
    try {
      if (process.waitFor() != 0) {
        throw new AssertionError("git " + List.of(arguments) + ": " + Files.readString(errors));
      }
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    } finally {
      Files.delete(errors);
    }
    return output.strip();
  }

  public void write(String path, String text) throws IOException {
    Path file = folder.resolve(path);
    Files.createDirectories(file.getParent());
    Files.writeString(file, text);
  }

  public ObjectId commit(String message) throws IOException {
    commits++;
    run("add", "-A");
    run("commit", "-q", "--allow-empty", "-m", message);
    return id("HEAD");
  }

  public ObjectId id(String name) throws IOException {
    return ObjectId.fromString(run("rev-parse", name));
  }

  /** A bundle's bytes; thin where a range says so, such as {@code main~1..main}. */
  public byte[] bundle(String... revisions) throws IOException {
    Path file = Files.createTempFile(folder.getParent(), "b", ".bundle");
    List<String> arguments = new ArrayList<>(List.of("bundle", "create", "-q", file.toString()));
    arguments.addAll(List.of(revisions));
    run(arguments.toArray(String[]::new));
    byte[] bytes = Files.readAllBytes(file);
    Files.delete(file);
    return bytes;
  }

  /** Fails where git takes a pack for anything but sound. */
  public void requireSound(Path pack) throws IOException {
    Path copy = Files.createDirectories(folder.resolve(".git/taken")).resolve("p.pack");
    Files.copy(pack, copy, java.nio.file.StandardCopyOption.REPLACE_EXISTING);
    Path index = copy.resolveSibling("p.idx");
    Files.deleteIfExists(index);
    run("index-pack", "--strict", "-o", index.toString(), copy.toString());
    run("verify-pack", index.toString());
  }

  byte[] indexOf(Path pack) throws IOException {
    requireSound(pack);
    return Files.readAllBytes(folder.resolve(".git/taken").resolve("p.idx"));
  }

  Path folder() {
    return folder;
  }
}
