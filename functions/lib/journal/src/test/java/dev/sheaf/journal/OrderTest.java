package dev.sheaf.journal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sheaf.journal.Operation.ListAppend;
import dev.sheaf.journal.json.Json;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.Test;

/** The canonical order: S3's stamp, then the name, and nothing else. */
@DisplayNameGeneration(ScenarioNames.class)
class OrderTest {
  private static final String EARLY = "segment-01900000-0000-7000-8000-000000000001.json";
  private static final String LATE = "segment-01900000-0000-7000-8000-000000000002.json";

  private final FakeBucket bucket = new FakeBucket();
  private final Site site = new Site(bucket, "git");

  private void place(String name, String stamp, String value) {
    byte[] body = SegmentCodec.encode(List.of(append(value)));
    bucket.place(".metadata/git/" + name, body, Instant.parse(stamp));
  }

  private static Operation append(String value) {
    return new ListAppend("l", Json.of(value));
  }

  private String list() {
    return String.valueOf(site.state().get("l"));
  }

  @Test
  void orderTieWholeSecond() {
    place(LATE, "2026-07-04T10:00:00Z", "second");
    place(EARLY, "2026-07-04T10:00:00Z", "first");
    site.flush();
    assertThat(list()).isEqualTo("[\"first\",\"second\"]");
  }

  @Test
  void orderSkewedNodeReinterleaves() {
    place(EARLY, "2026-07-04T10:00:05Z", "written first");
    site.flush();
    place(LATE, "2026-07-04T10:00:04Z", "stamped first");
    site.flush();
    assertThat(list()).isEqualTo("[\"stamped first\",\"written first\"]");
  }

  @Test
  void slowClockKeyStillDiscovered() {
    place(LATE, "2026-07-04T10:00:00Z", "a");
    site.flush();
    place(EARLY, "2026-07-04T10:00:09Z", "from a slow clock"); // sorts before all that is known
    site.flush();
    assertThat(list()).isEqualTo("[\"a\",\"from a slow clock\"]");
  }

  @Test
  void sameWriterOrderWithinGranule() {
    for (int i = 0; i < 20; i++) {
      site.apply(append("v" + i)); // all with one stamp
    }
    String here = list();
    site.flush();
    Site cold = new Site(bucket, "git");
    cold.flush();
    assertThat(list()).isEqualTo(here);
    assertThat(cold.state()).isEqualTo(site.state());
    assertThat(here).startsWith("[\"v0\",\"v1\",\"v2\"").endsWith("\"v19\"]");
  }

  @Test
  void lastModifiedTruncatedToMillis() {
    place(LATE, "2026-07-04T10:00:00.123400Z", "by name second");
    place(EARLY, "2026-07-04T10:00:00.123900Z", "by name first");
    site.flush();
    assertThat(list()).isEqualTo("[\"by name first\",\"by name second\"]");
  }

  @Test
  void everythingUnderThePrefixIsASegment() {
    bucket.place(
        ".metadata/git/segment-", "{\"ops\":[]}".getBytes(StandardCharsets.UTF_8), bucket.now());
    bucket.place(".metadata/git/segments/x.json", new byte[] {'x'}, bucket.now());
    site.flush();
    assertThat(site.listing).isNotNull();
    assertThat(bucket.takeLog()).contains("GET segment 200");
  }
}
