package dev.sheaf.localstack.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sheaf.testing.TestGit;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code git bundle create} and any S3 client publish a repository. */
class GitUploadTest {
  private final Target target = Target.shared();
  private final String repo = "acceptance/" + UUID.randomUUID();
  private final Api api = Api.of(target, repo);

  @TempDir Path temp;

  @Test
  void aBundleThatGitMadePublishesARepository() throws Exception {
    TestGit git = TestGit.init(temp.resolve("a"));
    git.commit("readme.md", "first");
    git.run("tag", "-a", "v1", "-m", "first");
    upload(git.bundle("--all"));
    assertThat(api.awaitJobs(1).at("/0/status").asText()).isEqualTo("done");
    assertThat(clone("whole").refs()).isEqualTo(git.refs());

    String first = git.id("main");
    git.commit("readme.md", "second");
    git.run("branch", "topic");
    upload(git.bundle("main", "topic", "^" + first));
    assertThat(api.awaitJobs(2).at("/0/status").asText()).isEqualTo("done");
    assertThat(clone("again").refs()).isEqualTo(git.refs());
    assertThat(api.get("/refs").json().at("/head/symref").asText()).isEqualTo("refs/heads/main");
  }

  @Test
  void bundlesInTheWrongOrderArriveAllTheSame() throws Exception {
    TestGit git = TestGit.init(temp.resolve("a"));
    String first = git.commit("readme.md", "first");
    byte[] whole = git.bundle("main");
    git.commit("readme.md", "second");
    upload(git.bundle("main", "^" + first));
    assertThat(api.awaitJobs(1).at("/0/error").asText()).contains("builds on " + first);
    upload(whole);
    api.await("/refs", refs -> refs.at("/branch_heads/main").asText().equals(git.id("main")));
    assertThat(clone("copy").refs()).isEqualTo(git.refs());
  }

  @Test
  void anAnnouncedBundleIsReadableAtOnce() throws Exception {
    TestGit git = TestGit.init(temp.resolve("a"));
    String first = git.commit("readme.md", "first");
    byte[] bundle = git.bundle("main");
    JsonNode signed =
        api.post(
                "/push/bundle/presign",
                Map.of("bundle_key", Tiny.sha256(bundle), "size_bytes", bundle.length))
            .json();
    assertThat(Api.put(signed.path("url").asText(), signed.path("headers"), bundle)).isEqualTo(200);
    JsonNode pushed =
        api.post(
                "/push/unpack-bundle",
                Map.of(
                    "bundle_key",
                    Tiny.sha256(bundle),
                    "updates",
                    List.of(Map.of("name", "refs/heads/main", "new", first))))
            .json();
    assertThat(pushed.at("/results/0/status").asText()).isEqualTo("ok");
    assertThat(pushed.path("pending").asBoolean()).isFalse();
    assertThat(clone("copy").refs()).isEqualTo(git.refs());
  }

  private void upload(byte[] bundle) {
    target.upload(repo, Tiny.sha256(bundle), bundle);
  }

  /** Takes the packs of the plan into a new repository, where git proves all that is in them. */
  private TestGit clone(String folder) throws Exception {
    TestGit copy = TestGit.initBare(temp.resolve(folder));
    for (JsonNode pack : api.post("/clone-plan", Map.of()).json().path("packs")) {
      copy.indexPack(Api.download(pack.path("url").asText()));
    }
    List<String> refs = new ArrayList<>();
    for (JsonNode ref : api.get("/refs").json().path("refs")) {
      refs.add("create " + ref.path("name").asText() + " " + ref.path("target").asText() + "\n");
    }
    copy.run(String.join("", refs).getBytes(StandardCharsets.UTF_8), "update-ref", "--stdin");
    copy.run("fsck", "--strict");
    return copy;
  }
}
