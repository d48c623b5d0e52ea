package dev.sheaf.repair;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sheaf.bundle.Content;
import dev.sheaf.bundle.ContentId;
import dev.sheaf.bundle.ObjectKeys;
import dev.sheaf.repository.Repo;
import dev.sheaf.storage.ObjectStore.Condition;
import dev.sheaf.storage.ObjectStore.PutResult;
import dev.sheaf.testing.Faults;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The last copy of a thing is never deleted, and be it a damaged one. */
class DamagedCopiesTest extends SiteTest {
  /** Neither a bundle nor a peer has it. */
  private void damageWhatNobodyElseHas() {
    pushWithoutBundle(repo("r"), "lonely");
    runCleanup();
    corrupt("lonely");
  }

  @Test
  void theLastCopyIsPutAsideAndThenDeleted() {
    damageWhatNobodyElseHas();
    RepairTracker tracker = runCleanup();
    assertThat(has("lonely")).as("it is in nobody's way").isFalse();
    assertThat(putAside(key("lonely"))).contains(text("not lonely"));
    assertThat(count(tracker, Counter.DAMAGED_KEPT)).isEqualTo(1);
    assertThat(DamagedCopies.kept(bucket)).containsExactly(key("lonely"));
    assertThat(lost()).extracting(LossLedger.Entry::key).containsExactly(key("lonely"));
    assertThat(spool).isEmptyDirectory();
  }

  /** Where it lay damaged, If-None-Match had proven that it is there. */
  @Test
  void whoeverSendsItAgainHealsIt() {
    damageWhatNobodyElseHas();
    runCleanup();
    PutResult put =
        bucket.put(
            key("lonely"),
            Content.of(text("lonely")),
            id("lonely"),
            Condition.IF_ABSENT,
            "application/octet-stream");
    assertThat(put).isInstanceOf(PutResult.Written.class);
    clock.advance(Duration.ofDays(1));
    runCleanup();
    assertThat(lost()).isEmpty();
    assertThat(putAside(key("lonely"))).as("it expires by itself").isPresent();
    requireSound();
  }

  @Test
  void aBundleIsPutAsideToo() {
    Repo repo = repo("r");
    ContentId bundle = push(repo, "a");
    runCleanup();
    byte[] damaged = bucket.bytes(bundleKey(repo, bundle)).clone();
    damaged[damaged.length - 1] ^= 1;
    bucket.plant(bundleKey(repo, bundle), damaged);
    runCleanup();
    assertThat(bucket.head(bundleKey(repo, bundle))).isEmpty();
    assertThat(putAside(bundleKey(repo, bundle))).contains(damaged);
  }

  /** Neither as something that is there, nor as something that nobody knows. */
  @Test
  void noListingSeesWhatWasPutAside() {
    pushWithoutBundle(repo("r"), "other");
    damageWhatNobodyElseHas();
    runCleanup();
    clock.advance(Duration.ofDays(8));
    RepairTracker after = runCleanup();
    assertThat(count(after, Counter.PRESENCE_INDEX_ENTRIES)).as("the other one").isEqualTo(1);
    assertThat(count(after, Counter.SURPLUS_OBJECTS)).isZero();
    assertThat(has("lonely")).isFalse();
  }

  @Test
  void theSecondDamageReplacesTheFirst() {
    push(repo("r"), "a");
    runCleanup();
    corrupt("a");
    runCleanup();
    assertThat(bucket.bytes(key("a"))).isEqualTo(text("a"));
    bucket.plant(key("a"), text("nor a"));
    runCleanup();
    assertThat(putAside(key("a"))).contains(text("nor a"));
    requireSound();
  }

  /** Not even a copy of it: it has not been proven false. */
  @Test
  void whatHasChangedSinceItWasReadIsLeftAlone() {
    damageWhatNobodyElseHas();
    String etag = bucket.head(key("lonely")).orElseThrow().etag();
    bucket.plant(key("lonely"), text("lonely"));
    DamagedCopies copies = new DamagedCopies(bucket, spool);
    assertThat(copies.keep(key("lonely"), etag)).isFalse();
    bucket.delete(List.of(key("lonely")));
    assertThat(copies.keep(key("lonely"), etag)).as("nor what is gone").isFalse();
    assertThat(DamagedCopies.kept(bucket)).isEmpty();
    assertThat(spool).isEmptyDirectory();
  }

  /** Every request, "landed but reported failed" among the ways: it ends as a clean run does. */
  @ParameterizedTest
  @EnumSource(Faults.Way.class)
  void everyRequestMayFailOrBeTheLast(Faults.Way way) {
    Faults none = Faults.none();
    begin();
    cleanUp(none);
    Map<String, String> clean = state();
    assertThat(clean)
        .containsKey(ObjectKeys.damaged(key("lonely")))
        .doesNotContainKey(key("lonely"));
    assertThat(none.log())
        .containsSubsequence("PUT " + ObjectKeys.damaged(key("lonely")), "DELETE " + key("lonely"));
    for (int request = 1; request <= none.requests(); request++) {
      String what = way + " at " + request + ": " + none.log().get(request - 1);
      begin();
      cleanUp(Faults.at(request, way));
      assertThat(bucket.bytes(has("lonely") ? key("lonely") : ObjectKeys.damaged(key("lonely"))))
          .as("%s: there is one copy at any time", what)
          .isEqualTo(text("not lonely"));
      freeLease();
      for (int i = 0; i < 6 && !state().equals(clean); i++) {
        run(); // the cycle that was cut off to its end, and on to the next cleanup
      }
      assertThat(state()).as(what).isEqualTo(clean);
    }
  }

  private void begin() {
    bucket.delete(bucket.keys());
    emptyCatalog();
    damageWhatNobodyElseHas();
  }

  private Map<String, String> state() {
    Map<String, String> state = new TreeMap<>();
    List<String> keys = new ArrayList<>(bucket.keys());
    keys.removeIf(key -> key.startsWith(".metadata/") || key.startsWith(ObjectKeys.RECORDS));
    keys.forEach(key -> state.put(key, Arrays.toString(bucket.bytes(key))));
    lost().forEach(entry -> state.put("lost " + entry.key(), ""));
    return state;
  }
}
