package dev.sheaf.bundle;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Names of refs are what git takes for names. */
class RefNameTest {
  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(
      strings = {
        "refs/heads/main",
        "refs/heads/a/b",
        "refs/tags/v1.0",
        "refs/heads/@",
        "refs/heads/\u00e9",
        "refs/notes/commits",
        "refs/heads/-x",
        "refs/heads/a.locked",
        "refs/heads/{}"
      })
  void takesWhatGitTakes(String name) {
    assertThat(RefName.of(name).text()).contains(name);
    assertThat(git(name)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "refs/",
        "refs/heads/",
        "refs/heads//a",
        "/refs/heads/a",
        "refs/heads/.a",
        "refs/heads/a.lock",
        "refs/heads/a.lock/b",
        "refs/heads/a..b",
        "refs/heads/a.",
        "refs/heads/a b",
        "refs/heads/a~1",
        "refs/heads/a^",
        "refs/heads/a:b",
        "refs/heads/a?",
        "refs/heads/*",
        "refs/heads/a[b",
        "refs/heads/a\\b",
        "refs/heads/a@{b",
        "refs/heads/a\n0000 refs/heads/b",
        "refs/heads/\u001b[2J",
        "refs/heads/\u007f",
        "refs/../../etc/passwd"
      })
  void refusesWhatGitRefuses(String name) {
    assertThatThrownBy(() -> RefName.of(name))
        .isInstanceOfSatisfying(
            SheafException.class,
            e -> {
              assertThat(e.kind()).isEqualTo(ErrorKind.INVALID);
              assertThat(e.getMessage()).doesNotContain("\n", "\u001b");
            });
    assertThat(git(name)).isFalse();
  }

  /** What git itself can write as a file, beside which it puts a lock first. */
  @ParameterizedTest
  @ValueSource(ints = {249, 250, 251, 255, 256})
  void takesNamesAsLongAsGitCanWriteThem(int bytes) {
    String part = "l".repeat(bytes);
    for (String name : List.of("refs/heads/" + part, "refs/heads/" + "d".repeat(bytes) + "/x")) {
      assertThat(RefName.isValid(name.getBytes(ISO_8859_1))).as(name).isEqualTo(isWritten(name));
    }
  }

  @Test
  void whatIsTooLongIsSaidWithTheLimit() {
    assertThatThrownBy(() -> RefName.of("refs/heads/" + "l".repeat(251)))
        .hasMessageContaining("'refs/heads/lll")
        .hasMessageContaining("its last part has 251 bytes, 250 are the most");
    assertThatThrownBy(() -> RefName.of("refs/heads/" + "l".repeat(256) + "/x"))
        .hasMessageContaining("a part of it has 256 bytes, 255 are the most");
  }

  private boolean isWritten(String name) {
    String tree = "4b825dc642cb6eb9a060e54bf8d69288fbee4904";
    assertThat(run("git", "init", "--quiet", "--bare", folder.toString())).isTrue();
    assertThat(run("git", "-C", folder.toString(), "hash-object", "-t", "tree", "-w", "/dev/null"))
        .isTrue();
    // Outside of refs/heads, where git wants no commit.
    String there = name.replace("refs/heads/", "refs/trees/");
    return run("git", "-C", folder.toString(), "update-ref", there, tree);
  }

  @Test
  void onlyRefsAreNamed() {
    assertThat(RefName.isValid("HEAD".getBytes(ISO_8859_1))).isFalse();
    assertThat(RefName.isValid("heads/main".getBytes(ISO_8859_1))).isFalse();
  }

  @Test
  void agreesWithGitOnRandomNames() {
    long seed = 20261127;
    Random random = new Random(seed);
    String alphabet = "ab/.@{lock~ -:\\";
    for (int i = 0; i < 60; i++) {
      StringBuilder name = new StringBuilder("refs/");
      int length = 1 + random.nextInt(9);
      for (int n = 0; n < length; n++) {
        name.append(alphabet.charAt(random.nextInt(alphabet.length())));
      }
      String text = name.toString();
      assertThat(RefName.isValid(text.getBytes(ISO_8859_1)))
          .as("seed %s, name '%s'", seed, text)
          .isEqualTo(git(text));
    }
  }

  @Test
  void bytesThatAreNoTextKeepTheirForm() {
    byte[] name = "refs/heads/caf\u00e9".getBytes(ISO_8859_1);
    RefName ref = RefName.ofBytes(name);
    assertThat(ref.text()).isEmpty();
    assertThat(ref.branch()).isEmpty();
    assertThat(ref.isBranch()).isTrue();
    assertThat(ref.toBytes()).isEqualTo(name);
    assertThat(ref).hasToString("refs/heads/caf\\xe9");
  }

  @Test
  void namesForPeopleMoveNoCursor() {
    assertThat(RefName.of("refs/heads/a\u202eb").toString()).doesNotContain("\u202e");
    assertThat(RefName.of("refs/heads/\u00fc").toString()).isEqualTo("refs/heads/\u00fc");
  }

  @Test
  void knowsTheFoldersThatItLiesIn() {
    assertThat(RefName.of("refs/heads/a/b").folders())
        .containsExactly(RefName.of("refs/heads"), RefName.of("refs/heads/a"));
    assertThat(RefName.of("refs/stash").folders()).isEmpty();
  }

  @Test
  void isOrderedByBytes() {
    List<RefName> names = new ArrayList<>();
    names.add(RefName.ofBytes("refs/heads/\u00ff".getBytes(ISO_8859_1)));
    names.add(RefName.of("refs/heads/b"));
    names.add(RefName.of("refs/heads/a/b"));
    names.sort(null);
    assertThat(names.getFirst()).isEqualTo(RefName.of("refs/heads/a/b"));
  }

  private static boolean git(String name) {
    return run("git", "check-ref-format", name);
  }

  private static boolean run(String... command) {
    try {
      Process process =
          new ProcessBuilder(command)
              .redirectError(ProcessBuilder.Redirect.DISCARD)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start();
      return process.waitFor() == 0;
    } catch (IOException e) {
      throw new AssertionError(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }
}
