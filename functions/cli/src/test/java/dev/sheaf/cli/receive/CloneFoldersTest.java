package dev.sheaf.cli.receive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sheaf.cli.fixtures.Command;
import dev.sheaf.cli.fixtures.Run;
import dev.sheaf.cli.rehearsal.RehearsalRepository;
import dev.sheaf.cli.rehearsal.RehearsalSite;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Where {@code sheaf clone} writes, and where it does not. */
class CloneFoldersTest {
  private static @Nullable RehearsalSite site;

  @TempDir Path folder;

  @BeforeAll
  static void push(@TempDir Path original) throws IOException {
    site = RehearsalSite.start();
    RehearsalRepository.create(original.resolve("original"));
    Run run = Run.of(original, Map.of(), "push", "original", url());
    assertThat(run.exit()).as(run.err()).isZero();
  }

  @AfterAll
  static void stop() {
    Objects.requireNonNull(site).close();
  }

  private static String url() {
    return Objects.requireNonNull(site).url();
  }

  @Test
  void theWorkingDirectoryIsFilledNotReplaced() throws IOException {
    Path here = Files.createDirectory(folder.resolve("here"));
    Object before = key(here);
    ok(Run.of(here, Map.of(), "clone", url(), "."));
    assertThat(key(here)).isEqualTo(before);
    requireWhole(here);
  }

  @Test
  void aLinkToAnEmptyFolderIsFollowedAndStays() throws IOException {
    Path real = Files.createDirectory(folder.resolve("real"));
    Path link = Files.createSymbolicLink(folder.resolve("link"), real);
    ok(clone("link"));
    assertThat(link).isSymbolicLink();
    requireWhole(real);
  }

  @Test
  void bareIntoAnEmptyFolder() throws IOException {
    Path here = Files.createDirectory(folder.resolve("here"));
    Object before = key(here);
    ok(clone("here", "--bare"));
    assertThat(key(here)).isEqualTo(before);
    assertThat(Command.git(here, "rev-list", "--count", "HEAD")).isEqualTo("60");
    assertThat(names(here)).doesNotContain(".sheaf-clone");
  }

  @Test
  void missingFoldersAreMadeUnderAnyName() throws IOException {
    for (String name : List.of("a b", "q'\"", "n\nl", "café", "50%41", "deep/er/x", "#h", "$(x)")) {
      ok(clone(name));
      requireWhole(folder.resolve(name));
    }
    ok(Run.of(folder, Map.of(), "clone", url(), "--", "-dash"));
    requireWhole(folder.resolve("-dash"));
  }

  /** In a process of its own: the JVM looks for programs where it was told to when it began. */
  @Test
  void withoutGitNothingIsLeftBehindAndItIsSaidWhatIsNeeded() throws IOException {
    Path here = Files.createDirectory(folder.resolve("here"));
    Path none = Files.createDirectory(folder.resolve("bin"));
    Map<String, String> variables = Map.of("PATH", none.toString(), "HOME", folder.toString());
    for (String where : List.of("copy", "deep/er/copy", "here", "bare --bare")) {
      List<String> command = new ArrayList<>(Command.sheaf());
      command.addAll(List.of("clone", url()));
      command.addAll(List.of(where.split(" ", -1)));
      Command run = Command.of(folder, variables, command);
      assertThat(run.exit()).isEqualTo(1);
      assertThat(run.output())
          .isEqualTo("sheaf: git is not installed; install git 2.31 or newer\n");
    }
    assertThat(names(folder)).containsExactlyInAnyOrder("here", "bin");
    assertThat(names(here)).isEmpty();
  }

  @Test
  void whatIsThereIsLeftAlone() throws IOException {
    Path full = Files.createDirectory(folder.resolve("full"));
    Files.writeString(full.resolve("mine"), "mine");
    Path file = Files.writeString(folder.resolve("file"), "mine");
    Path dangling = Files.createSymbolicLink(folder.resolve("dangling"), folder.resolve("nowhere"));
    assertThat(refused("full")).contains("not an empty folder");
    assertThat(refused("file")).contains("file exists and is not a folder");
    assertThat(refused("file/below/it")).contains("file exists and is not a folder");
    assertThat(refused("dangling")).contains("dangling exists and is not a folder");
    assertThat(full.resolve("mine")).hasContent("mine");
    assertThat(file).hasContent("mine");
    assertThat(dangling).isSymbolicLink();
    assertThat(names(folder)).containsExactlyInAnyOrder("full", "file", "dangling");
  }

