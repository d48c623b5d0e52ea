package dev.sheaf.bundle.check;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sheaf.bundle.ContentId;
import dev.sheaf.bundle.Trees;
import dev.sheaf.bundle.Vectors;
import dev.sheaf.bundle.history.Ids;
import dev.sheaf.bundle.msgpack.Msgpack;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every lie in a bundle is found, and named. */
final class VerificationTest {
  private static final byte[] FILE = "hello\n".getBytes(StandardCharsets.UTF_8);
  private static final ContentId FILE_ID = Ids.object(FILE);

  @TempDir Path directory;

  @Test
  void objectThatIsNotWhatItSays() throws IOException {
    assertFinding(
        bundle -> Trees.list(bundle, "objects").getFirst().put("object_id", "a".repeat(64)),
        "object " + "a".repeat(64) + " holds content whose SHA-256 is ");
  }

  @Test
  void objectThatIsMissing() throws IOException {
    assertFinding(
        bundle -> Trees.list(bundle, "objects").removeFirst(),
        "1 objects of manifests are not in the bundle: [");
  }

  @Test
  void snapshotThatIsNotWhatItSays() throws IOException {
    assertFinding(
        bundle -> {
          Map<String, @Nullable Object> snapshot = Trees.list(bundle, "snapshots").getFirst();
          Trees.map(snapshot, "delta_upsert").put("new file", FILE_ID.prefixed());
        },
        "has a manifest whose id is sha256:");
  }

  @Test
  void commitThatIsNotWhatItSays() throws IOException {
    assertFinding(
        bundle -> Trees.list(bundle, "commits").getFirst().put("message", "another"),
        "has contents whose id is sha256:");
  }

  @Test
  void commitsInACycle() throws IOException {
    assertFinding(
        bundle -> {
          List<Map<String, @Nullable Object>> commits = Trees.list(bundle, "commits");
          commits.forEach(c -> c.put("parent_commit_id", c.get("commit_id")));
        },
        "commits form a cycle");
  }

  @Test
  void headElsewhereIsNotChecked() throws IOException {
    Map<String, @Nullable Object> bundle = Trees.of(Vectors.bundle("v1-tiny"));
    Trees.map(bundle, "branch_heads").put("other", "sha256:" + "0".repeat(64));
    BundleVerification verification = Expected.verify(Msgpack.encode(bundle), directory);
    assertThat(verification.findings()).isEmpty();
    assertThat(verification.unchecked())
        .containsExactly(
            "branch other: its head sha256:" + "0".repeat(64) + " is not in the bundle");
  }

  @Test
  void unreadableIsOneFinding() throws IOException {
    BundleVerification verification = Expected.verify(new byte[] {1, 2, 3}, directory);
    assertThat(verification.summary()).isNull();
    assertThat(verification.findings()).hasSize(1);
    assertThat(verification.isSound()).isFalse();
  }

  private void assertFinding(Consumer<Map<String, @Nullable Object>> lie, String finding)
      throws IOException {
    Map<String, @Nullable Object> bundle = Trees.of(Vectors.bundle("v1-tiny"));
    lie.accept(bundle);
    BundleVerification verification = Expected.verify(Msgpack.encode(bundle), directory);
    assertThat(verification.findings()).anyMatch(text -> text.contains(finding));
    assertThat(verification.isSound()).isFalse();
  }
}
