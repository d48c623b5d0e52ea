package dev.sheaf.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sheaf.cli.fixtures.Command;
import dev.sheaf.cli.fixtures.RandomRepository;
import dev.sheaf.cli.fixtures.Run;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** How commands end, with no server at hand. */
class CommandsTest {
  private static final List<String> HIDDEN = List.of("remote-helper", "rehearse", "pages");

  @TempDir Path folder;
  private Path repository = Path.of("");

  @BeforeEach
  void makeRepository() throws IOException {
    repository = folder.resolve("repository");
    try (RandomRepository made = RandomRepository.create(repository, 1)) {
      made.grow(12);
    }
  }

  @Test
  void badUsageIsTwo() {
    assertThat(run("push", "--nonsense").exit()).isEqualTo(2);
    assertThat(run("nonsense").exit()).isEqualTo(2);
    assertThat(run("clone").exit()).isEqualTo(2);
    assertThat(run("jobs", "http://127.0.0.1:1/a/b", "retry").exit()).isEqualTo(2);
  }

  @Test
  void everyCommandIsCalledByItsOwnName() {
    assertThat(new Sheaf().commands())
        .allSatisfy((name, type) ->
            assertThat(type.getAnnotation(CommandLine.Command.class).name()).isEqualTo(name));
  }

  @Test
  void helpIsZero() {
    assertThat(run("--help").exit()).isZero();
    assertThat(new Sheaf().commands().keySet())
        .filteredOn(name -> !HIDDEN.contains(name))
        .allMatch(run("--help").out()::contains);
    assertThat(run("--help").out()).contains("--debug").doesNotContain(HIDDEN);
    assertThat(run("help", "clone").out()).contains("--via");
    assertThat(run("push", "--help").out()).contains("--force", "--prune", "--delete", "--wait");
  }

  /** The bytes of such a name are gone before anybody can ask for them. */
  @Test
  void aFolderWhoseNameIsNoTextIsNotTakenForAnother() throws IOException {
    String sheaf =
        Command.sheaf().stream().map(word -> "'" + word + "'").collect(Collectors.joining(" "));
    String url = " http://127.0.0.1:1/a/b";
    for (String line :
        List.of(
            sheaf + " clone" + url + " \"$odd\"",
            "mkdir \"$odd\" && cd \"$odd\" && " + sheaf + " clone" + url,
            "cd \"$odd\" && " + sheaf + " push ." + url)) {
      Command run =
          Command.of(
              folder,
              Map.of("LC_ALL", "C.UTF-8"),
              List.of("/bin/sh", "-c", "odd=$(printf 'caf\\351'); " + line));
      assertThat(run.exit()).as(run.output()).isEqualTo(1);
      assertThat(run.output()).startsWith("sheaf: ").contains("is not UTF-8");
    }
    try (Stream<Path> made = Files.list(folder)) {
      assertThat(made).hasSize(2);
    }
  }

  @Test
  void failuresAreOneSentence() throws IOException {
    assertFails(run("push", folder.toString(), "http://127.0.0.1:1/a/b"), "not a git repository");
    assertFails(run("push", repository.toString()), "SHEAF_URL");
    assertFails(run("push", repository.toString(), "nonsense://x/y"), "is not the URL");
    assertFails(run("cat", "http://127.0.0.1:1/a/b", "main"), "COMMIT:PATH");
    assertFails(run("bundle", "inspect", "nowhere"), "there is no file");
  }

