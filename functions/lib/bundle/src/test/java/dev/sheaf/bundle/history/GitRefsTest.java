package dev.sheaf.bundle.history;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sheaf.bundle.SheafException;
import dev.sheaf.bundle.history.GitRefs.GitRef;
import dev.sheaf.bundle.msgpack.Msgpack;
import dev.sheaf.bundle.msgpack.PackedMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class GitRefsTest {
  private static final GitRefs REFS =
      new GitRefs(
          "refs/heads/main",
          Map.of(
              "refs/heads/main", new GitRef("1".repeat(40), "sha256:a", List.of()),
              "refs/tags/v1",
                  new GitRef("2".repeat(40), "sha256:a", List.of(new byte[] {1}, new byte[] {2}))));

  @Test
  void survivesTheWire() {
    PackedMap meta = PackedMap.of(Map.of("git", REFS.toMap()));
    assertThat(GitRefs.from(PackedMap.ofBytes(meta.bytes())))
        .usingRecursiveComparison()
        .isEqualTo(REFS);
  }

  @Test
  void absentIsNull() {
    assertThat(GitRefs.from(PackedMap.EMPTY)).isNull();
  }

  @Test
  void detachedHeadAndNoRefs() {
    GitRefs none = new GitRefs(null, Map.of());
    assertThat(GitRefs.fromMap(none.toMap())).isEqualTo(none);
    assertThat(GitRefs.fromMap(Map.of("later", 1))).isEqualTo(none);
  }

  @Test
  void otherShapesAreRefused() {
    for (Object git :
        List.of(
            "text",
            Map.of("head", 1),
            Map.of("refs", List.of()),
            Map.of("refs", Map.of("r", "x")),
            Map.of("refs", Map.of("r", Map.of("target", "t"))),
            Map.of("refs", Map.of("r", Map.of("target", "t", "commit", "c", "tags", "x"))),
            Map.of(
                "refs", Map.of("r", Map.of("target", "t", "commit", "c", "tags", List.of(1)))))) {
      PackedMap meta = PackedMap.ofBytes(Msgpack.encode(Map.of("git", git)));
      assertThatThrownBy(() -> GitRefs.from(meta))
          .isInstanceOf(SheafException.class)
          .hasMessageStartingWith("meta.git: ");
    }
  }
}
