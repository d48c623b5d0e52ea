package dev.sheaf.journal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sheaf.journal.Operation.IntAdd;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.Test;

/** What each phase costs in requests. */
@DisplayNameGeneration(ScenarioNames.class)
@DisplayName("RequestCountsByPhase")
class RequestCountsTest {
  private static final Operation ONE = new IntAdd("n", 1);
  private static final JournalOptions TWO = Site.OPTIONS.withThresholds(2, Duration.ofSeconds(30));

  private final FakeBucket bucket = new FakeBucket();
  private final Site site = new Site(bucket, "git", TWO);
  private final Site other = new Site(bucket, "git", TWO);

  private List<String> requests(Runnable phase) {
    bucket.takeLog();
    phase.run();
    return bucket.takeLog();
  }

  @Test
  void construct() {
    assertThat(requests(() -> Journal.open(bucket, Namespace.of("git"), Site.OPTIONS).close()))
        .containsExactly("HEAD headbucket 200");
  }

  @Test
  void query() {
    Journal journal = Journal.open(bucket, Namespace.of("git"), Site.OPTIONS);
    assertThat(
            requests(() -> {
              journal.scalar("x");
              journal.integer("x");
              journal.list("x");
              journal.state();
            }))
        .isEmpty();
  }

  @Test
  void apply() {
    assertThat(requests(() -> site.apply(ONE, ONE, ONE))).containsExactly("PUT segment 200");
  }

  @Test
  void quietTick() {
    site.apply(ONE);
    site.flush();
    assertThat(requests(site::flush))
        .containsExactly("GET list 200", "GET rollup 304 (If-None-Match)");
  }

  @Test
  void quietTickOverTwoPages() {
    Site pages = new Site(bucket, "pages");
    Dump.placeTwoPages(bucket);
    pages.flush();
    assertThat(requests(pages::flush))
        .containsExactly("GET list 200 x2", "GET rollup 304 (If-None-Match)");
  }

  @Test
  void activeTick() {
    site.flush();
    other.apply(ONE);
    other.apply(ONE);
    assertThat(requests(site::flush))
        .containsExactly("GET list 200", "GET rollup 304 (If-None-Match)", "GET segment 200 x2");
  }

  @Test
  void ownFreshWritesAreNotReadBack() {
    site.flush();
    site.apply(ONE);
    site.apply(ONE);
    assertThat(requests(site::flush))
        .containsExactly("GET list 200", "GET rollup 304 (If-None-Match)");
  }

  @Test
  void coldStartWithRollup() {
    other.flush();
    other.apply(ONE);
    other.apply(ONE);
    assertThat(requests(site::flush))
        .containsExactly("GET list 200", "GET rollup 200", "GET segment 200 x2");
  }

  @Test
  void coldStartWithSeeding() {
    other.apply(ONE);
    assertThat(requests(site::flush))
        .containsExactly(
            "GET list 200",
            "GET rollup 404",
            "GET object 404",
            "PUT rollup 200 (If-None-Match:*)",
            "GET segment 200");
  }

  @Test
  void seedLoser() {
    bucket.next(
        "PUT rollup",
        FakeBucket.before(() ->
            bucket.place(
                ".metadata/git/rollup.json", RollupCodec.seed(Optional.empty()), bucket.now())));
    assertThat(requests(site::flush))
        .containsExactly(
            "GET list 200",
            "GET rollup 404",
            "GET object 404",
            "PUT rollup 412 (If-None-Match:*)",
            "GET rollup 200");
  }

  private void aged() {
    site.apply(ONE);
    site.apply(ONE);
    bucket.advance(Duration.ofSeconds(30));
    site.apply(ONE);
    site.backgroundTick();
    other.backgroundTick();
  }

  @Test
  void compactionWinner() {
    aged();
    assertThat(requests(site::backgroundTick))
        .containsExactly(
            "GET list 200",
            "GET rollup 304 (If-None-Match) x2",
            "PUT rollup 200 (If-Match)",
            "POST multidelete(2) 200");
  }

  @Test
  void compactionLoserWhoLooksFirst() {
    aged();
    NamespaceListing stale = other.store.list();
    site.backgroundTick();
    assertThat(requests(() -> other.ladder.climb(stale)))
        .containsExactly("GET rollup 200 (If-None-Match)");
  }

  @Test
  void compactionLoserAtThePut() {
    aged();
    NamespaceListing stale = other.store.list();
    bucket.next("PUT rollup", FakeBucket.before(site::backgroundTick));
    List<String> both = requests(() -> other.ladder.climb(stale));
    assertThat(both)
        .startsWith("GET rollup 304 (If-None-Match)")
        .endsWith("PUT rollup 412 (If-Match)");
    assertThat(both).hasSize(2 + 4); // and the winner's
  }

  @Test
  void clockProbe() {
    site.apply(ONE);
    site.apply(ONE);
    site.backgroundTick();
    assertThat(requests(site::backgroundTick))
        .containsExactly(
            "GET list 200", "GET rollup 304 (If-None-Match)", "GET list 200", "PUT segment 200");
    assertThat(requests(site::flush))
        .containsExactly("GET list 200", "GET rollup 304 (If-None-Match)", "GET segment 200");
  }

  @Test
  void leftovers() {
    aged();
    bucket.failNext("POST multidelete");
    site.backgroundTick();
    assertThat(requests(other::backgroundTick))
        .containsExactly(
            "GET list 200", "GET rollup 200 (If-None-Match)", "POST multidelete(2) 200");
  }
}
