package dev.sheaf.api;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sheaf.bundle.ObjectKeys;
import dev.sheaf.bundle.history.Ids;
import dev.sheaf.repository.token.Scope;
import dev.sheaf.storage.counting.RequestCounts;
import dev.sheaf.storage.counting.RequestKind;
import java.net.URI;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** A presigned upload is good for one key, one length and one content. */
class PresignTest {
  private static final byte[] BODY = "these very bytes".getBytes(UTF_8);

  private static ApiSite site;

  @BeforeAll
  static void start() {
    site = ApiSite.start();
  }

  @Test
  void theBytesThatWereAnnouncedGoUp() {
    TestClient client = site.client("presign/good");
    Answer presigned = client.presign(BODY).expect(200);
    assertThat(presigned.text("bundle_key")).isEqualTo(Ids.object(BODY).prefixed());
    assertThat(ApiSite.upload(presigned.document(), BODY)).isEqualTo(200);
    assertThat(
            site.store().head(ObjectKeys.bundle("presign", "good", Ids.object(BODY))).orElseThrow())
        .satisfies(object -> assertThat(object.sha256()).isEqualTo(Ids.object(BODY)))
        .satisfies(object -> assertThat(object.size()).isEqualTo(BODY.length));
  }

  @Test
  void otherBytesAreRefused() {
    TestClient client = site.client("presign/bytes");
    Answer presigned = client.presign(BODY).expect(200);
    byte[] sameLength = BODY.clone();
    sameLength[0] ^= 1;
    byte[] longer = java.util.Arrays.copyOf(BODY, BODY.length + 1);
    byte[] shorter = java.util.Arrays.copyOf(BODY, BODY.length - 1);
    assertThat(ApiSite.upload(presigned.document(), sameLength)).isIn(400, 403);
    assertThat(ApiSite.upload(presigned.document(), longer)).isIn(400, 403);
    assertThat(ApiSite.upload(presigned.document(), shorter)).isIn(400, 403);
    // The checksum is part of the signature: another one cannot be sent instead.
    Map<String, String> forged = Map.of("x-amz-checksum-sha256", Ids.object(sameLength).base64());
    URI url = URI.create(presigned.text("url"));
    assertThat(ApiSite.put(url, Map.of("headers", forged), sameLength)).isIn(400, 403);
    assertThat(ApiSite.put(url, Map.of(), sameLength)).isIn(400, 403);
    assertThat(site.store().head(ObjectKeys.bundle("presign", "bytes", Ids.object(BODY))))
        .isEmpty();
  }

  @Test
  void anotherKeyIsRefused() {
    TestClient client = site.client("presign/key");
    Answer presigned = client.presign(BODY).expect(200);
    for (String other : new String[] {"/presign/other/", "/foreign/key/"}) {
      URI moved = URI.create(presigned.text("url").replace("/presign/key/", other));
      assertThat(ApiSite.put(moved, presigned.document(), BODY)).isEqualTo(403);
    }
    String hex = Ids.object(BODY).hex();
    URI renamed = URI.create(presigned.text("url").replace(hex, "0".repeat(64)));
    assertThat(ApiSite.put(renamed, presigned.document(), BODY)).isEqualTo(403);
    URI later =
        URI.create(presigned.text("url").replace("X-Amz-Expires=900", "X-Amz-Expires=9000"));
    assertThat(later.toString()).contains("X-Amz-Expires=9000");
    assertThat(ApiSite.put(later, presigned.document(), BODY)).isEqualTo(403);
  }

  @Test
  void theFirstPushMakesTheRepository() {
    TestClient client = site.client("presign/new");
    client.get("/refs").expectError(404, "repo_not_found");
    client.presign(BODY).expect(200);
    Answer refs = client.get("/refs").expect(200);
    assertThat(refs.map("branch_heads")).isEmpty();
    assertThat(refs.document()).containsEntry("default_branch", null);
    assertThat(site.repo("presign/new").isPublic()).isFalse();
  }

  @Test
  void whatIsStoredNeedNotBeSentAgain() {
    TestClient client = site.client("presign/again");
    client.upload(BODY);
    Answer again = client.presign(BODY).expect(200);
    assertThat(again.document())
        .containsEntry("exists", true)
        .containsEntry("bundle_key", Ids.object(BODY).prefixed())
        .doesNotContainKey("url");
  }

  @Test
  void presigningCostsOneStatementAndOneHead() {
    TestClient client = site.client("presign/cost");
    client.presign(BODY).expect(200);
    RequestCounts counts = site.countAgain();
    client.presign(BODY).expect(200);
    assertThat(counts.catalog()).as("the repository and the expected upload").isEqualTo(1);
    assertThat(counts.count(RequestKind.S3_HEAD)).isEqualTo(1);
    assertThat(counts.asMap()).hasSize(2);
  }

  @Test
  void limits() {
    TestClient client = site.client("presign/limits");
    String key = Ids.object(BODY).prefixed();
    String path = "/push/bundle/presign";
    client.post(path, Map.of("bundle_key", key, "size_bytes", 0)).expectError(422, "invalid");
    client.post(path, Map.of("bundle_key", key, "size_bytes", -1)).expectError(422, "invalid");
    client.post(path, Map.of("bundle_key", key, "size_bytes", "1")).expectError(422, "invalid");
    client.post(path, Map.of("bundle_key", key)).expectError(422, "invalid");
    client.post(path, Map.of("bundle_key", "x", "size_bytes", 1)).expectError(422, "invalid");
    client
        .post(path, Map.of("bundle_key", key, "size_bytes", (5L << 30) + 1))
        .expectError(413, "too_large");
    client.post(path, Map.of("bundle_key", key, "size_bytes", 5L << 30)).expect(200);
  }

  @Test
  void ownersOfTheSiteAreReserved() {
    String token = site.token(Scope.WRITE, "*");
    for (String owner : new String[] {"internal", "o", "health_check"}) {
      new TestClient(site, owner + "/repo", token).presign(BODY).expectError(422, "invalid");
    }
    new TestClient(site, "owner/..%2Fx", token).presign(BODY).expectError(404, "repo_not_found");
  }
}
