package dev.sheaf.ops;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sheaf.storage.catalog.Statement;
import dev.sheaf.testing.RandomisedTest;
import java.util.Random;
import org.junit.jupiter.api.Test;

class PageBodyTest extends OpsTest {
  @Test
  void blanksBetweenValuesGoAndThoseInTextsStay() {
    PageBody body = new PageBody();
    assertThat(body.text()).isEqualTo("[]\n");
    body.add("{\"a b\": [1, 2], \"c\": \"x \\\" y, \\\\\", \"d\": {}}");
    int length = body.size();
    body.add("{}, {}");
    body.cut(length);
    body.add("{\"<\u2028\u2027\": 1}");
    assertThat(body.text())
        .isEqualTo(
            "[{\"a b\":[1,2],\"c\":\"x \\\" y, \\\\\",\"d\":{}},"
                + "{\"\\u003c\\u2028\u2027\":1}]\n");
    assertThat(body.content().size()).isEqualTo(body.text().getBytes(UTF_8).length);
  }

  @Test
  void opsHaveTheFieldsOfTheirLines() {
    PageBody body = new PageBody();
    body.addOps(
        "01A https://a.example create t [{\"a\": \"b c\"}]\n01B https://a.example delete u []");
    body.addOps("01C http://\"<\u00e9\\ update t [{}, {}]");
    assertThat(body.text())
        .isEqualTo(
            """
            [{"ulid":"01A","host":"https://a.example","action":"create","table":"t","data":[{"a":"b c"}],"transient":false},\
            {"ulid":"01B","host":"https://a.example","action":"delete","table":"u","data":[],"transient":false},\
            {"ulid":"01C","host":"http://\\"\\u003c\u00e9\\\\","action":"update","table":"t","data":[{},{}],"transient":false}]
            """);
  }

  /** What Postgres prints, brought into Go's form, is what our own encoder writes. */
  @RandomisedTest
  void aPageIsWrittenAsGoWouldWriteIt(long seed) throws Exception {
    Random seeded = new Random(seed);
    StringBuilder text = new StringBuilder();
    String letters = "ab \\\"<>&\u2028\u2029\u00e9\ud83d\ude00,:{}[]/\t\n";
    for (int i = 0; i < 60; i++) {
      int count = letters.codePointCount(0, letters.length());
      int at = letters.offsetByCodePoints(0, seeded.nextInt(count));
      text.appendCodePoint(letters.codePointAt(at));
    }
    Op op = op(at(NOW), "create", data("a", text.toString()));
    applier(catalog).apply(PEER, java.util.List.of(op), _ -> {});
    String body = new SweepServer(catalog, SELF).forPeer("", SELF).body().text();
    JsonNode sorted =
        OpJson.MAPPER.readTree(
            catalog
                .execute(Statement.of("select data::text as data from ops"))
                .first()
                .orElseThrow()
                .text("data"));
    assertThat(body).contains("\"data\":" + OpJson.text(sorted) + ",");
  }
}
