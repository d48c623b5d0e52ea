package dev.sheaf.localstack.workbench.demo;

import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.cli.git.GitProgram;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** What git itself says of a repository: the judge of the demo is not our own code. */
final class Git {
  private final Path repository;
  private final GitProgram program;

  /**
   * @param repository its name in messages
   */
  Git(Path repository, GitProgram program) {
    this.repository = repository;
    this.program = program;
  }

  /** All refs but those of this copy alone, with the objects that they name, and what HEAD is. */
  List<String> refs() throws IOException {
    List<String> refs =
        new ArrayList<>(
            lines(require(run("", "for-each-ref", "--format=%(objectname) %(refname)")).output()));
    refs.removeIf(line -> line.matches("[0-9a-f]{40} refs/(remotes/|replace/|stash$).*"));
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
    String output =
        require(
                run(
                    "",
                    "rev-list",
                    "--objects",
                    "--exclude=refs/remotes/*",
                    "--exclude=refs/stash",
                    "--all"))
            .output();
    for (String line : lines(output)) {
      objects.add(line.split(" ", 2)[0]);
    }
    return objects;
  }

  /** Commits that branches and tags reach, with their trees. */
  Map<String, String> commits() throws IOException {
    Map<String, String> trees = new HashMap<>();
    String log = require(run("", "log", "--branches", "--tags", "--format=%H %T")).output();
    for (String line : lines(log)) {
      trees.put(line.substring(0, 40), line.substring(41));
    }
    return trees;
  }

  /**
   * A file of a tree.
   *
   * @param path null when it is no UTF-8
   * @param isPlain whether a manifest can hold the path, and no other file of the tree is in its
   *     way
   */
  record TreeFile(@Nullable String path, String blob, boolean isPlain) {}

  /** The files of a tree, links among them, without submodules. */
  List<TreeFile> files(String tree) throws IOException {
    List<TreeFile> files = new ArrayList<>();
    Set<String> earlier = new HashSet<>();
    String output = require(run("", "ls-tree", "-r", "-z", "--full-tree", tree)).output();
    for (String line : output.split("\0", -1)) {
      int tab = line.indexOf('\t');
      if (tab > 0 && line.startsWith("blob ", 7)) {
        String path = utf8(line.substring(tab + 1));
        files.add(new TreeFile(path, line.substring(12, tab), isPlain(path, earlier)));
      }
    }
    return files;
  }

  private static @Nullable String utf8(String bytes) {
    try {
      return StandardCharsets.UTF_8
          .newDecoder()
          .decode(ByteBuffer.wrap(bytes.getBytes(StandardCharsets.ISO_8859_1)))
          .toString();
    } catch (CharacterCodingException e) {
      return null;
    }
  }

  /** Git can hold a name twice, and names that mean something else in a path. */
  private static boolean isPlain(@Nullable String path, Set<String> earlier) {
    if (path == null || !earlier.add(path)) {
      return false;
    }
    for (String name : path.split("/", -1)) {
      if (name.isEmpty() || name.equals(".") || name.equals("..")) {
        return false;
      }
    }
    return true;
  }

  /** What {@code git fsck} complains about, a line each; empty when it is content. */
  SortedSet<String> fsck() throws IOException {
    Result result = run("", "fsck", "--full", "--no-progress", "--no-dangling");
    return result.exit() == 0 ? new TreeSet<>() : new TreeSet<>(lines(result.output().strip()));
  }

  /** The size of the pack that git makes of all branches and tags. */
  long packBytes() throws IOException {
    String tips =
        require(run("", "for-each-ref", "--format=%(objectname)", "refs/heads", "refs/tags"))
            .output();
    CountingOutputStream pack = new CountingOutputStream();
    GitProgram.Outcome outcome =
        run(tips, pack, "pack-objects", "--revs", "--stdout", "--quiet", "--delta-base-offset");
    require(new Result(outcome.exit(), outcome.complaint()));
    return pack.length;
  }

  /** Counts and forgets. */
  private static final class CountingOutputStream extends OutputStream {
    private long length;

    @Override
    public void write(int b) {
      length++;
    }

    @Override
    public void write(byte[] bytes, int offset, int count) {
      length += count;
    }
  }

  private record Result(int exit, String output) {}

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
    ByteArrayOutputStream output = new ByteArrayOutputStream();
    GitProgram.Outcome outcome = run(input, output, arguments);
    // One byte a character: names that are not UTF-8 compare as well as others.
    String text = output.toString(StandardCharsets.ISO_8859_1) + outcome.complaint();
    return new Result(outcome.exit(), text);
  }

  private GitProgram.Outcome run(String input, OutputStream output, String... arguments)
      throws IOException {
    GitProgram.Outcome outcome =
        program.run(input.getBytes(StandardCharsets.UTF_8), output, arguments);
    if (outcome.exit() == GitProgram.NOT_INSTALLED) {
      throw new SheafException(
          ErrorKind.NOT_FOUND, "git is needed to compare the repositories; install it");
    }
    return outcome;
  }
}
