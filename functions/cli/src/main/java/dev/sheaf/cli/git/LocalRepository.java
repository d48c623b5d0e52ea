package dev.sheaf.cli.git;

import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.RefName;
import dev.sheaf.bundle.SheafException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A git repository here, as the installed git reads it: bare or not, a linked work tree, a
 * submodule, with alternates, of any configuration that git takes.
 */
public final class LocalRepository {
  /** What git is to fetch into a repository in which every ref is what it is on the remote. */
  public static final String MIRROR = "+refs/*:refs/*";

  /** Refs that are about this copy alone, and those that make git show another history. */
  private static final List<String> PRIVATE =
      List.of(
          "refs/remotes/",
          "refs/replace/",
          "refs/bisect/",
          "refs/worktree/",
          "refs/rewritten/",
          "refs/stash");

  private static final Pattern BROKEN = Pattern.compile("(?m)ignoring broken ref (.*)$");

  private final Map<String, String> variables;
  private final Path path;
  private final Path gitFolder;
  private final GitProgram git;

  private LocalRepository(
      Map<String, String> variables, Path path, Path gitFolder, GitProgram git) {
    this.variables = variables;
    this.path = path;
    this.gitFolder = gitFolder;
    this.git = git;
  }

  /**
   * The repository at a path: a bare one, the top folder of a work tree, or a {@code .git}.
   *
   * @throws SheafException of kind NOT_FOUND when there is none, INVALID when git cannot read it
   */
  public static LocalRepository open(Map<String, String> variables, Path path) throws IOException {
    if (!Files.isDirectory(path)) {
      throw new SheafException(ErrorKind.NOT_FOUND, "there is no directory " + path);
    }
    Path inner = path.resolve(".git");
    Path folder = Files.exists(inner) ? inner : path;
    boolean looksRight = Files.isRegularFile(folder) || Files.isDirectory(folder.resolve("refs"));
    if (!looksRight) {
      throw notOne(path);
    }
    // Git asks whose a repository is only where it finds it itself.
    requireTrusted(path, GitProgram.in(variables, path).run("rev-parse", "--git-dir"));
    return found(path, new GitProgram(variables, folder, null), variables);
  }

  /**
   * The repository that a command is about.
   *
   * @param directory where the command runs
   * @param given what it was given, a path like those of {@link #open}; null: what the directory
   *     lies in, as for git. The directory's own name means the same: nobody publishes what is
   *     around a folder by naming another one.
   */
  public static LocalRepository named(
      Map<String, String> variables, Path directory, @Nullable String given) throws IOException {
    Path path = given == null ? directory : directory.resolve(given).normalize();
    return path.equals(directory.normalize())
        ? around(variables, directory)
        : open(variables, path);
  }

  /** The repository that a folder lies in, as git itself finds it. */
  public static LocalRepository around(Map<String, String> variables, Path folder)
      throws IOException {
    return found(folder, GitProgram.in(variables, folder), variables);
  }

  /** The repository whose folder git has named. */
  public static LocalRepository at(Map<String, String> variables, Path gitFolder) {
    return new LocalRepository(
        variables, gitFolder, gitFolder, new GitProgram(variables, gitFolder, null));
  }

  /** Makes an empty one; a folder that is there must be empty. */
  public static LocalRepository create(Map<String, String> variables, Path folder, boolean bare)
      throws IOException {
    List<String> words = new ArrayList<>(List.of("init", "--quiet", "--object-format=sha1"));
    if (bare) {
      words.add("--bare");
    }
    words.add(folder.toString());
    GitProgram.require(GitProgram.in(variables, folder).run(words.toArray(String[]::new)), "init");
    return at(variables, bare ? folder : folder.resolve(".git"));
  }

  private static LocalRepository found(Path path, GitProgram git, Map<String, String> variables)
      throws IOException {
    ByteArrayOutputStream output = new ByteArrayOutputStream();
    GitProgram.Outcome outcome =
        git.run(
            new byte[0],
            output,
            "rev-parse",
            "--is-shallow-repository",
            "--show-object-format",
            "--absolute-git-dir");
    if (outcome.complaint().contains("not a git repository")) {
      throw notOne(path);
    }
    requireTrusted(path, outcome);
    if (!outcome.isDone() && outcome.exit() != GitProgram.NOT_INSTALLED) {
      throw new SheafException(
          ErrorKind.INVALID, "git cannot read " + path + ": " + outcome.reason());
    }
    GitProgram.require(outcome, "rev-parse");
    String[] facts = output.toString(StandardCharsets.UTF_8).split("\n", 3);
    Path folder = Path.of(facts[2].substring(0, facts[2].length() - 1));
    GitProgram program = new GitProgram(variables, folder, null);
    refuseParts(path, facts[0].equals("true") && hasBorder(program), facts[1]);
    return new LocalRepository(variables, path, folder, program);
  }

