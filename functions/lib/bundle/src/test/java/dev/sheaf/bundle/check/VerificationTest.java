package dev.sheaf.bundle.check;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sheaf.bundle.Content;
import dev.sheaf.bundle.ContentId;
import dev.sheaf.bundle.Trees;
import dev.sheaf.bundle.Vectors;
import dev.sheaf.bundle.codec.BundleWriter;
import dev.sheaf.bundle.codec.WireObject;
import dev.sheaf.bundle.history.Commit;
import dev.sheaf.bundle.history.GitRefs;
import dev.sheaf.bundle.history.GitRefs.GitRef;
import dev.sheaf.bundle.history.History;
import dev.sheaf.bundle.history.IdDialect;
import dev.sheaf.bundle.history.Ids;
import dev.sheaf.bundle.history.Manifest;
import dev.sheaf.bundle.history.Snapshot;
import dev.sheaf.bundle.msgpack.Msgpack;
import dev.sheaf.bundle.msgpack.PackedMap;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Base64;
import java.util.HashMap;
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
  private static final String TREE = "4".repeat(40);

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

  @Test
  void gitHistoryIsSound() throws IOException {
    BundleVerification verification = verify(GitHistory.sound());
    assertThat(verification.findings()).isEmpty();
    assertThat(verification.unchecked()).isEmpty();
  }

  @Test
  void gitCommitThatIsNotWhatItSays() throws IOException {
    GitHistory changed = GitHistory.sound();
    changed.child = changed.child.replace("second", "2nd");
    assertThat(verify(changed).findings())
        .anyMatch(f -> f.matches("commit sha256:\\w{64} has contents whose id is sha256:\\w{64}"))
        .anyMatch(f -> f.startsWith("refs/heads/main points to "));
  }

  @Test
  void gitCommitWithOtherParents() throws IOException {
    GitHistory changed = GitHistory.sound();
    String other = changed.child.replace("parent ", "parent 1234567");
    changed.child = other;
    changed.childId = Ids.gitCommit(other.getBytes(StandardCharsets.UTF_8));
    assertThat(verify(changed).findings())
        .contains("commit " + changed.childId + " names other parents than its git commit object");
  }

  @Test
  void tagThatIsNotWhatItSays() throws IOException {
    GitHistory changed = GitHistory.sound();
    changed.tag = "object " + TREE + "\ntype commit\ntag v2\n\nother\n";
    assertThat(verify(changed).findings())
        .anyMatch(f -> f.startsWith("refs/tags/v1 points to ") && f.contains("but carries"));
  }

  @Test
  void gitCommitThatIsNoBase64() throws IOException {
    GitHistory changed = GitHistory.sound();
    changed.base64 = "***";
    assertThat(verify(changed).findings()).anyMatch(f -> f.contains("is no base64"));
  }

  @Test
  void modesArePartOfTheSnapshot() throws IOException {
    GitHistory changed = GitHistory.sound();
    changed.mode = "120000";
    assertThat(verify(changed).findings())
        .anyMatch(f -> f.matches("snapshot sha256:\\w{64} has a manifest whose id is .*"));
  }

  /** Two commits, a branch and a tag as they come out of git. */
  private static final class GitHistory {
    private static final String ROOT =
        "tree %s\nauthor A <a@b> 1 +0000\ncommitter A <a@b> 1 +0000\n\nfirst\n".formatted(TREE);
    private static final String ROOT_ID = Ids.gitCommit(bytes(ROOT));
    private static final String SNAPSHOT =
        Ids.snapshot(manifest("100755"), List.of(), IdDialect.PREFIXED);

    private String child =
        ROOT.replace(
                "\nauthor", "\nparent " + GitCommitChecks.sha1("commit", bytes(ROOT)) + "\nauthor")
            .replace("first", "second");
    private String childId = Ids.gitCommit(bytes(child));
    private final String childSha1 = GitCommitChecks.sha1("commit", bytes(child));
    private String tag = "object " + childSha1 + "\ntype commit\ntag v1\n\nnote\n";
    private final String tagSha1 = GitCommitChecks.sha1("tag", bytes(tag));
    private String mode = "100755";
    private @Nullable String base64;

    static GitHistory sound() {
      return new GitHistory();
    }

    History history() {
      Commit root = commit(ROOT_ID, ROOT, List.of(), null);
      Commit second = commit(childId, child, List.of(ROOT_ID), base64);
      GitRefs refs =
          new GitRefs(
              "refs/heads/main",
              Map.of(
                  "refs/heads/main", new GitRef(childSha1, childId, List.of()),
                  "refs/tags/v1", new GitRef(tagSha1, childId, List.of(bytes(tag)))));
      return new History(
          List.of(second, root),
          List.of(Snapshot.full(SNAPSHOT, manifest(mode))),
          Map.of("main", childId),
          List.of(),
          PackedMap.of(Map.of("git", refs.toMap())));
    }

    private static Commit commit(
        String id, String raw, List<String> parents, @Nullable String base64) {
      String text = base64 == null ? Base64.getEncoder().encodeToString(bytes(raw)) : base64;
      return new Commit(
          id,
          SNAPSHOT,
          "a message",
          "1970-01-01T00:00:01+00:00",
          parents,
          "A <a@b>",
          "main",
          PackedMap.of(Map.of("metadata", Map.of(Commit.GIT_COMMIT, text))));
    }

    private static Manifest manifest(String mode) {
      return new Manifest(Map.of("run", FILE_ID), new HashMap<>(Map.of("run", mode)));
    }

    private static byte[] bytes(String text) {
      return text.getBytes(StandardCharsets.UTF_8);
    }
  }

  private BundleVerification verify(GitHistory git) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    BundleWriter writer = BundleWriter.compressing(out, IdDialect.PREFIXED, 3);
    writer.history(git.history(), 1);
    writer.object(WireObject.raw(FILE_ID, Content.of(FILE)));
    writer.finish();
    return Expected.verify(out.toByteArray(), directory);
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
