package dev.sheaf.localstack.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.s3.model.HeadObjectRequest;

/** Bundles that arrive by themselves, by presigned URL, twice, or broken. */
class UploadTest {
  private static final Path VECTORS = Path.of("../../functions/bundle/src/test/resources/vectors");
  private static final String MAIN =
      "sha256:8d5ab8392d8da40ff4088b81957db5226ffde8b86358cb7597823186347bf025";

  private final Target target = Target.shared();
  private final String repo = "acceptance/" + UUID.randomUUID();
  private final Api api = Api.of(target, repo);

  @Test
  void aRawUploadIsIndexed() throws Exception {
    byte[] bundle = Files.readAllBytes(VECTORS.resolve("v1-tiny.bundle"));
    upload(bundle, sha256(bundle));
    JsonNode refs = api.await("/refs", json -> json.at("/branch_heads/main").isTextual());
    assertThat(refs.at("/branch_heads/main").asText()).isEqualTo(MAIN);
    JsonNode jobs = awaitOver(1);
    assertThat(jobs.at("/0/status").asText()).isEqualTo("done");
  }

  @Test
  void aRepeatedEventChangesNothing() throws Exception {
    byte[] bundle = Files.readAllBytes(VECTORS.resolve("v1-tiny.bundle"));
    String key = upload(bundle, sha256(bundle));
    awaitOver(1);
    JsonNode before = api.get("/refs").json();
    String event =
        """
        {"Records":[{"eventVersion":"2.1","eventSource":"aws:s3","eventName":"ObjectCreated:Put",\
        "s3":{"bucket":{"name":"%s"},"object":{"key":"%s","size":%d,"sequencer":"00"}}}]}\
        """
            .formatted(target.bucket(), key, bundle.length);
    for (int i = 0; i < 3; i++) {
      target.sqs().sendMessage(m -> m.queueUrl(target.queueUrl()).messageBody(event));
    }
    JsonNode jobs = awaitOver(1);
    assertThat(jobs).allSatisfy(job -> assertThat(job.path("status").asText()).isEqualTo("done"));
    assertThat(api.get("/refs").json()).isEqualTo(before);
  }

  @Test
  void aBundleThatIsNoneFailsWithItsReasonAndTheQueueGoesOn() throws Exception {
    byte[] poison = ("no bundle " + repo).getBytes(StandardCharsets.UTF_8);
    upload(poison, sha256(poison));
    JsonNode jobs = awaitOver(1);
    assertThat(jobs.at("/0/status").asText()).isEqualTo("failed");
    assertThat(jobs.at("/0/error").asText()).isNotBlank();
    byte[] bundle = Files.readAllBytes(VECTORS.resolve("v1-tiny.bundle"));
    upload(bundle, sha256(bundle));
    api.await("/refs", json -> json.at("/branch_heads/main").isTextual());
  }

  @Test
  void aPresignedUrlTakesTheseBytesUnderThisKeyOnly() throws Exception {
    byte[] bundle = Files.readAllBytes(VECTORS.resolve("v1-tiny.bundle"));
    String id = sha256(bundle);
    JsonNode signed =
        api.post(
                "/push/bundle/presign",
                Map.of("bundle_key", "sha256:" + id, "size_bytes", bundle.length))
            .json();
    String url = signed.path("url").asText();
    byte[] other = bundle.clone();
    other[other.length - 1] ^= 1;
    assertThat(Api.put(url, signed.path("headers"), other)).isBetween(400, 499);
    String elsewhere = url.replace(id, sha256(other));
    assertThat(elsewhere).isNotEqualTo(url);
    assertThat(Api.put(elsewhere, signed.path("headers"), bundle)).isEqualTo(403);
    assertThat(Api.put(url, signed.path("headers"), bundle)).isEqualTo(200);
    String key = "bundles/" + repo + "/" + id;
    assertThat(
            target
                .s3()
                .headObject(HeadObjectRequest.builder().bucket(target.bucket()).key(key).build())
                .contentLength())
        .isEqualTo(bundle.length);
  }

  @Test
  void tokensAreAsked() throws Exception {
    byte[] bundle = Files.readAllBytes(VECTORS.resolve("v1-tiny.bundle"));
    upload(bundle, sha256(bundle));
    awaitOver(1);
    assertThat(api.with("").get("/refs").status()).isIn(401, 404);
    assertThat(api.with("sheaf_wrong").get("/refs").status()).isIn(401, 403, 404);
    assertThat(api.get("/refs").status()).isEqualTo(200);
  }

  private JsonNode awaitOver(int least) throws Exception {
    return api.await("/jobs", json -> isOver(json.path("jobs"), least)).path("jobs");
  }

  private static boolean isOver(JsonNode jobs, int least) {
    for (JsonNode job : jobs) {
      String status = job.path("status").asText();
      if (!status.equals("done") && !status.equals("failed")) {
        return false;
      }
    }
    return jobs.size() >= least;
  }

  private String upload(byte[] bytes, String name) {
    String key = "bundles/" + repo + "/" + name;
    target
        .s3()
        .putObject(put -> put.bucket(target.bucket()).key(key), RequestBody.fromBytes(bytes));
    return key;
  }

  private static String sha256(byte[] bytes) throws Exception {
    return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
  }
}
