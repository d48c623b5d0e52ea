package dev.sheaf.localstack.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Who may do what. The tokens with limits are in the environment; without them they are skipped.
 */
class TokensTest {
  private final Target target = Target.shared();
  private final Api api = Api.of(target, "acceptance/" + UUID.randomUUID());
  private final Map<String, Object> upload =
      Map.of("bundle_key", "sha256:" + "0".repeat(64), "size_bytes", 1);

  @BeforeEach
  void aRepository() throws Exception {
    assertThat(api.post("/push/bundle/presign", upload).status()).isEqualTo(200);
  }

  @Test
  void withoutOneAPrivateRepositoryIsNotThere() throws Exception {
    assertThat(api.get("/refs").status()).isEqualTo(200);
    assertThat(api.with("").get("/refs").status()).isEqualTo(404);
    assertThat(api.with("").post("/push/bundle/presign", upload).status()).isEqualTo(401);
  }

  @Test
  void aWrongOneIsRefused() throws Exception {
    Api wrong = api.with("sheaf_" + "x".repeat(43));
    assertThat(wrong.get("/refs").status()).isEqualTo(401);
    assertThat(wrong.post("/push/bundle/presign", upload).status()).isEqualTo(401);
  }

  @Test
  void aReaderReadsAndDoesNotPush() throws Exception {
    assumeThat(target.readToken()).isPresent();
    Api reader = api.with(target.readToken().orElseThrow());
    assertThat(reader.get("/refs").status()).isEqualTo(200);
    assertThat(reader.post("/push/bundle/presign", upload).status()).isEqualTo(403);
    assertThat(reader.post("/push/unpack-bundle", Map.of()).status()).isEqualTo(403);
  }

  @Test
  void oneForOtherRepositoriesSeesNothingHere() throws Exception {
    assumeThat(target.foreignToken()).isPresent();
    String foreign = target.foreignToken().orElseThrow();
    assertThat(api.with(foreign).get("/refs").status()).isEqualTo(404);
    assertThat(api.with(foreign).post("/push/bundle/presign", upload).status()).isEqualTo(404);
    Api elsewhere = Api.of(target, "elsewhere/" + UUID.randomUUID()).with(foreign);
    assertThat(elsewhere.post("/push/bundle/presign", upload).status()).isEqualTo(200);
  }
}
