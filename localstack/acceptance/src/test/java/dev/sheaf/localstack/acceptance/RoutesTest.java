package dev.sheaf.localstack.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Every route, on one repository that was uploaded to the bucket. */
class RoutesTest {
  private static final byte[] HELLO = Tiny.HELLO.getBytes(StandardCharsets.UTF_8);
  private static final String HELLO_ID = Tiny.sha256(HELLO);

  private static final Target TARGET = Target.shared();
  private static final String REPO = "acceptance/" + UUID.randomUUID();
  private static final Api API = Api.of(TARGET, REPO);

  @BeforeAll
  static void upload() throws Exception {
    byte[] bundle = Tiny.bundle();
    TARGET.upload(REPO, Tiny.sha256(bundle), bundle);
    API.awaitJobs(1);
  }

  @Test
  void health() throws Exception {
    Api site = new Api(TARGET.url(), "");
    assertThat(site.get("/health_check").json().path("ok").asBoolean()).isTrue();
  }

  @Test
  void refs() throws Exception {
    JsonNode refs = API.get("/refs").json();
    assertThat(refs.at("/branch_heads/main").asText()).isEqualTo(Tiny.MAIN);
    assertThat(refs.at("/branch_heads/feature").asText()).isEqualTo(Tiny.FEATURE);
    assertThat(refs.path("default_branch").asText()).isEqualTo("main");
  }

  /** Bytes have to pass the gateway as such, both ways. */
  @Test
  void msgpack() throws Exception {
    var answer = API.raw("/refs", "Accept", "application/x-msgpack");
    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.headers().firstValue("Content-Type")).hasValue("application/x-msgpack");
    // A map of five entries.
    assertThat(answer.body()[0]).isEqualTo((byte) 0x85);
  }

  @Test
  void jobs() throws Exception {
    JsonNode job = API.get("/jobs?limit=1").json().at("/jobs/0");
    String id = job.path("job_id").asText();
    JsonNode shown = API.get("/jobs/" + id).json();
    assertThat(shown.path("status").asText()).isEqualTo("done");
    assertThat(shown.path("result").isObject()).isTrue();
    assertThat(API.get("/jobs/none").status()).isEqualTo(404);
    assertThat(API.post("/jobs/" + id + "/retry", Map.of()).status()).isEqualTo(200);
    assertThat(API.awaitJobs(1).at("/0/status").asText()).isEqualTo("done");
  }

  @Test
  void commits() throws Exception {
    JsonNode page = API.get("/commits?branch=main&limit=1").json();
    assertThat(page.at("/commits/0/commit_id").asText()).isEqualTo(Tiny.MAIN);
    JsonNode next = API.get("/commits?branch=main&before=" + page.path("next").asText()).json();
    assertThat(next.path("commits")).isNotEmpty();
    assertThat(API.get("/commits?branch=none").status()).isEqualTo(404);
  }

  @Test
  void tree() throws Exception {
    JsonNode root = API.get("/tree/" + Tiny.MAIN).json();
    assertThat(root.path("entries")).isNotEmpty();
    assertThat(API.get("/tree/main?path=no/such/path").status()).isEqualTo(404);
  }

  @Test
  void objects() throws Exception {
    var whole = API.raw("/objects/" + HELLO_ID, "Accept", "application/octet-stream");
    assertThat(whole.body()).isEqualTo(HELLO);
    String etag = whole.headers().firstValue("ETag").orElseThrow();
    assertThat(API.raw("/objects/" + HELLO_ID, "If-None-Match", etag).statusCode()).isEqualTo(304);
    var part =
        API.raw("/objects/" + HELLO_ID, "Accept", "application/octet-stream", "Range", "bytes=1-3");
    assertThat(part.statusCode()).isEqualTo(206);
    assertThat(part.body()).isEqualTo("ell".getBytes(StandardCharsets.UTF_8));
    assertThat(API.get("/objects/" + "0".repeat(64)).status()).isEqualTo(404);
  }

  @Test
  void filterObjects() throws Exception {
    String unknown = "sha256:" + "0".repeat(64);
    JsonNode answer =
        API.post("/filter-objects", Map.of("object_ids", List.of("sha256:" + HELLO_ID, unknown)))
            .json();
    assertThat(answer.path("missing")).hasSize(1);
    assertThat(answer.at("/missing/0").asText()).isEqualTo(unknown);
  }

  @Test
  void fetch() throws Exception {
    JsonNode all = API.post("/fetch", Map.of("want", List.of(Tiny.MAIN), "have", List.of())).json();
    assertThat(all.path("commits")).isNotEmpty();
    assertThat(all.path("snapshots")).isNotEmpty();
    assertThat(all.path("objects")).isNotEmpty();
    JsonNode none =
        API.post("/fetch", Map.of("want", List.of(Tiny.MAIN), "have", List.of(Tiny.MAIN))).json();
    assertThat(none.path("commits")).isEmpty();
  }

  @Test
  void clonePlan() throws Exception {
    JsonNode plan = API.post("/clone-plan", Map.of("want", List.of(), "have", List.of())).json();
    assertThat(plan.path("bundles")).hasSize(1);
    byte[] bytes = Api.download(plan.at("/bundles/0/url").asText());
    assertThat(Tiny.sha256(bytes)).isEqualTo(plan.at("/bundles/0/sha256").asText());
    assertThat(bytes).isEqualTo(Tiny.bundle());
  }

  /** Presign, upload and announce, the way a push goes; then again with other heads. */
  @Test
  void push() throws Exception {
    Api other = Api.of(TARGET, "acceptance/" + UUID.randomUUID());
    byte[] bundle = Tiny.bundle();
    String key = "sha256:" + Tiny.sha256(bundle);
    Map<String, Object> heads = Map.of("main", Tiny.MAIN);
    Map<String, Object> announced = Map.of("bundle_key", key, "branch_heads", heads);
    JsonNode signed =
        other
            .post("/push/bundle/presign", Map.of("bundle_key", key, "size_bytes", bundle.length))
            .json();
    assertThat(other.post("/push/unpack-bundle", announced).status()).isEqualTo(404);
    assertThat(Api.put(signed.path("url").asText(), signed.path("headers"), bundle)).isEqualTo(200);
    JsonNode pushed = other.post("/push/unpack-bundle", announced).json();
    assertThat(pushed.at("/branch_heads/main").asText()).isEqualTo(Tiny.MAIN);
    assertThat(other.get("/refs").json().at("/branch_heads/main").asText()).isEqualTo(Tiny.MAIN);
    assertThat(other.awaitJobs(1).at("/0/status").asText()).isEqualTo("done");
    Map<String, Object> back =
        Map.of("bundle_key", key, "branch_heads", Map.of("main", Tiny.FEATURE));
    assertThat(other.post("/push/unpack-bundle", back).status()).isEqualTo(409);
  }

  @Test
  void whatIsNotThere() throws Exception {
    assertThat(Api.of(TARGET, "acceptance/none").get("/refs").status()).isEqualTo(404);
    assertThat(API.get("/no-such-route").status()).isEqualTo(404);
    assertThat(API.post("/fetch", "no object").status()).isBetween(400, 422);
  }
}
