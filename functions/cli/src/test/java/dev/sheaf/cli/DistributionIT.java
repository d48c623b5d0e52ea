package dev.sheaf.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sheaf.bundle.history.Ids;
import dev.sheaf.cli.fixtures.Command;
import dev.sheaf.cli.fixtures.GitSite;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What {@code mvn verify -Pdist} made, unpacked as a user would. */
class DistributionIT {
  private static final long MOST_BYTES = 60_000_000;

  @TempDir Path folder;
  private Path archive = Path.of("");
  private Path bin = Path.of("");
  private Path elsewhere = Path.of("");

  @BeforeEach
  void install() throws IOException {
    archive = archiveIn(Path.of("target"));
    Path place = Files.createDirectories(folder.resolve("a place"));
    assertRuns(
        Map.of(), "tar", "-xzf", archive.toAbsolutePath().toString(), "-C", place.toString());
    bin = Files.createDirectories(folder.resolve("home/.local/bin"));
    Path unpacked = only(place);
    for (String program : List.of("sheaf", "git-remote-sheaf")) {
      Files.createSymbolicLink(bin.resolve(program), unpacked.resolve("bin").resolve(program));
    }
    elsewhere = Files.createDirectory(folder.resolve("elsewhere"));
  }

  private static Path archiveIn(Path target) throws IOException {
    try (Stream<Path> files = Files.list(target)) {
      return files
          .filter(file -> file.getFileName().toString().matches("sheaf-.*\\.tar\\.gz"))
          .findFirst()
          .orElseThrow();
    }
  }

  private static Path only(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.toList().getFirst();
    }
  }

  /** Without a JDK of the machine. */
  private Command run(Map<String, String> more, String... command) {
    Map<String, String> variables = new TreeMap<>(more);
    variables.put("JAVA_HOME", "");
    variables.put("PATH", bin + ":/usr/bin:/bin");
    variables.put("HOME", folder.resolve("home").toString());
    // Found in the new PATH.
    List<String> words = new ArrayList<>(List.of("/usr/bin/env"));
    words.addAll(List.of(command));
    return Command.of(elsewhere, variables, words);
  }

  private String assertRuns(Map<String, String> more, String... command) {
    Command run = Command.of(folder, more, List.of(command));
    assertThat(run.exit()).as(List.of(command) + "\n" + run.output()).isZero();
    return run.output();
  }

  private String sheaf(String... words) {
    List<String> command = new ArrayList<>(List.of("sheaf"));
    command.addAll(List.of(words));
    Command run = run(Map.of(), command.toArray(String[]::new));
    assertThat(run.exit()).as(command + "\n" + run.output()).isZero();
    return run.output();
  }

  @Test
  void isSmall() throws IOException {
    assertThat(Files.size(archive)).isLessThan(MOST_BYTES);
    try (Stream<Path> files = Files.walk(folder.resolve("a place"))) {
      assertThat(files.filter(file -> file.toString().endsWith(".jar")))
          .as("ours, and the runtime's own")
          .hasSize(2);
    }
  }

  @Test
  void saysWhatItIs() {
    assertThat(sheaf("--version")).matches("sheaf [0-9.]+(-SNAPSHOT)?\n");
    assertThat(archive.getFileName().toString())
        .matches(
            sheaf("--version").strip().replace(' ', '-')
                + "-(linux|macos)-(x86_64|aarch64)\\.tar\\.gz");
  }

  @Test
  void pushesAndClonesAlsoThroughGit() throws IOException {
    try (GitSite site = new GitSite(Files.createDirectory(folder.resolve("site")))) {
      Path original = Files.createDirectory(folder.resolve("original"));
      Command.git(original, "init", "--quiet", "-b", "main");
      Files.writeString(original.resolve("file"), "text\n");
      Command.git(original, "add", "file");
      Command.git(original, "commit", "--quiet", "-m", "one");
      String head = Command.git(original, "rev-parse", "HEAD");
      sheaf("push", original.toString(), site.url("project"));
      sheaf("clone", site.url("project"), "copy");
      Command cloned = run(Map.of(), "git", "clone", "sheaf::" + site.url("project"), "second");
      assertThat(cloned.exit()).as(cloned.output()).isZero();
      for (String copy : List.of("copy", "second")) {
        assertThat(Command.git(elsewhere.resolve(copy), "rev-parse", "HEAD")).isEqualTo(head);
      }
      assertThat(site.wrongs()).isEmpty();
    }
  }

  /**
   * The cache is for these files at these times; one that does not fit goes unnoticed otherwise.
   */
  @Test
  void startsFromTheCacheWherePicocliIsAsWell() throws IOException {
    Path log = folder.resolve("loaded");
    Command run =
        run(Map.of("SHEAF_JAVA_OPTS", "-Xlog:class+load:file=" + log), "sheaf", "--version");
    assertThat(run.exit()).as(run.output()).isZero();
    List<String> loaded =
        Files.readAllLines(log).stream()
            .filter(line -> line.contains(" picocli.") || line.contains(" dev.sheaf.cli."))
            .filter(line -> !line.contains("$$Lambda"))
            .toList();
    assertThat(loaded).hasSizeGreaterThan(100);
    assertThat(loaded).filteredOn(line -> !line.contains("shared objects file")).isEmpty();
  }

  /** What a JVM learnt in a rehearsal differs from run to run; all else is the same bytes. */
  @Test
  void isTheSameWhenMadeAgain() throws IOException {
    Path target = Files.createDirectory(folder.resolve("target"));
    for (String name : List.of("sheaf-cli.jar", "sheaf-cli-jgit.jar", "classpath")) {
      Files.copy(Path.of("target", name), target.resolve(name));
    }
    String version = sheaf("--version").strip().replace("sheaf ", "");
    String java = System.getProperty("java.home");
    String make = Path.of("distribution/make").toAbsolutePath().toString();
    assertRuns(Map.of("JAVA_HOME", java), make, version, "2026-01-01T00:00:00Z", target.toString());
    Path again = Files.createDirectory(folder.resolve("again"));
    String made = archiveIn(target).toString();
    assertRuns(Map.of(), "tar", "-xzf", made, "-C", again.toString());
    Map<String, String> first = contents(only(folder.resolve("a place")));
    Map<String, String> second = contents(only(again));
    assertThat(second.keySet()).isEqualTo(first.keySet());
    assertThat(first.keySet())
        .filteredOn(name -> !Objects.equals(first.get(name), second.get(name)))
        .isEmpty();
  }

  private static Map<String, String> contents(Path root) throws IOException {
    Map<String, String> contents = new TreeMap<>();
    try (Stream<Path> files = Files.walk(root)) {
      for (Path file : files.filter(each -> !each.endsWith("sheaf.aot")).toList()) {
        String bytes =
            Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)
                ? Ids.object(Files.readAllBytes(file)).hex()
                : "";
        String mode = PosixFilePermissions.toString(Files.getPosixFilePermissions(file));
        contents.put(
            root.relativize(file).toString(),
            mode + " " + Files.getLastModifiedTime(file) + " " + bytes);
      }
    }
    return contents;
  }
}
