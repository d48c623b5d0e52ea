package dev.sheaf.api;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.amazonaws.services.lambda.runtime.events.APIGatewayProxyRequestEvent;
import dev.sheaf.repository.token.Scope;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What an odd client or an attacker sends: each gets a clear answer, and none a 500. */
class OddRequestsTest {
  private static ApiSite site;
  private static TestClient client;
  private static String object;

  @BeforeAll
  static void start() {
    site = ApiSite.start();
    client = site.client("odd/repo");
    byte[] wire = new TestBundle().commit("c1", List.of(), Map.of("f", "0123456789")).bytes();
    client.push(wire, Map.of("main", "c1", "feature/x", "c1")).expect(200);
    object = TestBundle.id("0123456789").hex();
  }

  @Test
  void objectsAreBytesAndSoIsMsgpack() {
    Answer raw = client.get("/objects/" + object).expect(200);
    assertThat(raw.base64()).isTrue();
    assertThat(raw.header("Content-Type")).isEqualTo("application/octet-stream");
    assertThat(raw.bytes()).isEqualTo("0123456789".getBytes(UTF_8));
    // As curl sends it: a body in msgpack, and anything for an answer.
    Answer fetched =
        site.call(
                client
                    .event("POST", "/fetch")
                    .msgpack(Map.of("want", List.of("c1"), "have", List.of()))
                    .header("Accept", "*/*"))
            .expect(200);
    assertThat(fetched.base64()).isTrue();
    assertThat(fetched.header("Content-Type")).isEqualTo("application/x-msgpack");
    assertThat(client.get("/refs").base64()).isFalse();
  }

  @Test
  void everyAnswerSaysWhatItDependsOn() {
    String objects = "/odd/repo/objects/" + object;
    for (GatewayEvent event :
        List.of(
            client.event("GET", "/refs"),
            client.event("GET", "/objects/" + object),
            client.event("GET", "/objects/" + object).header("If-None-Match", '"' + object + '"'),
            client.event("HEAD", "/objects/" + object),
            client.event("GET", "/objects/" + object).header("Range", "bytes=99-"),
            GatewayEvent.of("GET", objects).token(null),
            GatewayEvent.of("GET", objects).token("sheaf_unknown"),
            GatewayEvent.of("GET", "/nothing/here/at/all"),
            GatewayEvent.of("GET", "/"))) {
      Answer answer = site.call(event);
      assertThat(answer.header("Vary")).as(answer.rawBody()).isEqualTo("Accept, Authorization");
      assertThat(answer.header("Cache-Control"))
          .isEqualTo(
              List.of(200, 304).contains(answer.status()) && answer.headers().containsKey("ETag")
                  ? "private, max-age=31536000, immutable"
                  : "no-store");
    }
  }

  @ParameterizedTest
  @CsvSource({
    "bytes=0-3, 206, 0123",
    "BYTES=0-3, 206, 0123",
    "bytes=8-, 206, 89",
    "bytes=-2, 206, 89",
    "bytes=-99999999999999999999999, 206, 0123456789",
    "bytes=5-99999999999999999999999, 206, 56789",
    "bytes=10-, 416, ",
    "bytes=99999999999999999999999-, 416, ",
    "bytes=-0, 416, ",
    "bytes=5-2, 200, 0123456789",
    "'bytes=0-1,3-4', 200, 0123456789",
    "bytes=a-b, 200, 0123456789",
    "bytes=-, 200, 0123456789",
    "lines=0-1, 200, 0123456789"
  })
  void ranges(String range, int status, String body) {
    Answer answer = site.call(client.event("GET", "/objects/" + object).header("Range", range));
    answer.expect(status);
    if (status != 416) {
      assertThat(answer.bytes()).isEqualTo(body.getBytes(UTF_8));
    }
  }

  @Test
  void aRangeOfAnotherVersionIsTheWhole() {
    GatewayEvent event = client.event("GET", "/objects/" + object).header("Range", "bytes=0-3");
    site.call(event.header("If-Range", "\"other\"")).expect(200);
    site.call(event.header("If-Range", '"' + object + '"')).expect(206);
  }

  @Test
  void ifNoneMatch() {
    GatewayEvent event = client.event("GET", "/objects/" + object);
    for (String tags : List.of("*", "\"" + object + "\"", "\"x\" , W/\"" + object + "\"")) {
      site.call(event.header("If-None-Match", tags)).expect(304);
    }
    for (String tags : List.of("", ",,,", object, "\"" + object)) {
      site.call(event.header("If-None-Match", tags)).expect(200);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/odd%2Frepo/refs",
        "/odd/repo%2Frefs",
        "/odd/re%2Fpo/refs",
        "/odd//refs",
        "/odd/../refs",
        "/odd/%2e%2e/refs",
        "/odd/repo/refs/x",
        "/odd/repo%00/refs",
        "/odd/repo/tree/%00",
        "/odd/repo/tree/%ff%fe",
        "/odd/repo/jobs/%0a",
        "/odd/repo/objects//",
        "/*",
        "/%",
        "/odd/%zz/refs"
      })
  void pathsThatNobodyServes(String path) {
    Answer answer = site.call(GatewayEvent.of("GET", path).token(client.token()));
    assertThat(answer.status()).as(path + answer.rawBody()).isEqualTo(404);
  }

  @Test
  void pathsAsLongAsAGatewayLetsThrough() {
    String longName = "x".repeat(8_000);
    for (String path :
        List.of(
            "/odd/" + longName + "/refs",
            "/odd/repo/tree/" + longName,
            "/odd/repo/jobs/" + longName,
            "/" + "a/".repeat(4_000))) {
      site.call(GatewayEvent.of("GET", path).token(client.token())).expect(404);
    }
    site.call(GatewayEvent.of("GET", "/odd/repo/objects/" + longName).token(client.token()))
        .expectError(422, "invalid");
    client.get("/tree/feature%2Fx").expect(200);
  }

