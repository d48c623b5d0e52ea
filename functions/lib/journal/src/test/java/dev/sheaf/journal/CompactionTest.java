package dev.sheaf.journal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sheaf.journal.Operation.IntAdd;
import dev.sheaf.journal.Operation.IntSet;
import dev.sheaf.journal.Operation.ListAppend;
import dev.sheaf.journal.json.Json;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.Test;

/** Folding segments into the rollup, and everything that can come in between. */
@DisplayNameGeneration(ScenarioNames.class)
class CompactionTest {
  private static final Operation ONE = new IntAdd("n", 1);
  private static final JournalOptions THREE =
      Site.OPTIONS.withThresholds(3, Duration.ofSeconds(30));

  private final FakeBucket bucket = new FakeBucket();
  private final Site site = new Site(bucket, "git", THREE);
  private final Site other = new Site(bucket, "git", THREE);

  /** Writes segments and then, half a minute later, one more: the clock by which they are old. */
  private void writeAged(int segments) {
    for (int i = 0; i < segments; i++) {
      site.apply(ONE, new ListAppend("l", Json.of(i)));
      bucket.advance(Duration.ofMillis(10));
    }
    bucket.advance(Duration.ofSeconds(30));
    site.apply(ONE);
  }

  private static Ladder.Outcome twoTicks(Site site) {
    site.backgroundTick();
    return site.backgroundTick();
  }

  private Site cold() {
    Site cold = new Site(bucket, "git");
    cold.flush();
    return cold;
  }

  private long segments() {
    return bucket.objects.keySet().stream().filter(key -> key.contains("/segment-")).count();
  }

  @Test
  void compaction() {
    writeAged(5);
    String before = site.state().toString();
    Ladder.Outcome outcome = twoTicks(site);
    assertThat(outcome.folded()).isEqualTo(5);
    assertThat(segments()).isEqualTo(1);
    assertThat(site.state().toString()).isEqualTo(before);
    assertThat(cold().state().toString()).isEqualTo(before);
  }

  @Test
  void largeIntSurvivesRollup() {
    site.apply(new IntSet("big", (1L << 53) + 1));
    writeAged(3);
    twoTicks(site);
    assertThat(cold().integer("big")).isEqualTo((1L << 53) + 1);
    other.flush();
    other.apply(new IntAdd("big", 1));
    assertThat(cold().integer("big")).isEqualTo((1L << 53) + 2);
  }

  @Test
  void betweenCommitAndCleanupNoDoubleApply() {
    writeAged(3);
    bucket.next(
        "POST multidelete", FakeBucket.before(() -> assertThat(cold().integer("n")).isEqualTo(4)));
    twoTicks(site);
    assertThat(cold().integer("n")).isEqualTo(4);
  }

  @Test
  void compactorDiesBeforeDelete() {
    writeAged(3);
    bucket.failNext("POST multidelete");
    Ladder.Outcome outcome = twoTicks(site);
    assertThat(outcome.folded()).isEqualTo(3);
    assertThat(outcome.deleted()).isZero();
    assertThat(segments()).isEqualTo(4);
    assertThat(cold().integer("n")).isEqualTo(4);
    assertThat(other.backgroundTick().deleted()).isEqualTo(3); // leftovers
    assertThat(segments()).isEqualTo(1);
    assertThat(cold().integer("n")).isEqualTo(4);
  }

  @Test
  void leftoverCleanup() {
    writeAged(2); // fewer than a compaction needs
    site.flush();
    bucket.failNext("POST multidelete");
    Site eager = new Site(bucket, "git", Site.OPTIONS.withThresholds(1, Duration.ofSeconds(30)));
    twoTicks(eager);
    assertThat(segments()).isEqualTo(3);
    bucket.takeLog();
    assertThat(site.backgroundTick().deleted()).isEqualTo(2);
    assertThat(bucket.takeLog()).endsWith("POST multidelete(2) 200");
    assertThat(cold().integer("n")).isEqualTo(3);
  }

  @Test
  void election412() {
    writeAged(3);
    site.backgroundTick();
    other.backgroundTick();
    bucket.next("PUT rollup", FakeBucket.before(other::backgroundTick));
    Ladder.Outcome lost = site.backgroundTick();
    assertThat(lost.lost()).isTrue();
    assertThat(lost.failure()).isEmpty();
    assertThat(bucket.takeLog()).contains("PUT rollup 412 (If-Match)");
    assertConverged();
  }

  @Test
  void election409() {
    writeAged(3);
    site.backgroundTick();
    bucket.next(
        "PUT rollup",
        new FakeBucket.Fault() {
          @Override
          public boolean races() {
            return true;
          }
        });
    Ladder.Outcome lost = site.backgroundTick();
    assertThat(lost.lost()).isTrue();
    assertThat(lost.failure()).isEmpty();
    assertThat(lost.deleted()).isZero();
    assertConverged();
  }

