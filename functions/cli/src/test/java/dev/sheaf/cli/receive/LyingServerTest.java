package dev.sheaf.cli.receive;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sheaf.cli.fixtures.Command;
import dev.sheaf.cli.fixtures.LyingSite;
import dev.sheaf.cli.fixtures.Run;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A server that gives what it should not. Each clone ends with 1 and a sentence, and leaves
 * nothing: neither a repository nor anything outside of it.
 */
class LyingServerTest {
  @TempDir Path folder;
  private LyingSite site;
  private Path original;
  private String head;

  @BeforeEach
  void start() throws IOException {
    site = new LyingSite();
    original = Files.createDirectory(folder.resolve("original"));
    Command.git(original, "init", "--quiet", "--initial-branch=main");
    Files.writeString(original.resolve("file"), "content\n");
    Command.git(original, "add", ".");
    Command.git(original, "commit", "--quiet", "-m", "one");
    head = Command.git(original, "rev-parse", "HEAD");
    site.gives(bundle("main")).says("refs", refs("refs/heads/main", head));
  }

  @AfterEach
  void stop() {
    site.close();
  }

  private byte[] bundle(String... what) throws IOException {
    Path file = folder.resolve("bundle");
    Command.git(
        original,
        Stream.concat(Stream.of("bundle", "create", "--quiet", file.toString()), Stream.of(what))
            .toArray(String[]::new));
    byte[] bytes = Files.readAllBytes(file);
    Files.delete(file);
    return bytes;
  }

  private static Map<String, ?> refs(String name, String target) {
    return refs(
        Map.of("symref", "refs/heads/main"), List.of(Map.of("name", name, "target", target)));
  }

  private static Map<String, ?> refs(Map<String, ?> head, List<?> refs) {
    return Map.of("kind", "git", "head", head, "refs", refs);
  }

  @Test
  void anHonestOneIsCloned() throws IOException {
    Run run = clone("copy");
    assertThat(run.exit()).as(run.err()).isZero();
    assertThat(folder.resolve("copy/file")).hasContent("content\n");
  }

  @Test
  void bytesAreThoseOfTheirName() throws IOException {
    site.says("clone-plan", Map.of("bundles", List.of(stored("1".repeat(64), 10_000))));
    assertRefused("what came for " + "1".repeat(64));
  }

  @Test
  void noMoreComesThanWasSaid() throws IOException {
    site.says("clone-plan", Map.of("bundles", List.of(stored("1".repeat(64), 20))));
    assertRefused("longer than the server said");
  }

  private Map<String, ?> stored(String id, int size) {
    return Map.of("url", site.root() + "/bundle", "sha256", id, "size_bytes", size);
  }

  @Test
  void aPackIsWhatGitTakes() throws IOException {
    byte[] bundle = bundle("main");
    bundle[bundle.length - 30] ^= 1;
    site.gives(bundle);
    assertRefused("git does not take pack");
    site.gives("<html>".getBytes(UTF_8));
    assertRefused("git does not take pack");
  }

  @Test
  void refsNameWhatIsThere() throws IOException {
    site.says("refs", refs("refs/heads/main", "2".repeat(40)));
    assertRefused("is not whole");
    Files.writeString(original.resolve("file"), "other\n");
    Command.git(original, "commit", "--quiet", "-a", "-m", "two");
    site.says("refs", refs("refs/heads/main", Command.git(original, "rev-parse", "HEAD")));
    assertRefused("is not whole");
  }

  @Test
  void everythingThatIsReachedIsThere() throws IOException {
    // A pack of the commit and its tree alone.
    String objects = head + "\n" + Command.git(original, "rev-parse", "HEAD^{tree}") + "\n";
    Path ids = Files.writeString(folder.resolve("ids"), objects);
    Path pack = folder.resolve("pack");
    Command packed =
        Command.of(
            original,
            Map.of(),
            List.of("sh", "-c", "git pack-objects --stdout -q <'" + ids + "' >'" + pack + "'"));
    assertThat(packed.exit()).as(packed.output()).isZero();
    byte[] header = "# v2 git bundle\n\n".getBytes(UTF_8);
    byte[] body = Files.readAllBytes(pack);
    byte[] bundle = new byte[header.length + body.length];
    System.arraycopy(header, 0, bundle, 0, header.length);
    System.arraycopy(body, 0, bundle, header.length, body.length);
    Files.delete(ids);
    Files.delete(pack);
    site.gives(bundle);
    assertRefused("is not whole");
  }

  @Test
  void idsAreIds() throws IOException {
    for (String id :
        List.of("", "x", head + "\n", head.toUpperCase(Locale.ROOT), "--all", head + " x")) {
      site.says("refs", refs("refs/heads/main", id));
      assertRefused("is not the id of an object");
    }
  }

  @Test
  void namesOfRefsLeadNowhereElse() throws IOException {
    for (String name :
        List.of(
            "refs/heads/../../../x",
            "refs/heads/a\nb",
            "refs/heads/a\n" + "0".repeat(40) + " refs/heads/b",
            "refs/heads/a b",
            "refs/heads/\u001b[31m",
            "refs/heads/a..b",
            "refs/heads/",
            "/refs/heads/x",
            "refs/heads/x/",
            "refs/heads/a.lock",
            "refs/heads/.git/x",
            "refs/heads/@{-1}",
            "HEAD",
            "config",
            "../config",
            "",
            "refs/heads/x\u007f")) {
      site.says("refs", refs(name, head));
      assertRefused("is no name of a git ref");
    }
  }

