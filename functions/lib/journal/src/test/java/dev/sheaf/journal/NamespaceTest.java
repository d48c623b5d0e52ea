package dev.sheaf.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sheaf.bundle.SheafException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Names, and the keys of their objects. */
class NamespaceTest {
  @ParameterizedTest
  @CsvSource({
    ".metadata/git/segment-x.json,git",
    ".metadata/git/segment-x,git",
    ".metadata/git/segment-a/segment-b.json,git",
    ".metadata/git/rollup.json,git",
    ".metadata/git.json,git",
    ".metadata/org/repo/segment-x.json,org/repo",
    ".metadata/org/repo/rollup.json,org/repo",
    ".metadata/.root/segment-x.json,''",
    ".metadata/.root/rollup.json,''",
    ".metadata/.json,''",
    ".metadata/rollup.json,rollup",
    ".metadata/segment-x.json,segment-x",
    ".metadata/segment-x/segment-y.json,segment-x"
  })
  void keyOfANamespace(String key, String name) {
    assertThat(Namespace.ofKey(key)).contains(new Namespace(name));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        ".metadata/.root.json",
        ".metadata/git/readme.txt",
        ".metadata/git/segments/x.json",
        ".metadata/org/repo.json",
        ".metadata/git.lock",
        ".metadata/",
        "git/segment-x.json",
      })
  void keyOfNone(String key) {
    assertThat(Namespace.ofKey(key)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "git", "9_-", "A"})
  void validNames(String name) {
    assertThat(Namespace.of(name).name()).isEqualTo(name);
  }

  @ParameterizedTest
  @ValueSource(strings = {".root", "-a", "_a", "a/b", "a.b", "a b", "\u00e9", "a\n"})
  void invalidNames(String name) {
    assertThatThrownBy(() -> Namespace.of(name))
        .isInstanceOf(SheafException.class)
        .hasMessageContaining("'" + name + "'");
  }

  @Test
  void keysOfTheRoot() {
    Namespace root = Namespace.of("");
    assertThat(root.segmentPrefix()).isEqualTo(".metadata/.root/segment-");
    assertThat(root.rollupKey()).isEqualTo(".metadata/.root/rollup.json");
    assertThat(root.legacyKey()).isEqualTo(".metadata/.json");
    assertThat(root.segmentName(".metadata/.root/segment-a/b")).isEqualTo("segment-a/b");
  }
}