  @Test
  void electionLoserSeesNewETag() {
    writeAged(3);
    site.backgroundTick();
    other.backgroundTick();
    NamespaceListing stale = Optional.ofNullable(site.listing).orElseThrow();
    assertThat(other.backgroundTick().folded()).isEqualTo(3);
    bucket.takeLog();
    Ladder.Outcome lost = site.ladder.climb(stale);
    assertThat(lost.lost()).isTrue();
    assertThat(bucket.takeLog()).containsExactly("GET rollup 200 (If-None-Match)");
    site.flush();
    assertThat(bucket.takeLog()).containsExactly("GET list 200", "GET rollup 304 (If-None-Match)");
    assertConverged();
  }

  private void assertConverged() {
    site.flush();
    other.flush();
    assertThat(site.state()).isEqualTo(other.state()).isEqualTo(cold().state());
    assertThat(site.integer("n")).isEqualTo(4);
  }

  /** The one half of a pair; a look tells it from the other. */
  @Test
  void commitError500Logged() {
    writeAged(3);
    site.backgroundTick();
    bucket.failNext("PUT rollup");
    bucket.takeLog();
    Ladder.Outcome failed = site.backgroundTick();
    assertThat(failed.failure()).isPresent();
    assertThat(failed.folded()).isZero();
    assertThat(bucket.takeLog()).endsWith("GET rollup 200");
    assertThat(segments()).isEqualTo(4);
    assertConverged();
  }

  /** The other half. */
  @Test
  void commitLandedButReportedFailedIsASuccess() {
    writeAged(3);
    site.backgroundTick();
    bucket.loseNextAnswer("PUT rollup");
    bucket.takeLog();
    Ladder.Outcome outcome = site.backgroundTick();
    assertThat(outcome.failure()).isEmpty();
    assertThat(outcome.folded()).isEqualTo(3);
    assertThat(bucket.takeLog())
        .endsWith("PUT rollup 200 (If-Match)", "GET rollup 200", "POST multidelete(3) 200");
    assertThat(segments()).isEqualTo(1);
    assertConverged();
  }

  /** Neither: somebody else came between, and whether ours landed before is not to be told. */
  @Test
  void commitWithoutAnAnswerThatSomebodyElseReplacedIsALostRace() {
    writeAged(3);
    site.backgroundTick();
    other.backgroundTick();
    bucket.next(
        "PUT rollup",
        FakeBucket.before(() -> {
          other.backgroundTick();
          writeAged(3);
          throw FakeBucket.unavailable();
        }));
    Ladder.Outcome lost = site.backgroundTick();
    assertThat(lost.failure()).isEmpty();
    site.flush();
    other.flush();
    assertThat(site.state()).isEqualTo(other.state()).isEqualTo(cold().state());
    assertThat(site.integer("n")).isEqualTo(8);
  }

  /** A store that does not answer does not answer the look either: the first failure counts. */
  @Test
  void commitThatNobodyCanLookAtStaysAFailure() {
    writeAged(3);
    site.backgroundTick();
    bucket.loseNextAnswer("PUT rollup");
    bucket.next("GET rollup", FakeBucket.before(() -> {})); // the one before the commit
    bucket.next("GET rollup", FakeBucket.before(() -> {}));
    bucket.failNext("GET rollup");
    Ladder.Outcome unknown = site.backgroundTick();
    assertThat(unknown.failure()).hasValueSatisfying(e -> assertThat(e.getSuppressed()).hasSize(1));
    assertThat(segments()).isEqualTo(4);
    assertConverged();
  }

  @Test
  void aSeedWhoseAnswerWasLostIsOurs() {
    site.apply(ONE);
    bucket.loseNextAnswer("PUT rollup");
    site.flush();
    assertThat(site.integer("n")).isEqualTo(1);
    assertThat(site.rollup().state().toString()).isEqualTo("{}");
  }

  @Test
  void aFoldOnAScheduleListsOnce() {
    writeAged(3);
    bucket.takeLog();
    assertThat(Compactions.run(new Compactor(bucket, THREE), "git").folded()).isEqualTo(3);
    assertThat(bucket.takeLog())
        .containsExactly(
            "GET list 200",
            "GET rollup 404",
            "GET object 404",
            "PUT rollup 200 (If-None-Match:*)",
            "GET segment 200 x4",
            "GET rollup 304 (If-None-Match)",
            "PUT rollup 200 (If-Match)",
            "POST multidelete(3) 200");
    assertConverged();
  }

  /** Somebody else folds and deletes between our LIST and our GETs. */
  @Test
  void aCompactionThatPassesByIsALostRaceAndNoFailure() {
    writeAged(3);
    bucket.next(
        "GET segment",
        FakeBucket.before(() ->
            assertThat(Compactions.run(new Compactor(bucket, THREE), "git").folded())
                .isEqualTo(3)));
    CompactionReport report = Compactions.run(new Compactor(bucket, THREE), "git");
    assertThat(report.failure()).isEmpty();
    assertThat(report.lostElections()).isEqualTo(1);
    assertConverged();
  }

