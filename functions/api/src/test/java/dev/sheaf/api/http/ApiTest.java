package dev.sheaf.api.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sheaf.bundle.Content;
import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.bundle.msgpack.Msgpack;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class ApiTest {
  private final Api api =
      new Api(
          List.of(
              Route.get("/health_check", (request, path) -> Reply.ok(Map.of("ok", true))),
              Route.get("/{owner}/{repo}/refs", (request, path) -> Reply.ok(path)),
              Route.post("/{owner}/{repo}/refs", (request, path) -> Reply.empty(204)),
              Route.post(
                  "/echo",
                  (request, path) -> Reply.ok(Map.of("name", request.document(64).text("name")))),
              Route.get(
                  "/fail/{kind}",
                  (request, path) -> {
                    throw new SheafException(
                        ErrorKind.valueOf(String.valueOf(path.get("kind"))), "why, on which key");
                  }),
              Route.get(
                  "/bug",
                  (request, path) -> {
                    throw new IllegalStateException("secret internals");
                  }),
              Route.get(
                  "/raw/{size}",
                  (request, path) ->
                      Reply.raw(
                          200,
                          Content.of(new byte[Integer.parseInt(String.valueOf(path.get("size")))]),
                          "application/octet-stream"))),
          () -> 0L);

  @Test
  void holesOfThePathAreGiven() throws IOException {
    Response response = api.answer(Requests.of("GET", "/o/r%20x/refs"));
    assertThat(response.status()).isEqualTo(200);
    assertThat(Requests.text(response)).contains("\"owner\":\"o\"").contains("\"repo\":\"r x\"");
  }

  @Test
  void everyAnswerNamesItsRequest() {
    assertThat(api.answer(Requests.of("GET", "/health_check")).headers())
        .containsEntry("Sheaf-Request-Id", "request-1");
    assertThat(api.answer(Requests.of("GET", "/nowhere/to/go/to")).headers())
        .containsEntry("Sheaf-Request-Id", "request-1");
  }

  @Test
  void unknownPathIs404() throws IOException {
    Response response = api.answer(Requests.of("GET", "/a/b/c/d"));
    assertThat(response.status()).isEqualTo(404);
    assertThat(Requests.text(response)).contains("\"error\":\"no_route\"").contains("/a/b/c/d");
  }

  @Test
  void otherMethodIs405WithAllow() throws IOException {
    Response response = api.answer(Requests.of("DELETE", "/o/r/refs"));
    assertThat(response.status()).isEqualTo(405);
    assertThat(response.headers()).containsEntry("Allow", "GET, HEAD, OPTIONS, POST");
    assertThat(Requests.text(response)).contains("\"error\":\"method_not_allowed\"");
  }

  @Test
  void optionsNamesTheMethods() {
    Response response = api.answer(Requests.of("OPTIONS", "/o/r/refs"));
    assertThat(response.status()).isEqualTo(204);
    assertThat(response.headers()).containsEntry("Allow", "GET, HEAD, OPTIONS, POST");
  }

  @Test
  void headIsGetWithoutBody() {
    Response response = api.answer(Requests.of("HEAD", "/o/r/refs"));
    assertThat(response.status()).isEqualTo(200);
    assertThat(response.headers()).containsEntry("Content-Type", "application/json");
    assertThat(response.body().size()).isZero();
  }

  @ParameterizedTest
  @CsvSource({
    "INVALID, 422, invalid",
    "NOT_FOUND, 404, not_found",
    "FORBIDDEN, 403, forbidden",
    "SITE, 500, misconfigured",
    "CONFLICT, 409, conflict",
    "TOO_LARGE, 413, too_large",
    "UNAVAILABLE, 503, unavailable",
    "CORRUPT, 500, corrupt"
  })
  void errorTable(ErrorKind kind, int status, String code) throws IOException {
    Response response = api.answer(Requests.of("GET", "/fail/" + kind));
    assertThat(response.status()).isEqualTo(status);
    assertThat(Requests.text(response))
        .isEqualTo("{\"error\":\"" + code + "\",\"detail\":\"why, on which key\"}");
  }

  @ParameterizedTest
  @EnumSource
  void errorsAreJsonWhateverWasAskedFor(ErrorKind kind) {
    Response response =
        api.answer(
            Requests.of(
                "GET",
                "/fail/" + kind,
                Map.of("accept", "application/x-msgpack"),
                RequestBody.EMPTY));
    assertThat(response.headers()).containsEntry("Content-Type", "application/json");
    assertThat(response.binary()).isFalse();
  }

  @Test
  void whatNobodyForesawKeepsItsTextToTheLog() throws IOException {
    Response response = api.answer(Requests.of("GET", "/bug"));
    assertThat(response.status()).isEqualTo(500);
    assertThat(Requests.text(response))
        .contains("\"error\":\"internal\"")
        .contains("request-1")
        .doesNotContain("secret internals");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "application/x-msgpack | true",
        "application/x-msgpack, application/json | true",
        "application/json, application/x-msgpack | false",
        "application/json;q=0.5, application/msgpack;q=0.9 | true",
        "application/x-msgpack;q=0 | false",
        "*/* | false",
        "text/html | false"
      })
  void acceptDecides(String accept, boolean msgpack) {
    Response response =
        api.answer(
            Requests.of("GET", "/health_check", Map.of("Accept", accept), RequestBody.EMPTY));
    assertThat(response.binary()).isEqualTo(msgpack);
    assertThat(response.headers())
        .containsEntry("Content-Type", msgpack ? "application/x-msgpack" : "application/json");
  }

  @Test
  void answersComeInTheFormOfTheRequestByDefault() throws IOException {
    Response response =
        api.answer(Requests.msgpack("/echo", Msgpack.encode(Map.of("name", "päth"))));
    assertThat(response.status()).isEqualTo(200);
    assertThat(response.binary()).isTrue();
    try (var in = response.body().open()) {
      assertThat(Msgpack.decodeMap(in.readAllBytes())).containsEntry("name", "päth");
    }
    assertThat(Requests.text(api.answer(Requests.json("/echo", "{\"name\":\"päth\"}"))))
        .isEqualTo("{\"name\":\"päth\"}");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"name\":",
        "nonsense",
        "[1]",
        "\"x\"",
        "{\"name\":\"a\"} x",
        "{\"name\":1,\"name\":2}"
      })
  void undecodableJsonIs400(String json) throws IOException {
    Response response = api.answer(Requests.json("/echo", json));
    assertThat(response.status()).isEqualTo(400);
    assertThat(Requests.text(response)).contains("\"error\":\"malformed\"");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "{}", "{\"name\":null}", "{\"name\":1}", "{\"name\":\"a\\u0000b\"}"})
  void wrongFieldsAre422(String json) throws IOException {
    Response response = api.answer(Requests.json("/echo", json));
    assertThat(response.status()).isEqualTo(422);
    assertThat(Requests.text(response)).contains("\"error\":\"invalid\"").contains("field name");
  }

  @Test
  void undecodableMsgpackIs400() throws IOException {
    byte[] array32OfFourBillion = {(byte) 0xdd, -1, -1, -1, -1};
    byte[] cutShort = {(byte) 0x81, (byte) 0xa4, 'n', 'a'};
    byte[] trailing = {(byte) 0x80, 0};
    byte[] list = {(byte) 0x90};
    for (byte[] body : List.of(array32OfFourBillion, cutShort, trailing, list)) {
      Response response = api.answer(Requests.msgpack("/echo", body));
      assertThat(response.status()).as(Requests.text(response)).isEqualTo(400);
    }
  }

  @Test
  void msgpackThatArrivedAsTextIsNotBase64() {
    Response response =
        api.answer(
            Requests.of(
                "POST",
                "/echo",
                Map.of("Content-Type", "application/x-msgpack"),
                RequestBody.ofBase64("%%%")));
    assertThat(response.status()).isEqualTo(400);
  }

  @Test
  void otherFormatsAre415() {
    Map<String, String> yaml = Map.of("Content-Type", "application/yaml");
    Map<String, String> gzip =
        Map.of("Content-Type", "application/json", "Content-Encoding", "gzip");
    for (Map<String, String> headers : List.of(yaml, gzip)) {
      Response response =
          api.answer(Requests.of("POST", "/echo", headers, RequestBody.ofText("{}")));
      assertThat(response.status()).isEqualTo(415);
    }
  }

  @Test
  void oversizeBodyIs413BeforeItIsDecoded() throws IOException {
    Response text = api.answer(Requests.json("/echo", "x".repeat(65)));
    assertThat(text.status()).isEqualTo(413);
    assertThat(Requests.text(text)).contains("\"error\":\"too_large\"").contains("64");
    // Not base64 at all: were it decoded first, this would be a 400.
    Response binary =
        api.answer(Requests.of("POST", "/echo", Map.of(), RequestBody.ofBase64("%".repeat(100))));
    assertThat(binary.status()).isEqualTo(413);
  }

  @ParameterizedTest
  @CsvSource({"4194304, 200", "4690000, 200", "4700000, 413", "9000000, 413"})
  void answersThatLambdaWouldRefuseAre413(int size, int status) throws IOException {
    Response response = api.answer(Requests.of("GET", "/raw/" + size));
    assertThat(response.status()).isEqualTo(status);
    if (status == 413) {
      assertThat(Requests.text(response)).contains("\"error\":\"too_large\"");
    }
  }
}
