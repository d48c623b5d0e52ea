package dev.sheaf.cli.clone;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sheaf.bundle.Content;
import dev.sheaf.bundle.ContentId;
import dev.sheaf.bundle.codec.BundleWriter;
import dev.sheaf.bundle.codec.ObjectEncoder;
import dev.sheaf.bundle.codec.RawObject;
import dev.sheaf.bundle.history.Commit;
import dev.sheaf.bundle.history.History;
import dev.sheaf.bundle.history.IdDialect;
import dev.sheaf.bundle.history.Ids;
import dev.sheaf.bundle.history.Manifest;
import dev.sheaf.bundle.history.Snapshot;
import dev.sheaf.bundle.msgpack.PackedMap;
import dev.sheaf.cli.fixtures.Command;
import dev.sheaf.cli.fixtures.LyingSite;
import dev.sheaf.cli.fixtures.Run;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A server that gives what it should not. Each clone, on both ways, ends with 1 and a sentence, and
 * leaves nothing: neither a repository nor anything outside of it.
 */
class LyingServerTest {
  private static final byte[] CONTENT = "content\n".getBytes(UTF_8);
  private static final ContentId ID = Ids.object(CONTENT);
  private static final String COMMIT = "sha256:" + "c".repeat(64);

  @TempDir Path folder;
  private LyingSite site;

  @BeforeEach
  void start() throws IOException {
    site = new LyingSite();
    site.gives(bundle(Manifest.of(Map.of("file", ID)), CONTENT)).says("refs", refs("main"));
  }

  @AfterEach
  void stop() {
    site.close();
  }

  @Test
  void anHonestOneIsCloned() throws IOException {
    for (String via : List.of("bundles", "fetch")) {
      Run run = Run.of(folder, Map.of(), "clone", site.url(), via, "--via", via);
      assertThat(run.exit()).as(run.err()).isZero();
      assertThat(folder.resolve(via).resolve("file")).hasBinaryContent(CONTENT);
    }
  }

  @Test
  void objectsAreWhatTheirIdsSay() throws IOException {
    site.gives(bundle(Manifest.of(Map.of("file", ID)), "tampered\n".getBytes(UTF_8)));
    assertRefused("object " + ID.hex() + " came with the bytes of ");
  }

  @Test
  void objectsThatComeAloneAreWhatTheirIdsSay() throws IOException {
    site.gives(bundle(Manifest.of(Map.of("file", ID))));
    // Asked for the object itself, this site gives the bundle.
    assertRefused("object " + ID.hex() + " came with the bytes of ");
  }

  @Test
  void commitsAreWhatTheirIdsSay() throws IOException {
    String raw = "tree 4b825dc642cb6eb9a060e54bf8d69288fbee4904\n\nempty\n";
    String base64 = Base64.getEncoder().encodeToString(raw.getBytes(UTF_8));
    PackedMap meta = PackedMap.of(Map.of("metadata", Map.of(Commit.GIT_COMMIT, base64)));
    Commit commit = new Commit(COMMIT, null, "empty", "", List.of(), "", "", meta);
    site.gives(bundle(History.of(List.of(commit), List.of(), Map.of("main", COMMIT))));
    assertRefused("commit " + COMMIT + " has other bytes than its id says");
  }

  @Test
  void namesOfBranchesLeadNowhereElse() throws IOException {
    for (String name :
        List.of(
            "../../../x",
            "a\nb",
            "a\n" + "0".repeat(40) + " refs/heads/b",
            "a b",
            "\u001b[31m",
            "a..b",
            "",
            "/x",
            "x/",
            "a.lock",
            ".git/x",
            "@{-1}",
            "x\u007f")) {
      site.says("refs", refs(name));
      assertRefused("cannot be the name of a branch or tag");
    }
  }

  @Test
  void headIsABranchOrACommitThatIsThere() throws IOException {
    for (String head :
        List.of(
            "refs/heads/x\nrefs/heads/y",
            "../../x",
            "refs/heads/../../x",
            "refs/remotes/x",
            "",
            "HEAD",
            "refs/tags/v",
            "1".repeat(40))) {
      site.says("refs", refs("main", Map.of("head", head, "refs", Map.of())));
      assertRefused("");
    }
  }

