package dev.sheaf.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sheaf.function.testing.TestInvocation;
import dev.sheaf.localstack.servers.LocalServers;
import dev.sheaf.repository.token.RepoGlob;
import dev.sheaf.repository.token.Scope;
import dev.sheaf.repository.token.TokenList;
import dev.sheaf.repository.token.TokenMint;
import dev.sheaf.storage.catalog.Statement;
import dev.sheaf.storage.wiring.Site;
import dev.sheaf.testing.DenyingS3;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The function as a host makes it: from environment variables alone. */
class WiringTest {
  @TempDir private Path folder;

  private static Map<String, String> environment() throws IOException {
    return LocalServers.shared().newSite();
  }

  /** Makes a token that may write everything, and has the environment know it. */
  private String writeToken(Map<String, String> environment) throws IOException {
    TokenMint.Minted minted =
        new TokenMint(new SecureRandom())
            .mint("writer", Set.of(Scope.WRITE), List.of(RepoGlob.parse("*")), null);
    Path tokens = folder.resolve("tokens.json");
    Files.writeString(tokens, TokenList.write(List.of(minted.entry())));
    environment.put("SHEAF_TOKENS", "file:" + tokens);
    return minted.token();
  }

  private static Answer call(ApiHandler handler, GatewayEvent event) {
    return Answer.of(handler.handleRequest(event.toEvent(), new TestInvocation(900_000)));
  }

  @Test
  void goesThroughItsMotionsWithoutASite() {
    assertThat(ApiHandler.rehearse()).containsExactly(401, 404);
  }

  @Test
  void anEmptyDatabaseGetsItsTablesAndTokensAreRead() throws IOException {
    Map<String, String> environment = environment();
    String token = writeToken(environment);
    ApiHandler handler = new ApiHandler(environment);
    GatewayEvent presign = GatewayEvent.sample("api-push-bundle-presign").token(token);
    assertThat(call(handler, presign).expect(200).text("url")).startsWith("http");
    assertThat(call(handler, GatewayEvent.sample("api-refs").token(token)).status()).isEqualTo(200);
  }

  @Test
  void withoutTokensNobodyIsKnown() throws IOException {
    ApiHandler handler = new ApiHandler(environment());
    call(handler, GatewayEvent.sample("api-refs")).expectError(401, "unauthenticated");
    call(handler, GatewayEvent.sample("api-refs").token(null)).expectError(404, "repo_not_found");
  }

  @Test
  void aSiteThatIsDownIsStillHealthyAndSaysSoOtherwise() throws IOException {
    Map<String, String> environment = new HashMap<>();
    environment.put("AWS_REGION", "us-east-1");
    environment.put("AWS_ACCESS_KEY_ID", "key");
    environment.put("AWS_SECRET_ACCESS_KEY", "secret");
    environment.put("SHEAF_BUCKET", "bucket");
    String token = writeToken(environment);
    ApiHandler handler = new ApiHandler(environment);
    call(handler, GatewayEvent.sample("api-health-check")).expect(200);
    Answer refs = call(handler, GatewayEvent.sample("api-refs").token(token));
    assertThat(refs.status()).isGreaterThanOrEqualTo(400);
    assertThat(refs.rawBody()).contains("SHEAF_CATALOG_ARN");
  }

  @Test
  void aRightThatTheFunctionLacksIsNamed() throws IOException {
    Map<String, String> environment = environment();
    String token = writeToken(environment);
    try (DenyingS3 denying = DenyingS3.start()) {
      // The other servers know the keys of their own stack only.
      environment.keySet().removeAll(Set.of("AWS_ENDPOINT_URL_S3", "SHEAF_BUCKET"));
      Map<String, String> denied = new HashMap<>(denying.environment("sheaf"));
      denied.putAll(environment);
      ApiHandler handler = new ApiHandler(denied);
      GatewayEvent presign = GatewayEvent.sample("api-push-bundle-presign").token(token);
      assertThat(call(handler, presign).expectError(500, "misconfigured").detail())
          .startsWith("LIST of s3://sheaf/repos/")
          .endsWith("allow the function's role s3:ListBucket on the bucket");
    }
  }

  @Test
  void aCatalogNewerThanTheCodeIsRefused() throws IOException {
    Map<String, String> environment = environment();
    String token = writeToken(environment);
    call(new ApiHandler(environment), GatewayEvent.sample("api-refs").token(token));
    Site.from(environment)
        .catalog()
        .execute(Statement.of("insert into schema_version (version, name) values (99, 'x')"));
    Answer answer = call(new ApiHandler(environment), GatewayEvent.sample("api-refs").token(token));
    assertThat(answer.expectError(500, "corrupt").detail())
        .contains("version 99")
        .endsWith("deploy the newer code");
  }

  @Test
  void aVariableAtFaultIsNamed() {
    assertThatThrownBy(() -> new ApiHandler(Map.of("AWS_REGION", "us-east-1")))
        .hasMessageContaining("SHEAF_BUCKET");
  }
}
