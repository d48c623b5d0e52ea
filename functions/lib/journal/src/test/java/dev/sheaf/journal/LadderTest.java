package dev.sheaf.journal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sheaf.journal.Operation.IntAdd;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.Test;

/** When the ladder acts. */
@DisplayNameGeneration(ScenarioNames.class)
class LadderTest {
  private static final Operation ONE = new IntAdd("n", 1);
  private static final Duration AGE = Duration.ofSeconds(30);
  private static final JournalOptions TWO = Site.OPTIONS.withThresholds(2, AGE);

  private final FakeBucket bucket = new FakeBucket();
  private final Site site = new Site(bucket, "git", TWO);

  private void write(int segments) {
    for (int i = 0; i < segments; i++) {
      site.apply(ONE);
    }
  }

  private long segments() {
    return bucket.objects.keySet().stream().filter(key -> key.contains("/segment-")).count();
  }

  @Test
  void clockProbe() {
    write(2);
    assertThat(site.backgroundTick().probed()).isFalse();
    bucket.advance(Duration.ofSeconds(45)); // only the store's clock knows
    assertThat(site.backgroundTick().probed()).isTrue();
    assertThat(segments()).isEqualTo(3);
    assertThat(site.integer("n")).isEqualTo(2);
    site.backgroundTick(); // the probe is the newest now, the others are old
    assertThat(site.backgroundTick().folded()).isEqualTo(2);
    assertThat(site.integer("n")).isEqualTo(2);
    assertThat(segments()).isEqualTo(1);
  }

  @Test
  void sustainNeedsTwoBackgroundTicks() {
    write(2);
    bucket.advance(AGE);
    write(1);
    assertThat(site.backgroundTick().folded()).isZero();
    assertThat(site.backgroundTick().folded()).isEqualTo(2);
  }

  @Test
  void flushDoesNotMoveCounters() {
    write(2);
    bucket.advance(AGE);
    write(1);
    site.backgroundTick();
    site.flush();
    site.flush();
    assertThat(bucket.takeLog()).noneMatch(line -> line.contains("(If-Match)"));
    assertThat(site.backgroundTick().folded()).isEqualTo(2);
  }

  @Test
  void stallResetsWhenNewestAdvances() {
    write(2);
    site.backgroundTick(); // stalled once
    bucket.advance(Duration.ofSeconds(1));
    write(1);
    assertThat(site.backgroundTick().probed()).isFalse(); // once again
    assertThat(site.backgroundTick().probed()).isTrue();
  }

  @Test
  void probeSkippedIfSomeoneWrote() {
    write(2);
    site.backgroundTick();
    NamespaceListing listing = Optional.ofNullable(site.listing).orElseThrow();
    bucket.advance(Duration.ofSeconds(1));
    new Site(bucket, "git").apply(ONE);
    bucket.takeLog();
    assertThat(site.ladder.climb(listing).probed()).isFalse();
    assertThat(bucket.takeLog()).containsExactly("GET list 200");
  }

  @Test
  void ageInclusiveAtThreshold() {
    write(1);
    bucket.advance(Duration.ofMillis(1));
    write(1);
    bucket.advance(AGE.minusMillis(1));
    write(1);
    site.backgroundTick();
    CompactionPlan plan = site.ladder.plan(Optional.ofNullable(site.listing).orElseThrow());
    assertThat(plan.candidates()).hasSize(1); // exactly the age, and one a millisecond younger
    bucket.advance(Duration.ofMillis(1));
    write(1);
    site.backgroundTick();
    plan = site.ladder.plan(Optional.ofNullable(site.listing).orElseThrow());
    assertThat(plan.candidates()).hasSize(2);
    assertThat(plan.action()).isEqualTo(CompactionPlan.Action.FOLD);
  }

  @Test
  void ageUsesS3StampsOnly() {
    Host tomorrow = Site.hostAt(() -> Instant.parse("2026-07-05T10:00:00Z"));
    Site skewed = new Site(bucket, "git", TWO.withHost(tomorrow));
    write(3);
    skewed.backgroundTick();
    CompactionPlan plan = skewed.ladder.plan(Optional.ofNullable(skewed.listing).orElseThrow());
    assertThat(plan.candidates()).isEmpty();
  }

  @Test
  void ageFollowsSyncInterval() {
    assertThat(JournalOptions.defaults().ageThreshold()).isEqualTo(Duration.ofSeconds(30));
    assertThat(JournalOptions.defaults().withSyncInterval(Duration.ofSeconds(20)).ageThreshold())
        .isEqualTo(Duration.ofSeconds(40));
    assertThat(JournalOptions.defaults().withSyncInterval(Duration.ofSeconds(1)).ageThreshold())
        .isEqualTo(Duration.ofSeconds(30));
  }

  @Test
  void youngFoldedSegmentsStayUntilTheyAge() {
    write(2);
    bucket.advance(AGE);
    write(1);
    bucket.failNext("POST multidelete");
    site.backgroundTick();
    site.backgroundTick();
    assertThat(segments()).isEqualTo(3);
    assertThat(site.backgroundTick().deleted()).isEqualTo(2);
  }
}