  @Test
  void tagsAreWhatTheirObjectsSay() throws IOException {
    String commit = clonedHead();
    byte[] tag = tag(commit);
    assertTag("refs/tags/../../x", commit, List.of(), "cannot be the name");
    assertTag("refs/elsewhere/v", commit, List.of(), "cannot be the name");
    assertTag("refs/tags/v", "2".repeat(40), List.of(), "the server says that refs/tags/v is 222");
    assertTag("refs/tags/v", "nonsense", List.of(), "the server says that refs/tags/v is nonsense");
    assertTag("refs/tags/v", "2".repeat(40), List.of(tag), "the server says that refs/tags/v");
    assertTag("refs/tags/v", commit, List.of(tag("2".repeat(40))), "does not name " + commit);
    assertTag("refs/tags/v", commit, List.of(new byte[3]), "does not name " + commit);
  }

  private void assertTag(String name, String target, List<byte[]> tags, String sentence)
      throws IOException {
    Map<String, ?> ref = Map.of("target", target, "commit", COMMIT, "tags", tags);
    site.says("refs", refs("main", Map.of("head", "refs/heads/main", "refs", Map.of(name, ref))));
    assertRefused(sentence);
  }

  private static byte[] tag(String commit) {
    return ("object " + commit + "\ntype commit\ntag v\n\nv\n").getBytes(UTF_8);
  }

  private String clonedHead() throws IOException {
    Run run = Run.of(folder, Map.of(), "clone", "--bare", site.url(), "honest");
    assertThat(run.exit()).as(run.err()).isZero();
    return Command.git(folder.resolve("honest"), "rev-parse", "HEAD");
  }

  @Test
  void filesStayInTheNewFolder() throws IOException {
    for (String path :
        List.of(
            ".git/hooks/post-checkout",
            ".GIT/config",
            "a/.git/config",
            "../escape",
            "a/../../b",
            "./x",
            "a//b",
            "/abs",
            "..")) {
      site.gives(bundle(Manifest.of(Map.of(path, ID)), CONTENT));
      assertRefused("");
    }
  }

  @Test
  void noFileIsWrittenThroughALink() throws IOException {
    Path outside = Files.createDirectory(folder.resolve("outside"));
    byte[] link = outside.toString().getBytes(UTF_8);
    Map<String, ContentId> files = Map.of("a", Ids.object(link), "a/file", ID);
    site.gives(bundle(new Manifest(files, Map.of("a", "120000")), CONTENT, link));
    assertRefused("must not be written to a disk");
    assertThat(outside).isEmptyDirectory();
    // The history as such is nobody's harm.
    Run bare = Run.of(folder, Map.of(), "clone", "--bare", site.url(), "bare");
    assertThat(bare.exit()).as(bare.err()).isZero();
  }

  private void assertRefused(String sentence) throws IOException {
    List<String> before = names();
    for (String via : List.of("bundles", "fetch")) {
      Run run = Run.of(folder, Map.of(), "clone", site.url(), "copy", "--via", via);
      assertThat(run.exit()).as(run.out() + run.err()).isEqualTo(1);
      List<String> said = run.err().lines().toList();
      assertThat(said.getLast()).startsWith("sheaf: ").contains(sentence);
      assertThat(run.err()).doesNotContain("unexpected", "\tat ", "\u001b");
      assertThat(names()).isEqualTo(before);
    }
  }

  private List<String> names() throws IOException {
    try (var files = Files.walk(folder, 1)) {
      return files.map(Path::toString).sorted().toList();
    }
  }

  private static Map<String, ?> refs(String branch) {
    return Map.of("default_branch", branch, "branch_heads", Map.of(branch, COMMIT));
  }

  private static Map<String, ?> refs(String branch, Map<String, ?> git) {
    return Map.of("default_branch", branch, "branch_heads", Map.of(branch, COMMIT), "git", git);
  }

  /** One commit of these files, and the objects; the first is said to be that of {@link #ID}. */
  private byte[] bundle(Manifest files, byte[]... contents) throws IOException {
    Snapshot snapshot = Snapshot.full("sha256:" + "5".repeat(64), files);
    Commit commit =
        Commit.of(COMMIT, snapshot.snapshotId(), "one", "2026-01-01T00:00:00Z", List.of());
    return bundle(History.of(List.of(commit), List.of(snapshot), Map.of("main", COMMIT)), contents);
  }

  private byte[] bundle(History history, byte[]... contents) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (ObjectEncoder encoder = new ObjectEncoder(3, false, folder);
        BundleWriter writer = BundleWriter.plain(out, IdDialect.PREFIXED)) {
      writer.history(history, contents.length);
      for (int i = 0; i < contents.length; i++) {
        ContentId id = i == 0 ? ID : Ids.object(contents[i]);
        writer.object(encoder.encode(new RawObject(id, Content.of(contents[i]), null), false));
      }
      writer.finish();
    }
    return out.toByteArray();
  }
}