  @Test
  void bytesOfANameAreCheckedToo() throws IOException {
    String name = Base64.getEncoder().encodeToString("refs/heads/../x".getBytes(UTF_8));
    site.says("refs", refs(Map.of(), List.of(Map.of("name_b64", name, "target", head))));
    assertRefused("is no name of a git ref");
    site.says("refs", refs(Map.of(), List.of(Map.of("name_b64", "!", "target", head))));
    assertRefused("not base64");
  }

  @Test
  void aFolderAndARefOfOneNameAreOneTooMany() throws IOException {
    List<?> both =
        List.of(
            Map.of("name", "refs/heads/a", "target", head),
            Map.of("name", "refs/heads/a/b", "target", head));
    site.says("refs", refs(Map.of(), both));
    assertRefused("");
  }

  @Test
  void headIsABranchOrACommitThatIsThere() throws IOException {
    List<?> main = List.of(Map.of("name", "refs/heads/main", "target", head));
    for (String name :
        List.of("refs/heads/x\nrefs/heads/y", "../../x", "refs/heads/../../x", "refs/tags/v", "")) {
      site.says("refs", refs(Map.of("symref", name), main));
      assertRefused("");
    }
    for (String id : List.of("1".repeat(40), "nonsense")) {
      site.says("refs", refs(Map.of("detached", id), main));
      assertRefused("");
    }
  }

  @Test
  void noRefShowsAnotherHistory() throws IOException {
    List<?> refs =
        List.of(
            Map.of("name", "refs/heads/main", "target", head),
            Map.of("name", "refs/replace/" + head, "target", head));
    site.says("refs", refs(Map.of("symref", "refs/heads/main"), refs));
    Run run = clone("copy");
    assertThat(run.exit()).as(run.err()).isZero();
    assertThat(Command.git(folder.resolve("copy"), "for-each-ref", "refs/replace")).isEmpty();
  }

  /** The history is nobody's harm and stays; nothing is written outside of it. */
  @Test
  void filesStayInTheNewFolder() throws IOException {
    Path outside = Files.createDirectory(folder.resolve("outside"));
    for (String tree : List.of("..", ".git", "link")) {
      oddTree(tree, outside);
      site.gives(bundle("odd"))
          .says("refs", refs("refs/heads/main", Command.git(original, "rev-parse", "odd")));
      Run run = clone("copy");
      // Of a link and a folder of one name, git writes one.
      if (!tree.equals("link")) {
        assertThat(run.exit()).as(tree + run.out() + run.err()).isEqualTo(1);
        assertThat(run.err()).contains("could not all be written").doesNotContain("\tat ");
      }
      assertThat(outside).isEmptyDirectory();
      assertThat(folder.resolve("file")).doesNotExist();
      assertThat(folder.resolve("copy/.git/file")).doesNotExist();
      Command.of(folder, Map.of(), List.of("rm", "-rf", "copy"));
    }
  }

  /** A folder of that name with a file in it; of {@code link}, beside a link of the same name. */
  private void oddTree(String name, Path outside) throws IOException {
    String blob = Command.git(original, "rev-parse", "HEAD:file");
    String inner = tree(entry("100644", "file", blob));
    byte[] folderEntry = entry("40000", name, inner);
    if (name.equals("link")) {
      Path target = Files.writeString(folder.resolve("target"), outside.toString());
      String link = Command.git(original, "hash-object", "-w", target.toString());
      Files.delete(target);
      inner = tree(entry("120000", name, link), folderEntry);
    } else {
      inner = tree(folderEntry);
    }
    String commit = Command.git(original, "commit-tree", "-m", "odd", inner);
    Command.git(original, "update-ref", "refs/heads/odd", commit);
  }

  private static byte[] entry(String mode, String name, String id) {
    byte[] text = (mode + " " + name + "\0").getBytes(UTF_8);
    byte[] entry = new byte[text.length + 20];
    System.arraycopy(text, 0, entry, 0, text.length);
    System.arraycopy(HexFormat.of().parseHex(id), 0, entry, text.length, 20);
    return entry;
  }

  private String tree(byte[]... entries) throws IOException {
    Path raw = folder.resolve("raw");
    try (var out = Files.newOutputStream(raw)) {
      for (byte[] entry : entries) {
        out.write(entry);
      }
    }
    String id =
        Command.git(original, "hash-object", "-w", "-t", "tree", "--literally", raw.toString());
    Files.delete(raw);
    return id;
  }

  private Run clone(String target) {
    return Run.of(folder, Map.of("PATH", System.getenv("PATH")), "clone", site.url(), target);
  }

  private void assertRefused(String sentence) throws IOException {
    List<String> before = names();
    Run run = clone("copy");
    assertThat(run.exit()).as(run.out() + run.err()).isEqualTo(1);
    assertThat(run.err().lines().toList().getLast()).startsWith("sheaf: ").contains(sentence);
    assertThat(run.err()).doesNotContain("unexpected", "\tat ", "\u001b");
    assertThat(names()).isEqualTo(before);
  }

  private List<String> names() throws IOException {
    try (var files = Files.walk(folder, 1)) {
      return files.map(Path::toString).sorted().toList();
    }
  }
}
