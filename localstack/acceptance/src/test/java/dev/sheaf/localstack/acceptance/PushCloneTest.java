package dev.sheaf.localstack.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A git repository goes in and comes out the same. */
class PushCloneTest {
  private final Target target = Target.shared();
  private final String repo = "acceptance/" + UUID.randomUUID();
  private final String url = target.url() + "/" + repo;

  @TempDir Path folder;

  @Test
  void aCloneHasTheSameRefs() throws Exception {
    Path original = repository(1_000);
    sheaf("push", original.toString(), url, "--wait");
    Path copy = folder.resolve("copy");
    sheaf("clone", url, copy.toString());
    assertThat(git(copy, "rev-parse", "main", "v1"))
        .isEqualTo(git(original, "rev-parse", "main", "v1"));
    git(copy, "fsck", "--strict");
  }

  @Test
  void aFurtherCommitIsPushedAlone() throws Exception {
    Path original = repository(1_000);
    sheaf("push", original.toString(), url, "--wait");
    commit(original, "further", new byte[] {1, 2, 3});
    sheaf("push", original.toString(), url);
    Path copy = folder.resolve("copy");
    sheaf("clone", url, copy.toString());
    assertThat(git(copy, "rev-parse", "main")).isEqualTo(git(original, "rev-parse", "main"));
  }

  @Test
  void aLargeFetchIsOnePackInTheStore() throws Exception {
    Path bundle = folder.resolve("bundle");
    sheaf("bundle", "create", bundle.toString(), repository(6 << 20).toString());
    byte[] content = Files.readAllBytes(bundle);
    target.upload(repo, sha256(content), content);
    Api api = Api.of(target, repo);
    api.await("/refs", json -> json.at("/branch_heads/main").isTextual());
    String head = api.get("/refs").json().at("/branch_heads/main").asText();
    Map<String, Object> wanted = Map.of("want", List.of(head), "have", List.of());
    assertThat(api.post("/fetch", wanted).status()).isEqualTo(413);
    JsonNode pack = api.post("/fetch", wanted, "Sheaf-Pack", "url").json();
    byte[] bytes = Api.download(pack.path("pack_url").asText());
    assertThat(bytes).hasSize(pack.path("size_bytes").asInt());
    assertThat(pack.path("sha256").asText()).endsWith(sha256(bytes));
  }

  private static String sha256(byte[] bytes) throws NoSuchAlgorithmException {
    return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
  }

  /** This project's own history, if this is a clone of it with all of its commits. */
  @Test
  void aRealRepositoryComesBackTheSame() throws Exception {
    Path project = Path.of("../..").toRealPath();
    assumeThat(project.resolve(".git")).exists();
    assumeThat(project.resolve(".git/shallow")).doesNotExist();
    Path original = folder.resolve("project.git");
    git(folder, "clone", "--quiet", "--bare", project.toString(), original.toString());
    sheaf("push", original.toString(), url, "--wait");
    for (String way : List.of("bundles", "fetch")) {
      Path copy = folder.resolve(way);
      sheaf("clone", url, copy.toString(), "--via", way);
      assertThat(git(copy, "rev-parse", "HEAD")).isEqualTo(git(original, "rev-parse", "HEAD"));
      git(copy, "fsck", "--full", "--strict");
    }
  }

  @Test
  void itsLogAndItsFilesAreRead() throws Exception {
    Path original = repository(1_000);
    sheaf("push", original.toString(), url);
    assertThat(sheaf("log", url))
        .contains(git(original, "rev-parse", "main").strip(), "Add päth/file with space");
    assertThat(sheaf("cat", url, "main:päth/file with space")).isEqualTo("text\n");
    assertThat(sheaf("cat", url, "main:päth")).contains("file\t", "file with space");
  }

  /** What it wrote. */
  private String sheaf(String... arguments) {
    SheafProgram.Ended ended = new SheafProgram(folder, target.token()).run(arguments);
    assertThat(ended.exit()).as(ended.text()).isZero();
    return ended.text();
  }

  /** Two commits and a tag; one file holds so many bytes that nothing compresses. */
  private Path repository(int size) throws IOException, InterruptedException {
    Path git = Files.createDirectory(folder.resolve("original"));
    git(git, "init", "--quiet", "--initial-branch=main");
    byte[] noise = new byte[size];
    new Random(size).nextBytes(noise);
    commit(git, "noise", noise);
    commit(git, "päth/file with space", "text\n".getBytes(StandardCharsets.UTF_8));
    git(git, "tag", "-a", "-m", "first", "v1");
    return git;
  }

  private static void commit(Path git, String path, byte[] content)
      throws IOException, InterruptedException {
    Path file = git.resolve(path);
    Files.createDirectories(file.getParent());
    Files.write(file, content);
    git(git, "add", ".");
    git(git, "commit", "--quiet", "-m", "Add " + path);
  }

  private static String git(Path directory, String... arguments)
      throws IOException, InterruptedException {
    List<String> command =
        Stream.concat(
                Stream.of("git", "-c", "user.name=A", "-c", "user.email=a@example.org"),
                Arrays.stream(arguments))
            .toList();
    File output = File.createTempFile("git", ".out");
    Process process =
        new ProcessBuilder(command)
            .directory(directory.toFile())
            .redirectErrorStream(true)
            .redirectOutput(output)
            .start();
    int status = process.waitFor();
    String text = Files.readString(output.toPath());
    Files.delete(output.toPath());
    assertThat(status).as(command + "\n" + text).isZero();
    return text;
  }
}