  @Test
  void candidateMissingFromCacheStops() {
    writeAged(3);
    site.backgroundTick();
    NamespaceListing listing = Optional.ofNullable(site.listing).orElseThrow();
    Site amnesiac = new Site(bucket, "git", THREE);
    amnesiac.tick.refreshRollup(); // holds the rollup, knows no segment
    amnesiac.ladder.climb(listing);
    Ladder.Outcome stopped = amnesiac.ladder.climb(listing);
    assertThat(stopped.failure()).isPresent();
    assertThat(bucket.takeLog())
        .noneMatch(line -> line.contains("If-Match)") && line.startsWith("PUT"));
    assertConverged();
  }

  @Test
  void secondCompactionIncremental() {
    writeAged(3);
    twoTicks(site);
    Mark first = site.rollup().mark();
    writeAged(4);
    assertThat(twoTicks(site).folded()).isEqualTo(5); // the one left over, and four
    Mark second = site.rollup().mark();
    assertThat(second.lastModified()).isAfter(first.lastModified());
    assertThat(cold().integer("n")).isEqualTo(9);
    assertThat(cold().state()).isEqualTo(site.state());
  }

  @Test
  void twoListPagesAndDeleteBatches() {
    Site pages = new Site(bucket, "pages");
    Dump.placeTwoPages(bucket);
    bucket.at("2026-07-04T10:00:40Z");
    pages.apply(ONE);
    pages.backgroundTick();
    bucket.takeLog();
    assertThat(pages.backgroundTick().folded()).isEqualTo(1005);
    assertThat(bucket.takeLog())
        .containsExactly(
            "GET list 200 x2",
            "GET rollup 304 (If-None-Match) x2",
            "PUT rollup 200 (If-Match)",
            "POST multidelete(1000) 200",
            "POST multidelete(5) 200");
  }

  /** Found by the simulation: a listing of several pages does not see the bucket at one moment. */
  @Test
  void slowListingDoesNotFoldPastWhatItMissed() {
    bucket.pageSize = 2;
    Host host = Site.hostAt(bucket::now);
    Site slow = new Site(bucket, "slow", THREE.withHost(host));
    for (String name : List.of("b", "c", "d", "e", "f")) {
      place(name);
      bucket.advance(Duration.ofSeconds(1));
    }
    bucket.advance(Duration.ofSeconds(35));
    place("g");
    slow.backgroundTick();

    Runnable meanwhile =
        () -> {
          bucket.advance(Duration.ofSeconds(10));
          place("a"); // the first page is gone by
          bucket.advance(Duration.ofSeconds(1));
          place("x");
          bucket.advance(Duration.ofSeconds(40));
          place("z");
        };
    bucket.next(
        "GET list", FakeBucket.after(() -> bucket.next("GET list", FakeBucket.before(meanwhile))));
    assertThat(slow.backgroundTick().folded()).isEqualTo(5);

    slow.flush();
    assertThat(slow.integer("n")).isEqualTo(9);
    Site cold = new Site(bucket, "slow");
    cold.flush();
    assertThat(cold.integer("n")).isEqualTo(9);
  }

  private void place(String name) {
    bucket.place(
        ".metadata/slow/segment-" + name + ".json",
        SegmentCodec.encode(List.of(ONE)),
        bucket.now());
  }

  @Test
  void twoCompactorsAtOnceAreHarmless() {
    writeAged(6);
    Compactor one = new Compactor(bucket, THREE);
    Compactor two = new Compactor(bucket, THREE);
    bucket.next("PUT rollup", FakeBucket.before(() -> {})); // the seed
    bucket.next(
        "PUT rollup",
        FakeBucket.before(() -> assertThat(Compactions.run(two, "git").folded()).isEqualTo(6)));
    CompactionReport lost = Compactions.run(one, "git");
    assertThat(lost.lostElections()).isEqualTo(1);
    assertThat(lost.failure()).isEmpty();
    assertThat(cold().integer("n")).isEqualTo(7);
    assertThat(one.survey().namespaces())
        .singleElement()
        .satisfies(listed -> {
          assertThat(listed.namespace()).isEqualTo(Namespace.of("git"));
          assertThat(one.plan(listed).action()).isEqualTo(CompactionPlan.Action.NONE);
        });
  }

  @Test
  void quietNamespaceCostsOneTick() {
    site.apply(ONE);
    site.flush();
    bucket.takeLog();
    Compactor compactor = new Compactor(bucket, THREE);
    CompactionReport report = Compactions.run(compactor, "git");
    assertThat(report.requests()).isEqualTo(2);
    assertThat(report.stateBytes()).isPositive();
    assertThat(bucket.takeLog())
        .containsExactly("GET list 200", "GET rollup 200", "GET segment 200");
    assertThat(Compactions.run(compactor, "git").requests()).as("nothing has changed").isZero();
    assertThat(bucket.takeLog()).containsExactly("GET list 200");
  }

  @Test
  void namespaceWithoutSegmentsIsOnlyLookedAt() {
    site.flush(); // leaves a rollup
    bucket.takeLog();
    Compactor compactor = new Compactor(bucket, THREE);
    assertThat(Compactions.run(compactor, "git").stateBytes()).isPositive();
    assertThat(bucket.takeLog()).containsExactly("GET list 200", "GET rollup 200");
    assertThat(Compactions.run(compactor, "nothing").failure()).isEmpty();
    assertThat(bucket.takeLog()).containsExactly("GET list 200");
  }
}