  @Test
  void aServerThatIsDownIsSaid() throws IOException {
    int port;
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = taken.getLocalPort();
    }
    String url = "http://127.0.0.1:" + port + "/me/project";
    assertFails(run("push", repository.toString(), url), "cannot be reached");
    assertFails(run("clone", url, "copy"), "cannot be reached");
    assertThat(folder.resolve("copy")).doesNotExist();
    assertThat(folder).isDirectoryNotContaining(path -> !path.equals(repository));
  }

  @Test
  void cloneLeavesWhatIsThereAlone() throws IOException {
    Path taken = Files.createDirectories(folder.resolve("taken"));
    Files.writeString(taken.resolve("mine"), "mine");
    assertFails(run("clone", "http://127.0.0.1:1/me/project", "taken"), "not an empty folder");
    assertThat(taken.resolve("mine")).hasContent("mine");
  }

  @Test
  void debugShowsWhereAFailureCameFrom() {
    Run run = run("--debug", "push", folder.toString(), "http://127.0.0.1:1/a/b");
    assertThat(run.exit()).isEqualTo(1);
    assertThat(run.err()).contains("\tat dev.sheaf.cli");
    Run behind = run("push", "--debug", folder.toString(), "http://127.0.0.1:1/a/b");
    assertThat(behind.err()).contains("\tat dev.sheaf.cli");
  }

  @Test
  void createsInspectsAndVerifiesBundles() throws IOException {
    assertThat(run("bundle", "create", "all.bundle", repository.toString()).exit()).isZero();
    Run inspect = run("bundle", "inspect", "all.bundle", "--json", "--manifests");
    assertThat(inspect.exit()).isZero();
    assertThat(inspect.out())
        .contains("\"bundle_key\":\"sha256:", "\"branch_heads\":{\"main\":", "\"manifests\":{");
    Run verify = run("bundle", "verify", "all.bundle");
    assertThat(verify.exit()).isZero();
    assertThat(verify.out()).contains("sound");

    byte[] bytes = Files.readAllBytes(folder.resolve("all.bundle"));
    Files.write(folder.resolve("cut.bundle"), Arrays.copyOf(bytes, bytes.length - 9));
    Run cut = run("bundle", "verify", "cut.bundle");
    assertThat(cut.exit()).isEqualTo(1);
    assertThat(cut.err()).startsWith("sheaf: ");
  }

  @Test
  void aBundleHasNothingOfOurOwn() throws IOException {
    run("bundle", "create", "portable.bundle", repository.toString());
    byte[] bytes = Files.readAllBytes(folder.resolve("portable.bundle"));
    assertThat(bytes[0] & 0xf0).isEqualTo(0x80); // a map, not a zstd stream
    assertThat(new String(bytes, StandardCharsets.ISO_8859_1))
        .contains("zstd")
        .doesNotContain("zstd-chain", "git_trees", "git.commit");
    assertThat(run("bundle", "verify", "portable.bundle").exit()).isZero();
  }

  @Test
  void anObjectWithOtherBytesIsNotCarried() throws IOException {
    Path damaged = Files.createDirectory(folder.resolve("damaged"));
    Command.git(damaged, "init", "--quiet");
    Files.writeString(damaged.resolve("a"), "1");
    Files.writeString(damaged.resolve("b"), "2");
    Command.git(damaged, "add", ".");
    Command.git(damaged, "commit", "--quiet", "-m", "one");
    for (String name : List.of("HEAD:a", "HEAD^{tree}", "HEAD")) {
      Path object = loose(damaged, name);
      byte[] right = Files.readAllBytes(object);
      Path other = name.equals("HEAD") ? otherCommit(damaged) : otherObject(damaged, name);
      overwrite(object, Files.readAllBytes(other));
      assertFails(
          run("bundle", "create", "x", damaged.toString()), "the git repository is damaged");
      overwrite(object, right);
    }
    assertThat(run("bundle", "create", "x", damaged.toString()).exit()).isZero();
  }

  private static Path otherObject(Path repository, String name) {
    return loose(repository, name.equals("HEAD:a") ? "HEAD:b" : emptyTree(repository));
  }

  private static String emptyTree(Path repository) {
    return Command.git(repository, "hash-object", "-w", "-t", "tree", "/dev/null");
  }

  private static Path otherCommit(Path repository) {
    return loose(
        repository, Command.git(repository, "commit-tree", "-m", "two", emptyTree(repository)));
  }

  private static Path loose(Path repository, String name) {
    String id = Command.git(repository, "rev-parse", name);
    return repository.resolve(".git/objects/" + id.substring(0, 2) + "/" + id.substring(2));
  }

  private static void overwrite(Path object, byte[] bytes) throws IOException {
    Files.delete(object);
    Files.write(object, bytes);
  }

  @Test
  void tokensAreShownOnceAndStoredAsHashes() {
    Run run = run("token", "new", "--name", "ci", "--scope", "read", "--repo", "me/*");
    String[] lines = run.out().split("\n", -1);
    assertThat(lines[0]).startsWith("sheaf_");
    assertThat(lines[1])
        .contains("\"name\":\"ci\"", "\"scopes\":[\"read\"]", "\"repos\":[\"me/*\"]")
        .doesNotContain(lines[0]);
  }

  private Run run(String... arguments) {
    return Run.of(folder, Map.of(), arguments);
  }

  private static void assertFails(Run run, String reason) {
    assertThat(run.err().strip().lines().toList().getLast()).startsWith("sheaf: ").contains(reason);
    assertThat(run.err()).doesNotContain("\tat ");
    assertThat(run.exit()).isEqualTo(1);
  }
}
