package dev.sheaf.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.journal.Operation.IntAdd;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.Test;

/** What a tick asks for, and what ends it. */
@DisplayNameGeneration(ScenarioNames.class)
class TickTest {
  private static final Operation ONE = new IntAdd("n", 1);

  private final FakeBucket bucket = new FakeBucket();
  private final Site writer = new Site(bucket, "git");
  private final Site site = new Site(bucket, "git");

  private void place(String name, String body) {
    bucket.place(".metadata/git/" + name, body.getBytes(StandardCharsets.UTF_8), bucket.now());
  }

  private void assertFlushFails(ErrorKind kind, String... parts) {
    assertThatThrownBy(site::flush)
        .isInstanceOf(SheafException.class)
        .hasMessageContainingAll(parts)
        .asInstanceOf(InstanceOfAssertFactories.type(SheafException.class))
        .extracting(SheafException::kind)
        .isEqualTo(kind);
  }

  @Test
  void listBeforeRollupGet() {
    writer.apply(ONE);
    bucket.takeLog();
    site.flush();
    assertThat(bucket.takeLog())
        .containsExactly(
            "GET list 200",
            "GET rollup 404",
            "GET object 404",
            "PUT rollup 200 (If-None-Match:*)",
            "GET segment 200");
  }

  @Test
  void truncatedListingIsFailure() {
    Dump.placeTwoPages(bucket);
    Site pages = new Site(bucket, "pages");
    bucket.next("GET list", FakeBucket.before(() -> {}));
    bucket.failNext("GET list");
    assertThatThrownBy(pages::flush).isInstanceOf(SheafException.class);
    assertThat(bucket.takeLog()).containsExactly("GET list 200");
    assertThat(pages.replica.rollup()).isNull();
    pages.flush();
    assertThat(pages.integer("n")).isEqualTo(1004L * 1005 / 2);
  }

  @Test
  void segmentGone404AbortsTickWhichBeginsAgain() {
    String gone = writer.apply(ONE);
    writer.apply(ONE);
    bucket.next(
        "GET segment", FakeBucket.before(() -> bucket.objects.remove(".metadata/git/" + gone)));
    bucket.takeLog();
    site.flush();
    assertThat(site.integer("n")).isEqualTo(1);
    assertThat(bucket.takeLog())
        .endsWith("GET list 200", "GET rollup 304 (If-None-Match)", "GET segment 200");
    assertThat(site.tick.lostRaces()).isEqualTo(1);
  }

  @Test
  void segmentsThatAreGoneAgainAndAgainEndTheTick() {
    for (int i = 0; i < 8; i++) {
      String key = ".metadata/git/segment-" + i + ".json";
      bucket.next("GET list", FakeBucket.before(() -> place(key.substring(14), "{}")));
      bucket.next("GET segment", FakeBucket.before(() -> bucket.objects.remove(key)));
    }
    assertThatThrownBy(site::flush).isInstanceOf(SheafException.class).hasMessageContaining("gone");
    assertThat(site.integer("n")).isZero();
  }

  @Test
  void rollupSurvivesAbort304Next() {
    writer.apply(ONE);
    bucket.failNext("GET segment");
    assertThatThrownBy(site::flush).isInstanceOf(SheafException.class);
    bucket.takeLog();
    site.flush();
    assertThat(bucket.takeLog())
        .containsExactly("GET list 200", "GET rollup 304 (If-None-Match)", "GET segment 200");
  }

  @Test
  void unknownDiscriminatorAborts() {
    place("segment-x.json", "{\"ops\":[{\"op\":\"IntPow\",\"Key\":\"n\"}]}");
    assertFlushFails(ErrorKind.CORRUPT, ".metadata/git/segment-x.json", "IntPow");
  }

  @Test
  void rollupNullStateAborts() {
    writer.apply(ONE);
    site.flush();
    place("rollup.json", "{\"state\":null,\"mark\":null}");
    assertFlushFails(ErrorKind.CORRUPT, ".metadata/git/rollup.json");
    assertThat(site.integer("n")).isEqualTo(1);
    assertThat(site.rollup().state().toString()).isEqualTo("{}");
  }

  @Test
  void poisonedSegmentKeepsServing() {
    writer.apply(ONE);
    site.flush();
    place("segment-poison.json", "not json");
    for (int i = 0; i < 3; i++) {
      assertFlushFails(ErrorKind.CORRUPT, ".metadata/git/segment-poison.json", "removed");
      assertThat(site.integer("n")).isEqualTo(1);
    }
    site.apply(ONE); // writes go on
    assertThat(site.integer("n")).isEqualTo(2);
    bucket.objects.remove(".metadata/git/segment-poison.json");
    site.flush();
    assertThat(site.integer("n")).isEqualTo(2);
  }

  /** Also where there are too few segments to fold. */
  @Test
  void poisonedSegmentIsNamedInTheReport() {
    writer.apply(ONE);
    place("segment-poison.json", "not json");
    CompactionReport report = Compactions.run(new Compactor(bucket, Site.OPTIONS), "git");
    assertThat(report.failure())
        .hasValueSatisfying(e -> {
          assertThat(e.kind()).isEqualTo(ErrorKind.CORRUPT);
          assertThat(e).hasMessageContaining("segment-poison.json");
        });
  }

  @Test
  void rollupThatVanishedIsSeededAgain() {
    writer.apply(ONE);
    site.flush();
    bucket.objects.remove(".metadata/git/rollup.json");
    site.flush();
    assertThat(site.integer("n")).isEqualTo(1);
    assertThat(bucket.body(".metadata/git/rollup.json")).startsWith("{\"state\":{},");
  }

  @Test
  void eightBodiesAtATimeAtMost() {
    for (int i = 0; i < 40; i++) {
      writer.apply(ONE);
    }
    CountDownLatch eight = new CountDownLatch(8);
    AtomicInteger running = new AtomicInteger();
    AtomicInteger most = new AtomicInteger();
    for (int i = 0; i < 40; i++) {
      bucket.next(
          "GET segment",
          new FakeBucket.Fault() {
            @Override
            public void before() {
              most.accumulateAndGet(running.incrementAndGet(), Math::max);
              eight.countDown();
              Waits.await(eight);
            }

            @Override
            public void after() {
              running.decrementAndGet();
            }
          });
    }
    site.flush();
    assertThat(most.get()).isEqualTo(8);
    assertThat(site.integer("n")).isEqualTo(40);
    assertThat(running.get()).isZero();
  }
}
