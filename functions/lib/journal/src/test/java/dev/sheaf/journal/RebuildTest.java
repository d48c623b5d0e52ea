package dev.sheaf.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sheaf.bundle.SheafException;
import dev.sheaf.journal.Operation.IntAdd;
import dev.sheaf.journal.Operation.IntMapAdd;
import dev.sheaf.journal.Operation.ListAppend;
import dev.sheaf.journal.Operation.ScalarSet;
import dev.sheaf.journal.json.Json;
import dev.sheaf.journal.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.Test;

/** A writer and a tick that meet, at every point where they can. */
@DisplayNameGeneration(ScenarioNames.class)
class RebuildTest {
  private static final Operation ONE = new IntAdd("n", 1);
  private static final JournalOptions EAGER =
      Site.OPTIONS.withPutTimeout(Duration.ofSeconds(1)).withThresholds(1, Duration.ofSeconds(2));

  private final FakeBucket bucket = new FakeBucket();
  private final Site site = new Site(bucket, "git");

  private static List<Operation> ops(Operation... ops) {
    return EncodedOps.of(List.of(ops)).asRead();
  }

  @Test
  void applyDuringRebuildSurvives() {
    site.apply(ONE);
    NamespaceListing listing = site.store.list();
    site.replica.adopt(listing);
    Map<String, CachedSegment> input =
        Objects.requireNonNull(site.replica.evict(listing, Map.of(), site.replica.nanoTime()));
    State rebuilt = site.replica.replay(input);
    site.replica.commit("segment-zz.json", ops(new ListAppend("l", Json.of("b")), ONE));
    site.replica.commit("segment-zzz.json", ops(new ListAppend("l", Json.of("c"))));
    site.replica.swap(rebuilt, input.keySet(), Map.of());
    assertThat(site.state().toString()).isEqualTo("{\"l\":[\"b\",\"c\"],\"n\":2}");
  }

  @Test
  void stagedThenWriterInsertNoDouble() {
    bucket.next("PUT segment", FakeBucket.after(site::flush)); // reads our own segment back
    site.apply(ONE);
    assertThat(site.integer("n")).isEqualTo(1);
    site.flush();
    assertThat(site.integer("n")).isEqualTo(1);
  }

  @Test
  void writerInsertBetweenSnapshotAndSwapNoDouble() {
    CachedSegment staged = new CachedSegment(ops(ONE), bucket.now().toEpochMilli(), 0);
    NamespaceListing listing =
        NamespaceListing.of(List.of(new NamespaceListing.Listed("segment-a.json", bucket.now())));
    Map<String, CachedSegment> input =
        site.replica.evict(listing, Map.of("segment-a.json", staged), site.replica.nanoTime());
    assertThat(input).isNotNull();
    State rebuilt = site.replica.replay(Map.of("segment-a.json", staged));
    site.replica.commit("segment-a.json", ops(ONE));
    site.replica.swap(rebuilt, Set.of("segment-a.json"), Map.of("segment-a.json", staged));
    assertThat(site.integer("n")).isEqualTo(1);
  }

  @Test
  void abortedTickDoesNotHideOwnWrite() {
    String poison = ".metadata/git/segment-poison.json";
    bucket.place(poison, "garbage".getBytes(StandardCharsets.UTF_8), bucket.now());
    bucket.next(
        "PUT segment",
        FakeBucket.after(() -> assertThatThrownBy(site::flush).isInstanceOf(SheafException.class)));
    site.apply(ONE);
    assertThat(site.integer("n")).isEqualTo(1);
    bucket.objects.remove(poison);
    site.flush();
    assertThat(site.integer("n")).isEqualTo(1);
  }

  @Test
  void unlistedFoldedEntryEvicted() {
    Site compactor = new Site(bucket, "git", EAGER);
    bucket.next("PUT segment", FakeBucket.after(() -> foldEverything(compactor)));
    String cutOff = site.apply(ONE); // told of its success only when all was over
    assertThat(bucket.objects.keySet()).noneMatch(key -> key.endsWith(cutOff));
    site.flush();
    assertThat(site.integer("n")).isEqualTo(1);
    assertThat(site.replica.ops(cutOff)).isNull();
  }

  private void foldEverything(Site compactor) {
    bucket.advance(Duration.ofSeconds(5));
    compactor.apply(new IntAdd("clock", 1));
    compactor.backgroundTick();
    assertThat(compactor.backgroundTick().folded()).isEqualTo(1);
  }

  @Test
  void freshUnlistedEntryKeptWhenListStartedEarlier() {
    bucket.next("GET list", FakeBucket.after(() -> site.apply(ONE)));
    site.flush();
    assertThat(site.integer("n")).isEqualTo(1);
    site.flush();
    assertThat(site.integer("n")).isEqualTo(1);
  }

  @Test
  void scalarMapValueNotAliased() {
    Json value = Json.object().put("\"c\"", 1).build();
    site.apply(new ScalarSet("n", value), new IntMapAdd("n", Json.of("c"), 1));
    for (int i = 0; i < 3; i++) {
      site.flush();
      assertThat(site.state().toString()).isEqualTo("{\"n\":{\"\\\"c\\\"\":2}}");
    }
    Site cold = new Site(bucket, "git");
    cold.flush();
    assertThat(cold.state()).isEqualTo(site.state());
  }

  @Test
  void rebaseAfterTwoCompactions() {
    Site compactor = new Site(bucket, "git", EAGER);
    site.apply(ONE);
    site.flush();
    foldEverything(compactor);
    bucket.advance(Duration.ofSeconds(5));
    compactor.apply(new ListAppend("l", Json.of("x")));
    foldEverythingAgain(compactor);
    site.apply(ONE);
    site.flush();
    Site cold = new Site(bucket, "git");
    cold.flush();
    assertThat(site.integer("n")).isEqualTo(2);
    assertThat(site.state()).isEqualTo(cold.state()).isNotEqualTo(JsonObject.EMPTY);
  }

  private void foldEverythingAgain(Site compactor) {
    bucket.advance(Duration.ofSeconds(5));
    compactor.apply(new IntAdd("clock", 1));
    compactor.backgroundTick();
    assertThat(compactor.backgroundTick().folded()).isGreaterThanOrEqualTo(2);
  }

  @Test
  void quietTickReplaysNothing() {
    site.apply(ONE);
    site.flush();
    NamespaceListing listing = site.store.list();
    assertThat(site.replica.adopt(listing)).isEmpty();
    assertThat(site.replica.evict(listing, Map.of(), site.replica.nanoTime())).isNull();
  }
}