  /** Some tools leave the list of what a history ends at empty, and then it ends nowhere. */
  private static boolean hasBorder(GitProgram git) throws IOException {
    ByteArrayOutputStream output = new ByteArrayOutputStream();
    GitProgram.require(
        git.run(
            new byte[0], output, "rev-parse", "--path-format=absolute", "--git-path", "shallow"),
        "rev-parse");
    String file = output.toString(StandardCharsets.UTF_8);
    return Files.size(Path.of(file.substring(0, file.length() - 1))) > 0;
  }

  /** The configuration of a repository can have git run programs. */
  private static void requireTrusted(Path path, GitProgram.Outcome outcome) {
    if (outcome.complaint().contains("dubious ownership")) {
      throw new SheafException(
          ErrorKind.INVALID,
          path
              + " belongs to somebody else, and git does as its configuration says only for those"
              + " whom you trust; if you do: git config --global --add safe.directory "
              + path);
    }
  }

  private static SheafException notOne(Path path) {
    return new SheafException(
        ErrorKind.NOT_FOUND,
        path
            + " is not a git repository; name a bare repository, the top folder of a work tree"
            + " or a .git folder");
  }

  private static void refuseParts(Path path, boolean shallow, String format) {
    if (!format.equals("sha1")) {
      throw new SheafException(
          ErrorKind.INVALID,
          path + " uses " + format + " object ids, Sheaf carries SHA-1 repositories only");
    }
    if (shallow) {
      throw new SheafException(
          ErrorKind.INVALID,
          path
              + " is a shallow clone, a part of its history is not here;"
              + " run 'git fetch --unshallow' in it and try again");
    }
  }

  /** The path that it was opened by, for messages. */
  public Path path() {
    return path;
  }

  /** Git's own folder: {@code .git} mostly; of a bare repository itself. */
  public Path gitFolder() {
    return gitFolder;
  }

  /** Git on this repository. */
  public GitProgram git() {
    return git;
  }

  /** Whether it has no work tree. */
  public boolean isBare() throws IOException {
    return one("rev-parse", "--is-bare-repository").equals("true");
  }

  /** Git on this repository and its work tree. */
  public GitProgram inWorkTree() throws IOException {
    ByteArrayOutputStream output = new ByteArrayOutputStream();
    Path from = Files.isDirectory(path) ? path : gitFolder;
    GitProgram.require(
        GitProgram.in(variables, from).run(new byte[0], output, "rev-parse", "--show-toplevel"),
        "rev-parse");
    String top = output.toString(StandardCharsets.UTF_8);
    return new GitProgram(variables, gitFolder, Path.of(top.substring(0, top.length() - 1)));
  }

  /**
   * Refuses what {@link #open} refuses, for a repository whose folder git has named.
   *
   * @throws SheafException of kind INVALID
   */
  public void requireCarried() throws IOException {
    String[] facts =
        git.output("", "rev-parse", "--is-shallow-repository", "--show-object-format")
            .split("\n", 2);
    refuseParts(path, facts[0].equals("true") && hasBorder(git), facts[1].strip());
  }

  /**
   * Refuses a partial clone: what it lacks cannot be sent.
   *
   * @throws SheafException of kind INVALID
   */
  public void requireWhole() throws IOException {
    Map<String, String> settings = settings("^(extensions\\.partialclone|remote\\..*\\.promisor)$");
    boolean partial =
        settings.entrySet().stream()
            .anyMatch(
                one -> one.getKey().equals("extensions.partialclone") || !isNo(one.getValue()));
    if (partial) {
      throw new SheafException(
          ErrorKind.INVALID,
          path
              + " is a partial clone, some of its objects are not here;"
              + " make a full clone of its remote and push that");
    }
  }

  private static boolean isNo(String value) {
    return List.of("false", "no", "off", "0").contains(value);
  }