  @ParameterizedTest
  @CsvSource({
    "HEAD, /odd/repo/refs, 200",
    "HEAD, /odd/repo/fetch, 405",
    "OPTIONS, /odd/repo/refs, 204",
    "OPTIONS, /nothing, 404",
    "PUT, /odd/repo/refs, 405",
    "DELETE, /odd/repo/objects/x, 405",
    "PROPFIND, /odd/repo/refs, 405",
    "TRACE, /, 405",
    "get, /odd/repo/refs, 200",
    "'', /odd/repo/refs, 405"
  })
  void methods(String method, String path, int status) {
    Answer answer = site.call(GatewayEvent.of(method, path).token(client.token()));
    answer.expect(status);
    assertThat(answer.header("Allow").isEmpty()).isEqualTo(status != 405 && status != 204);
  }

  @Test
  void anEventWithoutAMethodIsAnswered() {
    APIGatewayProxyRequestEvent bare = client.event("GET", "/refs").toEvent();
    bare.setHttpMethod(null);
    assertThat(GatewayEvents.request(bare).method()).isEmpty();
  }

  @Test
  void aParameterThatComesTwiceIsRefused() {
    GatewayEvent event = client.event("GET", "/commits?limit=5");
    event.toEvent().setMultiValueQueryStringParameters(Map.of("limit", List.of("1", "5")));
    site.call(event).expectError(400, "malformed");
    event.toEvent().setMultiValueQueryStringParameters(Map.of("limit", List.of("1")));
    site.call(event).expect(200);
    for (String limit : List.of("0", "-1", "501", "x", "1e2", "99999999999999999999")) {
      client.get("/commits?limit=" + limit).expectError(422, "invalid");
    }
  }

  /** Whichever of two tokens counted, somebody on the way could take the other for it. */
  @Test
  void twoTokensAreNone() {
    String other = site.token(Scope.READ, "odd/*");
    Map<String, String> spelled = new HashMap<>();
    spelled.put("Authorization", "Bearer " + client.token());
    spelled.put("authorization", "Bearer " + other);
    GatewayEvent event = client.event("GET", "/refs");
    event.toEvent().setHeaders(spelled);
    event.toEvent().setMultiValueHeaders(null);
    site.call(event).expectError(401, "unauthenticated");

    GatewayEvent repeated = client.event("GET", "/refs");
    repeated
        .toEvent()
        .setMultiValueHeaders(
            Map.of("Authorization", List.of("Bearer " + client.token(), "Bearer " + other)));
    site.call(repeated).expectError(401, "unauthenticated");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "{",
        "[]",
        "null",
        "1",
        "\"x\"",
        "{}x",
        "{\"want\":[],\"want\":[]}",
        "{\"x\":{\"a\":1,\"a\":2}}",
        "{\"want\":1e99999999999}",
        "{'want':[]}",
        "{\"x\":NaN}",
        "{\"n\":99999999999999999999}"
      })
  void jsonThatIsNone(String json) {
    Answer answer = site.call(client.event("POST", "/fetch").text("application/json", json));
    assertThat(answer.status()).as(json + answer.rawBody()).isIn(json.isEmpty() ? 200 : 400, 422);
  }

  @Test
  void jsonThatIsTooMuch() {
    String deep = "{\"x\":" + "[".repeat(70) + "]".repeat(70) + "}";
    site.call(client.event("POST", "/fetch").text("application/json", deep))
        .expectError(400, "malformed");
    String many = "{\"x\":[" + "[],".repeat(600_000) + "[]]}";
    assertThat(site.call(client.event("POST", "/fetch").text("application/json", many)).detail())
        .contains("values");
    String large = "{\"x\":\"" + "y".repeat(4_500_001) + "\"}";
    site.call(client.event("POST", "/fetch").text("application/json", large))
        .expectError(413, "too_large");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "82a477616e7490a477616e7490", // a key twice
        "81a478ff7890", // not UTF-8
        "81a178dd7ffffff0", // a list of 2 GiB
        "81a178c67ffffff0", // bytes of 2 GiB
        "81a178db7ffffff0", // a text of 2 GiB
        "df7ffffff0", // a map of 2 GiB
        "81a178c70101ff", // an extension
        "8101a178", // a key that is a number
        "80c0", // something behind it
        "c1" // nothing that there is
      })
  void msgpackThatIsNone(String hex) {
    site.call(
            client
                .event("POST", "/fetch")
                .binary("application/x-msgpack", HexFormat.of().parseHex(hex)))
        .expectError(400, "malformed");
  }

  @Test
  void msgpackThatIsTooMuch() {
    byte[] many = new byte[1_000_008];
    byte[] head = HexFormat.of().parseHex("81a178dd000f4240");
    System.arraycopy(head, 0, many, 0, head.length);
    java.util.Arrays.fill(many, head.length, many.length, (byte) 0x80);
    assertThat(
            site.call(client.event("POST", "/fetch").binary("application/x-msgpack", many))
                .expectError(400, "malformed")
                .detail())
        .contains("too many values");
  }

  @Test
  void bodiesThatAreNotUtf8() {
    byte[] json = HexFormat.of().parseHex("7b2278223a22ff227d");
    site.call(client.event("POST", "/fetch").binary("application/json", json))
        .expectError(400, "malformed");
    site.call(client.event("POST", "/fetch").text("text/plain", "x"))
        .expectError(415, "unsupported_media_type");
    site.call(
            client
                .event("POST", "/fetch")
                .text("application/json", "{}")
                .header("Content-Encoding", "gzip"))
        .expectError(415, "unsupported_media_type");
  }
}
