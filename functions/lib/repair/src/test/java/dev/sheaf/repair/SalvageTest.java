package dev.sheaf.repair;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sheaf.bundle.ObjectKeys;
import dev.sheaf.bundle.history.Ids;
import dev.sheaf.repair.peer.Peers;
import dev.sheaf.testing.Faults;
import dev.sheaf.testing.FaultyObjectStore;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A damaged bundle gives back what in it is not damaged. */
class SalvageTest extends SiteTest {
  private static final String[] CONTENTS = {"first one", "second one", "third one", "fourth one"};

  @BeforeEach
  void pushAndLose() {
    push(repo("r"), CONTENTS);
    runCleanup();
    lose(CONTENTS);
  }

  private String bundleKey() {
    return bundleKey(repo("r"), Ids.object(bundle(CONTENTS)));
  }

  /** Changes a byte of the bundle behind the first place where a text is. */
  private void flipBehind(String text, int distance) {
    byte[] damaged = bucket.bytes(bundleKey()).clone();
    int at = new String(damaged, StandardCharsets.ISO_8859_1).indexOf(text);
    damaged[at + distance] ^= 1;
    bucket.plant(bundleKey(), damaged);
  }

  private List<String> missing() {
    return Arrays.stream(CONTENTS).filter(content -> !has(content)).toList();
  }

  /** Its contents, their kind, a key of its record, its id. */
  @ParameterizedTest
  @ValueSource(ints = {0, -2, -7, -20})
  void aFlippedByteCostsOneObject(int distance) {
    flipBehind("second one", distance);
    RepairTracker tracker = runNormal();
    assertThat(missing()).containsExactly("second one");
    assertThat(count(tracker, Counter.REMADE_FROM_BUNDLE)).isEqualTo(3);
    assertThat(lost()).extracting(LossLedger.Entry::key).containsExactly(key("second one"));
    assertThat(spool).isEmptyDirectory();
  }

  /** What comes before the objects is not needed for them. */
  @Test
  void aFlippedByteElsewhereCostsNothing() {
    byte[] damaged = bucket.bytes(bundleKey()).clone();
    damaged[0] ^= 0x20;
    bucket.plant(bundleKey(), damaged);
    runNormal();
    assertThat(missing()).isEmpty();
    requireSound();
  }

  @Test
  void aBundleThatIsCutGivesWhatIsBefore() {
    byte[] whole = bucket.bytes(bundleKey());
    int at = new String(whole, StandardCharsets.ISO_8859_1).indexOf("third one");
    bucket.plant(bundleKey(), Arrays.copyOf(whole, at + 3));
    runNormal();
    assertThat(missing()).containsExactly("third one", "fourth one");
  }

  @Test
  void whatIsDamagedIsNamed() {
    flipBehind("second one", 0);
    runNormal();
    assertThat(lost())
        .extracting(LossLedger.Entry::reason)
        .containsExactly("it is damaged in " + bundleKey());
  }

  /** A cleanup puts the bundle aside first, and has nothing else to make objects of. */
  @Test
  void objectsComeBackOutOfABundleThatWasPutAside() {
    flipBehind("second one", 0);
    RepairTracker tracker = runCleanup();
    assertThat(bucket.head(bundleKey())).isEmpty();
    assertThat(missing()).containsExactly("second one");
    assertThat(count(tracker, Counter.DAMAGED_KEPT)).isEqualTo(1);
    assertThat(lost())
        .filteredOn(entry -> entry.kind().equals("object"))
        .extracting(LossLedger.Entry::reason)
        .containsExactly("it is damaged in " + ObjectKeys.damaged(bundleKey()));
    lose("fourth one");
    clock.advance(Duration.ofDays(1));
    runNormal();
    assertThat(missing()).containsExactly("second one");
  }

  /** What is damaged here may be sound there: only for the rest a peer is asked. */
  @Test
  void theRestComesFromAPeersBundle() {
    List<String> asked = new ArrayList<>();
    MemoryPeer peer = new MemoryPeer("https://peer.example", spool, asked).with(bundle(CONTENTS));
    peers = new Peers(Optional.of("https://self.example"), List.of(peer), 2);
    flipBehind("second one", 0);
    RepairTracker tracker = runNormal();
    assertThat(missing()).isEmpty();
    assertThat(asked).hasSize(1);
    assertThat(count(tracker, Counter.BUNDLES_READ_AT_PEERS)).isEqualTo(1);
    requireSound();
  }

  /** That a bundle cannot be read to its end now says nothing of it. */
  @Test
  void aReadThatBreaksOffIsNoDamage() {
    Faults none = Faults.none();
    flipBehind("second one", 0);
    runNormal(new FaultyObjectStore(bucket, none));
    List<String> log = none.log();
    String get = "GET " + bundleKey();
    assertThat(log.stream().filter(get::equals)).as("it is read again for what it has").hasSize(2);
    lose(CONTENTS);
    clock.advance(Duration.ofDays(1));
    runNormal(
        new FaultyObjectStore(bucket, Faults.at(log.lastIndexOf(get) + 1, Faults.Way.FAILS_AFTER)));
    clock.advance(Duration.ofDays(1));
    runNormal();
    assertThat(missing()).containsExactly("second one");
  }
}
