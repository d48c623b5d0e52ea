package dev.sheaf.git;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sheaf.bundle.ContentId;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class GitKeysTest {
  private static final RepoPath REPO = new RepoPath("me", "my.project");
  private static final ContentId PACK = ContentId.parse("ab".repeat(32));

  @Test
  void everyKeyIsTakenApartAgain() {
    for (GitKeys.Part part : GitKeys.Part.values()) {
      assertThat(GitKeys.parse(GitKeys.key(REPO, PACK, part)))
          .isEqualTo(new GitKeys.PackKey(REPO, PACK, part));
    }
    assertThat(GitKeys.key(REPO, PACK, GitKeys.Part.INDEX))
        .isEqualTo("git/me/my.project/" + "ab".repeat(32) + ".idx");
    assertThat(GitKeys.manifest(REPO)).isEqualTo("git/me/my.project/manifest.json");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "git/me/p/manifest.json",
        "git/me/p/abababababababababababababababababababababababababababababababab.zip",
        "git/me/p/ABABababababababababababababababababababababababababababababababab.idx",
        "git/me/../abababababababababababababababababababababababababababababababab.idx",
        "git/me/abababababababababababababababababababababababababababababababab.idx",
        "packs/me/p/abababababababababababababababababababababababababababababababab.idx"
      })
  void othersAreNone(String key) {
    assertThat(GitKeys.parse(key)).isNull();
  }

  @Test
  void aPlaceIsTwoNames() {
    assertThatThrownBy(() -> new RepoPath("me", "a/b"))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
