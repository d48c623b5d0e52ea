package dev.sheaf.catalogrole;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpServer;
import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.storage.catalog.Catalog;
import dev.sheaf.storage.catalog.Rows;
import dev.sheaf.storage.catalog.Statement;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** How CloudFormation is answered, whatever becomes of the role. */
class CatalogRoleHandlerTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String SECRET = "{\"username\":\"sheaf_main\",\"password\":\"one\"}";

  private final List<JsonNode> answers = new ArrayList<>();
  private final List<String> contentTypes = new ArrayList<>();
  private int status = 200;
  private HttpServer cloudFormation;

  @BeforeEach
  void listen() throws IOException {
    cloudFormation =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    cloudFormation.createContext(
        "/",
        exchange -> {
          answers.add(JSON.readTree(exchange.getRequestBody()));
          contentTypes.add(String.valueOf(exchange.getRequestHeaders().get("Content-Type")));
          exchange.sendResponseHeaders(status, -1);
          exchange.close();
        });
    cloudFormation.start();
  }

  @AfterEach
  void stop() {
    cloudFormation.stop(0);
  }

  @Test
  void aRequestOfCloudFormationIsAnswered() throws IOException {
    FakeCatalog catalog = new FakeCatalog(null);
    assertThat(handler(catalog, SECRET).handle(request())).containsEntry("role", "sheaf_main");
    JsonNode answer = answers.getFirst();
    assertThat(answer.path("Status").asText()).isEqualTo("SUCCESS");
    assertThat(answer.path("PhysicalResourceId").asText()).isEqualTo("sheaf_main");
    for (String copied : List.of("StackId", "RequestId", "LogicalResourceId")) {
      assertThat(answer.path(copied).asText())
          .isNotEmpty()
          .isEqualTo(String.valueOf(request().get(copied)));
    }
    assertThat(contentTypes).containsExactly("null");
    assertThat(catalog.passwords).containsExactly("one");
  }

  @Test
  void aFailureFailsTheDeployAtOnceWithItsReason() throws IOException {
    FakeCatalog catalog =
        new FakeCatalog(new SheafException(ErrorKind.FORBIDDEN, "denied ".repeat(1000)));
    handler(catalog, SECRET).handle(request());
    JsonNode answer = answers.getFirst();
    assertThat(answer.path("Status").asText()).isEqualTo("FAILED");
    assertThat(answer.path("Reason").asText())
        .startsWith("role sheaf_main was not made: denied")
        .hasSizeLessThanOrEqualTo(1000);
  }

  @Test
  void aSecretThatIsNoneIsNotShown() throws IOException {
    for (String wrong : List.of("the-password", "{}", "{\"password\":\"\"}")) {
      handler(new FakeCatalog(null), wrong).handle(request());
    }
    assertThat(answers)
        .hasSize(3)
        .allSatisfy(answer ->
            assertThat(answer.path("Reason").asText())
                .contains("the role's secret is not as it should be")
                .doesNotContain("the-password"));
  }

  @Test
  void aDeletedResourceLeavesTheRole() throws IOException {
    FakeCatalog catalog = new FakeCatalog(null);
    Map<String, Object> request = request();
    request.put("RequestType", "Delete");
    handler(catalog, SECRET).handle(request);
    assertThat(answers.getFirst().path("Status").asText()).isEqualTo("SUCCESS");
    assertThat(catalog.statements).isEmpty();
  }

  /** Lambda invokes once more then, for CloudFormation would wait in vain. */
  @Test
  void anAnswerThatDoesNotArriveIsAFailure() throws IOException {
    status = 403;
    assertThatThrownBy(() -> handler(new FakeCatalog(null), SECRET).handle(request()))
        .hasMessageContaining("answered 403");
  }

  @Test
  void whoeverInvokesItByHandSeesTheFailure() {
    FakeCatalog refusing = new FakeCatalog(new SheafException(ErrorKind.FORBIDDEN, "denied"));
    assertThatThrownBy(() -> handler(refusing, SECRET).handle(Map.of())).hasMessage("denied");
    assertThat(handler(new FakeCatalog(null), SECRET).handle(Map.of()))
        .containsEntry("role", "sheaf_main");
    assertThat(answers).isEmpty();
  }

  private static CatalogRoleHandler handler(FakeCatalog catalog, String secret) {
    return new CatalogRoleHandler("sheaf_main", new CatalogRole(catalog, catalog), () -> secret);
  }

  /** The sample, with the address of our own CloudFormation. */
  private Map<String, Object> request() throws IOException {
    Map<String, Object> request =
        JSON.readValue(
            Files.readString(Path.of("../../events/cloudformation-catalog-role.json")),
            new TypeReference<>() {});
    assertThat(String.valueOf(request.get("ResponseURL"))).startsWith("https://cloudformation-");
    request.put(
        "ResponseURL",
        "http://127.0.0.1:" + cloudFormation.getAddress().getPort() + "/answer?signature=x");
    return request;
  }

  /** Takes every statement, or none. */
  private static final class FakeCatalog implements Catalog {
    private final @Nullable SheafException failure;
    private final List<String> statements = new ArrayList<>();
    private final List<Object> passwords = new ArrayList<>();

    FakeCatalog(@Nullable SheafException failure) {
      this.failure = failure;
    }

    @Override
    public Rows execute(Statement statement) {
      if (failure != null) {
        throw failure;
      }
      statements.add(statement.sql());
      Object password = statement.parameters().get("password");
      if (password != null) {
        passwords.add(password);
      }
      return new Rows(List.of("name", "may"), rows(), 0);
    }

    private static List<@Nullable Object[]> rows() {
      List<@Nullable Object[]> rows = new ArrayList<>();
      rows.add(new @Nullable Object[] {"sheaf_main", true});
      return rows;
    }

    @Override
    public <T extends @Nullable Object> T transaction(Function<Catalog, T> work) {
      return work.apply(this);
    }
  }
}