  /** Whether every ref here is to be what it is on a remote, whatever it was. */
  public boolean isMirrorOf(String remote) throws IOException {
    ByteArrayOutputStream output = new ByteArrayOutputStream();
    git.run(new byte[0], output, "config", "--get-all", "remote." + remote + ".fetch");
    return output.toString(StandardCharsets.UTF_8).lines().anyMatch(MIRROR::equals);
  }

  /** The last value of each setting whose key matches. */
  public Map<String, String> settings(String pattern) throws IOException {
    ByteArrayOutputStream output = new ByteArrayOutputStream();
    git.run(new byte[0], output, "config", "-z", "--get-regexp", pattern);
    Map<String, String> settings = new LinkedHashMap<>();
    for (String one : output.toString(StandardCharsets.UTF_8).split("\0", -1)) {
      String[] both = one.split("\n", 2);
      if (!both[0].isEmpty()) {
        settings.put(both[0], both.length == 2 ? both[1] : "true");
      }
    }
    return settings;
  }

  /**
   * Reads the refs that others may want.
   *
   * @throws SheafException of kind CORRUPT when one is damaged; it is named
   */
  public LocalRefs refs() throws IOException {
    SortedSet<String> stay = new TreeSet<>();
    SortedMap<RefName, GitId> refs = allRefs(stay);
    refs.keySet().stream()
        .filter(name -> RefBytes.isIn(name, PRIVATE))
        .forEach(name -> stay.add(name.toString()));
    refs.keySet().removeIf(name -> RefBytes.isIn(name, PRIVATE));
    return new LocalRefs(refs, head(), stay);
  }

  /** Reads all refs. */
  public SortedMap<RefName, GitId> allRefs() throws IOException {
    return allRefs(new TreeSet<>());
  }

  /**
   * @param passedOver takes the names of those that are damaged and would not travel anyway
   */
  private SortedMap<RefName, GitId> allRefs(Collection<String> passedOver) throws IOException {
    ByteArrayOutputStream output = new ByteArrayOutputStream();
    GitProgram.Outcome outcome =
        git.run(new byte[0], output, "for-each-ref", "--format=%(objectname) %(refname)");
    Matcher broken = BROKEN.matcher(outcome.complaint());
    while (broken.find()) {
      if (!RefBytes.isIn(broken.group(1), PRIVATE)) {
        throw new SheafException(
            ErrorKind.CORRUPT,
            path + " is damaged: git cannot read " + broken.group(1) + "; nothing was done");
      }
      passedOver.add(broken.group(1));
    }
    GitProgram.require(outcome, "for-each-ref");
    SortedMap<RefName, GitId> refs = new TreeMap<>();
    for (String line : output.toString(StandardCharsets.ISO_8859_1).split("\n", -1)) {
      if (!line.isEmpty()) {
        int space = line.indexOf(' ');
        refs.put(RefBytes.parse(line.substring(space + 1)), new GitId(line.substring(0, space)));
      }
    }
    return refs;
  }

  /** What HEAD is; null when it is nothing that travels. */
  public @Nullable Head head() throws IOException {
    String branch = one("symbolic-ref", "--quiet", "HEAD");
    if (!branch.isEmpty()) {
      return branch.startsWith(RefName.HEADS) ? new Head.Branch(RefBytes.parse(branch)) : null;
    }
    String commit = one("rev-parse", "--verify", "--quiet", "HEAD^0");
    return commit.isEmpty() ? null : new Head.Detached(new GitId(commit));
  }

  private String one(String... arguments) throws IOException {
    ByteArrayOutputStream output = new ByteArrayOutputStream();
    GitProgram.Outcome outcome = git.run(new byte[0], output, arguments);
    return outcome.isDone() ? output.toString(StandardCharsets.ISO_8859_1).strip() : "";
  }

  /** Those of the objects that are here. */
  public Set<GitId> present(Collection<GitId> ids) throws IOException {
    Set<GitId> present = new HashSet<>();
    if (ids.isEmpty()) {
      return present;
    }
    StringBuilder asked = new StringBuilder();
    ids.forEach(id -> asked.append(id).append('\n'));
    for (String line :
        git.output(asked.toString(), "cat-file", "--batch-check=%(objectname)").split("\n", -1)) {
      if (line.length() == 40) {
        present.add(new GitId(line));
      }
    }
    return present;
  }

  /** Whether the first is an ancestor of the second, or the same. Both must be here. */
  public boolean isAncestor(GitId first, GitId second) throws IOException {
    return git.run("merge-base", "--is-ancestor", first.hex(), second.hex()).isDone();
  }
}
