package dev.sheaf.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sheaf.bundle.SheafException;
import dev.sheaf.journal.Operation.IntAdd;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The first rollup of a namespace, with and without a state of the older format. */
@DisplayNameGeneration(ScenarioNames.class)
class LegacyTest {
  private static final String LEGACY = ".metadata/git.json";
  private static final String ROLLUP = ".metadata/git/rollup.json";
  private static final String ZERO_MARK =
      "\"mark\":{\"lm\":\"0001-01-01T00:00:00Z\",\"key\":\"\"}}";

  private final FakeBucket bucket = new FakeBucket();
  private final Site site = new Site(bucket, "git");

  private void place(String key, String body) {
    bucket.place(key, body.getBytes(StandardCharsets.UTF_8), bucket.now());
  }

  @Test
  void legacySeed() {
    place(LEGACY, "{ \"n\" : 41, \"f\": 1.50 }\n");
    site.apply(new IntAdd("n", 1));
    site.flush();
    assertThat(bucket.body(ROLLUP)).isEqualTo("{\"state\":{\"n\":41,\"f\":1.50}," + ZERO_MARK);
    assertThat(site.state().toString()).isEqualTo("{\"f\":1.50,\"n\":42}");
    assertThat(bucket.body(LEGACY)).startsWith("{ ");
  }

  @ParameterizedTest
  @ValueSource(strings = {"garbage", "null", "42", "[1]", "", "{\"a\":1"})
  void legacyCorruptTreatedAsAbsent(String body) {
    place(LEGACY, body);
    site.flush();
    assertThat(bucket.body(ROLLUP)).isEqualTo("{\"state\":{}," + ZERO_MARK);
  }

  @ParameterizedTest
  @ValueSource(strings = {"{\"a\":1}garbage", "{\"a\":1}{\"b\":2}"})
  void legacyWithTrailingTextIsAbsent(String body) {
    place(LEGACY, body);
    site.flush();
    assertThat(bucket.body(ROLLUP)).isEqualTo("{\"state\":{}," + ZERO_MARK);
  }

  @Test
  void emptyRootNamespace() {
    Site root = new Site(bucket, "");
    place(".metadata/.json", "{\"n\":1}");
    place(".metadata/.root.json", "{\"n\":100}");
    root.apply(new IntAdd("n", 1));
    root.flush();
    assertThat(root.integer("n")).isEqualTo(2);
    assertThat(bucket.objects).containsKey(".metadata/.root/rollup.json");
  }

  @Test
  void seedRace() {
    place(LEGACY, "{\"n\":1}");
    Site other = new Site(bucket, "git");
    bucket.next("PUT rollup", FakeBucket.before(other::flush));
    site.flush();
    assertThat(bucket.takeLog())
        .containsSubsequence("PUT rollup 412 (If-None-Match:*)", "GET rollup 200");
    assertThat(site.integer("n")).isEqualTo(1);
    assertThat(site.rollup().etag()).isEqualTo(other.rollup().etag());
  }

  @Test
  void seedLoserAdoptsWinner() {
    place(LEGACY, "{\"n\":1}");
    // The winner has folded a segment already when the loser comes to its PUT.
    bucket.next(
        "PUT rollup",
        FakeBucket.before(() ->
            place(
                ROLLUP,
                "{\"state\":{\"n\":7},\"mark\":{\"lm\":\"2026-07-04T10:00:00Z\",\"key\":\"segment-z\"}}")));
    site.flush();
    assertThat(site.integer("n")).isEqualTo(7);
    assertThat(site.rollup().mark().segment()).isEqualTo("segment-z");
  }

  @Test
  void legacyTruncatedBodyAborts() {
    place(LEGACY, "{\"n\":1}       ");
    bucket.next("GET object", body(7)); // a complete object, but not the complete body
    assertThatThrownBy(site::flush).isInstanceOf(SheafException.class);
    assertThat(bucket.objects).doesNotContainKey(ROLLUP);
    bucket.next("GET object", brokenBody());
    assertThatThrownBy(site::flush)
        .isInstanceOf(SheafException.class)
        .hasMessageContaining("reset");
    assertThat(bucket.objects).doesNotContainKey(ROLLUP);
    site.flush();
    assertThat(site.integer("n")).isEqualTo(1);
  }

  private static FakeBucket.Fault body(int length) {
    return new FakeBucket.Fault() {
      @Override
      public InputStream body(InputStream body) {
        try {
          return new ByteArrayInputStream(body.readNBytes(length));
        } catch (IOException e) {
          throw new AssertionError(e);
        }
      }
    };
  }

  private static FakeBucket.Fault brokenBody() {
    return new FakeBucket.Fault() {
      @Override
      public InputStream body(InputStream body) {
        InputStream breaking =
            new InputStream() {
              @Override
              public int read() throws IOException {
                throw new IOException("connection reset");
              }

              @Override
              public int read(byte[] into, int offset, int length) throws IOException {
                return read();
              }
            };
        return new SequenceInputStream(new ByteArrayInputStream(new byte[] {'{'}), breaking);
      }
    };
  }

  @Test
  void legacyGet500Aborts() {
    place(LEGACY, "{\"n\":1}");
    bucket.failNext("GET object");
    assertThatThrownBy(site::flush).isInstanceOf(SheafException.class);
    assertThat(bucket.objects).doesNotContainKey(ROLLUP);
    site.flush();
    assertThat(site.integer("n")).isEqualTo(1);
  }

  @Test
  void legacyReadOnce() {
    place(LEGACY, "{\"n\":1}");
    site.flush();
    place(LEGACY, "{\"n\":100}");
    bucket.takeLog();
    site.flush();
    Site cold = new Site(bucket, "git");
    cold.flush();
    assertThat(bucket.takeLog()).noneMatch(line -> line.startsWith("GET object"));
    assertThat(site.integer("n")).isEqualTo(1);
    assertThat(cold.integer("n")).isEqualTo(1);
  }

  @Test
  void seedThatFailedAndSeedThatLandedButWasReportedFailed() {
    place(LEGACY, "{\"n\":1}");
    bucket.failNext("PUT rollup");
    assertThatThrownBy(site::flush).isInstanceOf(SheafException.class);
    bucket.loseNextAnswer("PUT rollup");
    site.flush();
    assertThat(site.integer("n")).isEqualTo(1);
  }
}
