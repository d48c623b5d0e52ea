package dev.sheaf.localstack.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** What the muse client sends and gets, byte for byte as it once did. */
class StreamPushTest {
  private static final Path VECTORS =
      Path.of("../../functions/lib/bundle/src/test/resources/vectors");
  private static final String MUSE = "application/x-msgpack";
  private static final HttpClient HTTP =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  private final Target target = Target.shared();
  private final String repo = "acceptance/" + UUID.randomUUID();
  private final Api api = Api.of(target, repo);

  @Test
  void aRecordedPushIsReadableAtOnceAndIsABundleLikeAnyOther() throws Exception {
    for (String branch : List.of("main", "feature")) {
      replay("/filter-objects", "push-" + branch + "-1-filter-objects");
      replay("/push/objects", "push-" + branch + "-2-push-objects");
      replay("/push", "push-" + branch + "-3-push");
    }
    JsonNode expected =
        new ObjectMapper().readTree(VECTORS.resolve("v1-tiny-mwp.expected.json").toFile());
    JsonNode heads = api.get("/refs").json().path("branch_heads");
    assertThat(heads).isEqualTo(expected.path("branch_heads"));

    List<String> want = List.of(heads.path("main").asText(), heads.path("feature").asText());
    JsonNode fetched = api.post("/fetch", Map.of("want", want, "have", List.of())).json();
    assertThat(fetched.path("commits")).hasSize(6);
    Map<String, byte[]> contents = new HashMap<>();
    for (JsonNode object : fetched.path("objects")) {
      byte[] bytes = Base64.getDecoder().decode(object.path("content").asText());
      assertThat(Tiny.sha256(bytes)).isEqualTo(object.path("object_id").asText());
      contents.put(Tiny.sha256(bytes), bytes);
    }
    assertThat(contents.keySet())
        .containsExactlyInAnyOrderElementsOf(names(expected.path("objects")));
    assertThat(contents.get(Tiny.sha256(new byte[0]))).isEmpty();

    JsonNode plan = api.post("/clone-plan", Map.of("want", want, "have", List.of())).json();
    // Main contains feature: its bundle alone gives everything.
    assertThat(plan.path("bundles")).hasSize(1);
    assertThat(plan.path("complete").asBoolean()).isTrue();
    for (JsonNode bundle : plan.path("bundles")) {
      assertThat(Tiny.sha256(Api.download(bundle.path("url").asText())))
          .isEqualTo(bundle.path("sha256").asText().replace("sha256:", ""));
    }
    // Their uploads were announced like all others, and their jobs were done before.
    target.awaitEmptyQueue();
    assertThat(api.awaitJobs(2))
        .hasSize(2)
        .allSatisfy(job -> assertThat(job.path("status").asText()).isEqualTo("done"));
    assertThat(api.get("/refs").json().path("branch_heads")).isEqualTo(heads);
  }

  private static List<String> names(JsonNode map) {
    return map.properties().stream().map(Map.Entry::getKey).toList();
  }

  /** Through a URL, by a client that calls its bytes a form and adds no header of the signer's. */
  @Test
  void aLargeObjectIsUploadedAsPythonDoes() throws Exception {
    byte[] large = ("large " + repo).repeat(3_000).getBytes(StandardCharsets.UTF_8);
    String id = Tiny.sha256(large);
    JsonNode presigned =
        api.post("/presign", Map.of("object_ids", List.of(id), "direction", "put")).json();
    URI url = URI.create(presigned.path("presigned").path(id).asText());
    String commit = Tiny.sha256(repo.getBytes(StandardCharsets.UTF_8));
    Map<String, Object> push = push(commit, id);
    assertThat(api.post("/push", push).status()).as("before the upload").isEqualTo(422);

    assertThat(put(url, "a form=with&other bytes".getBytes(StandardCharsets.UTF_8))).isEqualTo(200);
    assertThat(api.post("/push", push).status()).as("with other bytes").isEqualTo(422);
    assertThat(api.get("/refs").json().path("branch_heads")).isEmpty();

    assertThat(put(url, large)).isEqualTo(200);
    assertThat(api.post("/push", push).status()).isEqualTo(200);
    JsonNode signed =
        api.post("/presign", Map.of("object_ids", List.of(id), "direction", "get")).json();
    assertThat(Api.download(signed.path("presigned").path(id).asText())).isEqualTo(large);
  }

  private static Map<String, Object> push(String commit, String object) {
    Map<String, ?> record =
        Map.of("commit_id", commit, "snapshot_id", "s", "message", "m", "committed_at", "now");
    Map<String, ?> snapshot = Map.of("snapshot_id", "s", "manifest", Map.of("large", object));
    Map<String, ?> bundle = Map.of("commits", List.of(record), "snapshots", List.of(snapshot));
    return Map.of("bundle", bundle, "branch", "main", "force", false);
  }

  private static int put(URI url, byte[] body) throws IOException, InterruptedException {
    HttpRequest request =
        HttpRequest.newBuilder(url)
            .header("Content-Type", "application/x-www-form-urlencoded")
            .PUT(HttpRequest.BodyPublishers.ofByteArray(body))
            .build();
    return HTTP.send(request, HttpResponse.BodyHandlers.discarding()).statusCode();
  }

  private void replay(String path, String vector) throws IOException, InterruptedException {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(api.base() + path))
            .header("Content-Type", MUSE)
            .header("Accept", MUSE + ", application/json")
            .header("Authorization", "Bearer " + api.token())
            .POST(
                HttpRequest.BodyPublishers.ofByteArray(
                    Files.readAllBytes(VECTORS.resolve("v1-http").resolve(vector + ".req"))))
            .build();
    HttpResponse<String> answer = HTTP.send(request, HttpResponse.BodyHandlers.ofString());
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    assertThat(answer.headers().firstValue("Content-Type")).hasValue(MUSE);
  }
}