  @Test
  void afterAFailureOnlyWhatWasMadeIsGone() throws IOException {
    Path empty = Files.createDirectory(folder.resolve("empty"));
    Path parent = Files.createDirectory(folder.resolve("parent"));
    String nobody = "http://127.0.0.1:1/me/project";
    for (String target : List.of("empty", "parent/deep/er")) {
      assertThat(Run.of(folder, Map.of(), "clone", nobody, target).exit()).isEqualTo(1);
    }
    assertThat(empty).isEmptyDirectory();
    assertThat(parent).isEmptyDirectory();
  }

  @Test
  void ofManyAtOnceOneWinsAndItsCloneIsWhole()
      throws IOException, InterruptedException, ExecutionException {
    Files.createDirectory(folder.resolve("same"));
    Callable<Run> one = () -> clone("same");
    try (ExecutorService threads = Executors.newFixedThreadPool(4)) {
      int done = 0;
      for (Future<Run> each : threads.invokeAll(List.of(one, one, one, one))) {
        done += each.get().exit() == 0 ? 1 : 0;
      }
      assertThat(done).isEqualTo(1);
    }
    requireWhole(folder.resolve("same"));
  }

  @Test
  void whatSomebodyPutsThereMeanwhileIsNotReplaced() throws IOException {
    Path place = Files.createDirectory(folder.resolve("place"));
    try (CloneTarget target = CloneTarget.prepare(place)) {
      Files.writeString(target.repository().resolve("a"), "ours");
      Files.writeString(target.repository().resolve("b"), "ours");
      Files.createDirectory(target.repository().resolve(".git"));
      Files.writeString(place.resolve("b"), "mine");
      assertThatThrownBy(target::complete).hasMessageContaining("b came there while");
    }
    assertThat(names(place)).containsExactly("b");
    assertThat(place.resolve("b")).hasContent("mine");
  }

  @Test
  void whileOneBuildsNobodyElseDoes() throws IOException {
    Path place = Files.createDirectory(folder.resolve("place"));
    try (CloneTarget first = CloneTarget.prepare(place)) {
      Files.createDirectory(first.repository().resolve(".git"));
      assertThat(place.resolve(".git")).doesNotExist();
      assertThat(refused("place")).contains("under way", "broken off", ".sheaf-clone");
      assertThat(first.repository().resolve(".git")).isDirectory();
    }
    ok(clone("place"));
  }

  /** Nobody has the lock of a process that was killed. */
  @Test
  void whereOneWasKilledTheNextStartsOver() throws IOException {
    Path left = Files.createDirectories(folder.resolve("place/.sheaf-clone/repository/.git"));
    Files.writeString(left.resolve("HEAD"), "half");
    Files.createFile(folder.resolve("place/.sheaf-clone/lock"));
    ok(clone("place"));
    requireWhole(folder.resolve("place"));
  }

  @Test
  void whatNoCloneMadeIsLeftAloneWhateverItsName() throws IOException {
    Path mine = Files.createDirectories(folder.resolve("a/.sheaf-clone")).resolve("mine");
    Files.writeString(mine, "mine");
    Path linked = Files.createDirectory(folder.resolve("linked"));
    Files.createFile(linked.resolve("lock"));
    Files.createDirectory(folder.resolve("b"));
    Files.createSymbolicLink(folder.resolve("b/.sheaf-clone"), linked);
    assertThat(refused("a")).contains("broken off");
    assertThat(refused("b")).contains("broken off");
    assertThat(mine).hasContent("mine");
    assertThat(names(linked)).containsExactly("lock");
  }

  private Run clone(String... target) {
    return Run.of(
        folder,
        Map.of(),
        Stream.concat(Stream.of("clone", url()), Stream.of(target)).toArray(String[]::new));
  }

  private String refused(String target) {
    Run run = clone(target);
    assertThat(run.exit()).isEqualTo(1);
    assertThat(run.err().strip()).startsWith("sheaf: ").doesNotContain("\n");
    return run.err();
  }

  private static void ok(Run run) {
    assertThat(run.exit()).as(run.err()).isZero();
  }

  private static void requireWhole(Path clone) throws IOException {
    assertThat(Command.git(clone, "rev-list", "--count", "HEAD")).isEqualTo("60");
    assertThat(Command.git(clone, "fsck", "--strict")).isEmpty();
    assertThat(Command.git(clone, "diff-files")).isEmpty();
    assertThat(Command.git(clone, "status", "--porcelain", "--ignored")).isEmpty();
    assertThat(names(clone)).doesNotContain(".sheaf-clone");
  }

  private static List<String> names(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(file -> file.getFileName().toString()).toList();
    }
  }

  private static Object key(Path folder) throws IOException {
    return Objects.requireNonNull(
        Files.readAttributes(folder, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS)
            .fileKey());
  }
}
