package dev.sheaf.cli.demo;

import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.SheafException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;

/** What git itself says of a repository: the judge of the demo is not our own code. */
final class Git {
  private final Path repository;

  Git(Path repository) {
    this.repository = repository;
  }

  /** Branches and tags with the objects that they name, and what HEAD is. */
  List<String> refs() throws IOException {
    List<String> refs =
        new ArrayList<>(
            lines(
                run(
                        "",
                        "for-each-ref",
                        "--format=%(objectname) %(refname)",
                        "refs/heads",
                        "refs/tags")
                    .output()));
    Result symbolic = run("", "symbolic-ref", "--quiet", "HEAD");
    refs.add(
        "HEAD "
            + (symbolic.exit() == 0
                    ? symbolic.output()
                    : require(run("", "rev-parse", "HEAD")).output())
                .strip());
    return refs;
  }

  /** Every object that branches and tags reach. */
  SortedSet<String> objects() throws IOException {
    SortedSet<String> objects = new TreeSet<>();
    String output = require(run("", "rev-list", "--objects", "--branches", "--tags")).output();
    for (String line : lines(output)) {
      objects.add(line.split(" ", 2)[0]);
    }
    return objects;
  }

  /** What {@code git fsck} has to say; empty when nothing. */
  String fsck() throws IOException {
    Result result = run("", "fsck", "--full", "--no-progress");
    return result.exit() == 0 ? "" : result.output().strip();
  }

  /** The size of the pack that git makes of all branches and tags. */
  long packBytes() throws IOException {
    String tips =
        require(run("", "for-each-ref", "--format=%(objectname)", "refs/heads", "refs/tags"))
            .output();
    return require(
            run(tips, "pack-objects", "--revs", "--stdout", "--quiet", "--delta-base-offset"))
        .length();
  }

  private record Result(int exit, String output, long length) {}

  private Result require(Result result) {
    if (result.exit() != 0) {
      throw new SheafException(
          ErrorKind.CORRUPT, "git failed on " + repository + ": " + result.output().strip());
    }
    return result;
  }

  private static List<String> lines(String text) {
    return text.lines().toList();
  }

  private Result run(String input, String... arguments) throws IOException {
    List<String> command = new ArrayList<>(List.of("git", "-C", repository.toString()));
    command.addAll(List.of(arguments));
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    Process process;
    try {
      process = builder.start();
    } catch (IOException e) {
      throw new SheafException(
          ErrorKind.NOT_FOUND, "git is needed to compare the repositories; install it", e);
    }
    try (OutputStream to = process.getOutputStream()) {
      to.write(input.getBytes(StandardCharsets.UTF_8));
    }
    try (InputStream from = process.getInputStream()) {
      byte[] output = from.readAllBytes();
      // One byte a character: names that are not UTF-8 compare as well as others.
      return new Result(
          process.waitFor(), new String(output, StandardCharsets.ISO_8859_1), output.length);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while git ran", e);
    } finally {
      process.destroy();
    }
  }
}
