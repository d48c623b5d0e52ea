package dev.sheaf.localstack.embedded;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.amazonaws.services.lambda.runtime.events.APIGatewayProxyResponseEvent;
import com.amazonaws.services.lambda.runtime.events.SQSBatchResponse;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sheaf.api.token.Caller;
import dev.sheaf.api.token.TokenDirectory;
import dev.sheaf.repository.token.Scope;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Several sites in one JVM, with functions that only say who they are. */
@Timeout(180)
class EmbeddedSitesTest {
  @TempDir private Path folder;

  private static EmbeddedSites start(int count, @Nullable Path folder) throws IOException {
    return EmbeddedSites.start(
        new EmbeddedSites.Layout(count, folder, 0, 0),
        _ ->
            EmbeddedStack.builder()
                .functions(
                    _ -> (_, _) -> new SQSBatchResponse(List.of()),
                    environment ->
                        (_, _) ->
                            new APIGatewayProxyResponseEvent()
                                .withStatusCode(200)
                                .withBody(environment.get("SHEAF_SELF"))));
  }

  private static String read(EmbeddedStack site) throws IOException {
    try (var in = site.api().toURL().openStream()) {
      return new String(in.readAllBytes(), UTF_8);
    }
  }

  @Test
  void eachSiteHasEverythingForItselfAndKnowsTheOthers() throws Exception {
    try (EmbeddedSites sites = start(3, null)) {
      Set<String> own = new HashSet<>();
      for (EmbeddedStack site : sites.all()) {
        Map<String, String> environment = site.environment();
        assertThat(read(site)).isEqualTo(environment.get("SHEAF_SELF"));
        for (String name :
            List.of(
                "AWS_SECRET_ACCESS_KEY",
                "AWS_ENDPOINT_URL_S3",
                "SHEAF_CATALOG_SECRET_ARN",
                "SHEAF_CATALOG_DATABASE",
                "SHEAF_QUEUE_URL",
                "SHEAF_SELF",
                "SHEAF_TOKENS")) {
          assertThat(own.add(name + "=" + environment.get(name))).as(name).isTrue();
        }
        assertThat(environment.getOrDefault("SHEAF_PEERS", "").split(","))
            .hasSize(2)
            .doesNotContain(environment.get("SHEAF_SELF"));
      }
    }
  }

  @Test
  void aSiteKnowsItsPeersByTheTokensThatTheyShow() throws Exception {
    try (EmbeddedSites sites = start(3, null)) {
      for (EmbeddedStack site : sites.all()) {
        JsonNode shown = shown(site);
        assertThat(shown.size()).isEqualTo(2);
        for (EmbeddedStack peer : sites.all()) {
          if (peer != site) {
            Caller caller =
                Objects.requireNonNull(caller(peer, shown.path(peer.api().toString()).asText()));
            assertThat(caller.scopes()).containsExactly(Scope.PEER);
            assertThat(caller.host()).isEqualTo(site.api().toString());
            assertThat(caller(peer, site.token())).as("of another site").isNull();
          }
        }
      }
    }
  }

  private static JsonNode shown(EmbeddedStack site) throws IOException {
    String reference = site.environment().getOrDefault("SHEAF_PEER_TOKENS", "");
    return new ObjectMapper().readTree(Files.readString(Path.of(reference.substring(5))));
  }

  private static @Nullable Caller caller(EmbeddedStack site, String token) {
    return new TokenDirectory(() -> read(site.tokensFile()), System::nanoTime)
        .caller(token)
        .orElse(null);
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void noSiteGetsIntoTheCatalogOfAnother() throws Exception {
    try (EmbeddedSites sites = start(2, null)) {
      String own = sites.site(0).servers().database().jdbcUrl();
      try (var connection = DriverManager.getConnection(own);
          var statement = connection.createStatement()) {
        statement.execute("create table mine (n int)");
      }
      String other = sites.site(1).servers().database().name();
      String across = sites.site(0).servers().database().jdbcUrls().apply(other);
      assertThatThrownBy(() -> DriverManager.getConnection(across))
          .isInstanceOf(SQLException.class)
          .hasMessageContaining("permission denied for database \"" + other + "\"");
    }
  }

  @Test
  void aFolderKeepsWhoIsWhoAndTakesFurtherSites() throws Exception {
    List<String> before;
    try (EmbeddedSites sites = start(2, folder)) {
      before = identities(sites);
    }
    try (EmbeddedSites sites = start(3, folder)) {
      assertThat(identities(sites).subList(0, 2)).isEqualTo(before);
      EmbeddedStack third = sites.site(2);
      String token = shown(third).path(sites.url(0).toString()).asText();
      assertThat(caller(sites.site(0), token)).isNotNull();
    }
    assertThatThrownBy(() -> start(2, folder))
        .hasMessage(
            "the folder "
                + folder
                + " holds 3 sites: start it with --sites 3, or choose another one");
    assertThatThrownBy(() -> EmbeddedStack.builder().folder(folder).start())
        .hasMessageContaining("holds 3 sites");
  }

  private static List<String> identities(EmbeddedSites sites) {
    return sites.all().stream().map(site -> site.api() + " " + site.token()).toList();
  }

  @Test
  void oneSiteAloneIsNotTakenForSeveral() throws Exception {
    EmbeddedStack.builder().folder(folder).start().close();
    assertThatThrownBy(() -> start(2, folder)).hasMessageContaining("one site by itself");
  }

  @Test
  void aSiteStopsAndComesBackWhileTheOthersRun() throws Exception {
    try (EmbeddedSites sites = start(2, folder)) {
      String token = sites.site(0).token();
      sites.stop(0);
      assertThatThrownBy(() -> sites.site(0)).hasMessage("site1 does not run");
      assertThat(read(sites.site(1))).isEqualTo(sites.url(1).toString());
      sites.startAgain(0);
      assertThat(read(sites.site(0))).isEqualTo(sites.url(0).toString());
      assertThat(sites.site(0).token()).isEqualTo(token);
    }
  }

  @Test
  void nothingIsLeftOfTemporarySites() throws Exception {
    Path tokens;
    try (EmbeddedSites sites = start(2, null)) {
      tokens = sites.site(1).tokensFile();
      assertThat(tokens).exists();
    }
    assertThat(tokens.resolve("../..")).doesNotExist();
  }
}
