package dev.sheaf.localstack.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.services.s3.model.HeadObjectRequest;

/** Bundles that arrive by themselves, by presigned URL, twice, or broken. */
class UploadTest {
  private final Target target = Target.shared();
  private final String repo = "acceptance/" + UUID.randomUUID();
  private final Api api = Api.of(target, repo);

  @Test
  void aRawUploadIsIndexed() throws Exception {
    byte[] bundle = Tiny.bundle();
    upload(bundle, Tiny.sha256(bundle));
    JsonNode refs = api.await("/refs", json -> json.at("/branch_heads/main").isTextual());
    assertThat(refs.at("/branch_heads/main").asText()).isEqualTo(Tiny.MAIN);
    JsonNode jobs = api.awaitJobs(1);
    assertThat(jobs.at("/0/status").asText()).isEqualTo("done");
  }

  @Test
  void aRepeatedEventChangesNothing() throws Exception {
    byte[] bundle = Tiny.bundle();
    String key = upload(bundle, Tiny.sha256(bundle));
    api.awaitJobs(1);
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
    target.awaitEmptyQueue();
    JsonNode jobs = api.awaitJobs(1);
    assertThat(jobs).allSatisfy(job -> assertThat(job.path("status").asText()).isEqualTo("done"));
    assertThat(api.get("/refs").json()).isEqualTo(before);
  }

  @Test
  void aBundleThatIsNoneFailsWithItsReasonAndTheQueueGoesOn() throws Exception {
    byte[] poison = ("no bundle " + repo).getBytes(StandardCharsets.UTF_8);
    upload(poison, Tiny.sha256(poison));
    JsonNode jobs = api.awaitJobs(1);
    assertThat(jobs.at("/0/status").asText()).isEqualTo("failed");
    assertThat(jobs.at("/0/error").asText()).isNotBlank();
    byte[] bundle = Tiny.bundle();
    upload(bundle, Tiny.sha256(bundle));
    api.await("/refs", json -> json.at("/branch_heads/main").isTextual());
  }

  /** No code and no operator can help: three receives, then it lies with the dead letters. */
  @Test
  void aMessageThatAlwaysFailsEndsInTheDeadLetterQueue() throws Exception {
    // Postgres takes no text with this character, so that every attempt fails.
    String poison = "{\"sheaf\":\"wake-up\",\"repo_id\":\"" + repo + "\\u0000\"}";
    try (DeadLetters letters = DeadLetters.of(target)) {
      target.sqs().sendMessage(m -> m.queueUrl(target.queueUrl()).messageBody(poison));
      assertThat(letters.await(poison)).isEqualTo(poison);
    }
    target.upload(repo, Tiny.sha256(Tiny.bundle()), Tiny.bundle());
    assertThat(api.awaitJobs(1).at("/0/status").asText()).isEqualTo("done");
  }

  @Test
  void aPresignedUrlTakesTheseBytesUnderThisKeyOnly() throws Exception {
    byte[] bundle = Tiny.bundle();
    String id = Tiny.sha256(bundle);
    JsonNode signed =
        api.post(
                "/push/bundle/presign",
                Map.of("bundle_key", "sha256:" + id, "size_bytes", bundle.length))
            .json();
    String url = signed.path("url").asText();
    byte[] other = bundle.clone();
    other[other.length - 1] ^= 1;
    assertThat(Api.put(url, signed.path("headers"), other)).isBetween(400, 499);
    String elsewhere = url.replace(id, Tiny.sha256(other));
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

  private String upload(byte[] bytes, String name) {
    return target.upload(repo, name, bytes);
  }
}
