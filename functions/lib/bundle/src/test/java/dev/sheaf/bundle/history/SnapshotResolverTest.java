package dev.sheaf.bundle.history;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sheaf.bundle.ContentId;
import dev.sheaf.bundle.Samples;
import dev.sheaf.bundle.Seeds;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.bundle.msgpack.PackedMap;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

final class SnapshotResolverTest {
  private static final ContentId X = Ids.object(new byte[] {1});
  private static final ContentId Y = Ids.object(new byte[] {2});

  @ParameterizedTest(name = "seed {0}")
  @MethodSource("dev.sheaf.bundle.Seeds#seeds")
  void anyInputOrderResolves(long seed) throws IOException {
    Samples sample = Samples.random(Seeds.random(seed), IdDialect.BARE);
    List<Snapshot> shuffled = new ArrayList<>(sample.history().snapshots());
    Collections.shuffle(shuffled, new Random(seed));
    assertThat(resolve(shuffled, SnapshotResolver.Known.NOTHING)).isEqualTo(sample.manifests());
    assertThat(resolve(SnapshotOrder.parentsFirst(shuffled), SnapshotResolver.Known.NOTHING))
        .isEqualTo(sample.manifests());
  }

  /** A part of a history resolves against the rest of it, as an incremental bundle must. */
  @ParameterizedTest(name = "seed {0}")
  @MethodSource("dev.sheaf.bundle.Seeds#seeds")
  void knownManifestsAreBuiltOn(long seed) throws IOException {
    Samples sample = Samples.random(Seeds.random(seed), IdDialect.BARE);
    List<Snapshot> all = sample.history().snapshots();
    List<Snapshot> later = all.subList(all.size() / 2, all.size());

    Map<String, Manifest> resolved = resolve(later, sample.manifests()::get);

    assertThat(resolved).hasSize(later.size());
    assertThat(sample.manifests()).containsAllEntriesOf(resolved);
  }

  @Test
  void removalComesBeforeUpsert() throws IOException {
    Snapshot base = Snapshot.full("a", new Manifest(Map.of("kept", X, "gone", X)));
    Snapshot delta = delta("b", "a", Map.of("kept", Y), List.of("gone", "kept", "never there"));
    assertThat(resolve(List.of(delta, base), SnapshotResolver.Known.NOTHING).get("b"))
        .isEqualTo(new Manifest(Map.of("kept", Y)));
  }

  @Test
  void deepChainsNeedNoStack() throws IOException {
    List<Snapshot> chain = new ArrayList<>();
    Map<String, ContentId> start = new HashMap<>();
    for (int i = 0; i < 350; i++) {
      start.put("file" + i, X);
    }
    chain.add(Snapshot.full("s0", new Manifest(start)));
    for (int i = 1; i <= 5000; i++) {
      chain.add(
          delta("s" + i, "s" + (i - 1), Map.of("file" + i % 400, Y), List.of("file" + i % 7)));
    }
    int[] visited = {0};
    SnapshotResolver.resolve(
        chain.reversed(),
        SnapshotResolver.Known.NOTHING,
        (snapshot, manifest) -> {
          assertThat(snapshot.snapshotId()).isEqualTo("s" + visited[0]++);
          assertThat(manifest.objects()).hasSizeBetween(340, 400);
        });
    assertThat(visited[0]).isEqualTo(5001);
  }

  @Test
  void missingParentIsNamed() {
    List<Snapshot> snapshots = List.of(delta("b", "a", Map.of(), List.of()));
    assertThatThrownBy(() -> resolve(snapshots, SnapshotResolver.Known.NOTHING))
        .isInstanceOf(SheafException.class)
        .hasMessageContaining("snapshot b builds on a,");
  }

  @Test
  void allThatIsLostIsReportedOnRequest() throws IOException {
    List<Snapshot> snapshots =
        List.of(
            delta("c", "b", Map.of(), List.of()),
            delta("b", "nowhere", Map.of(), List.of()),
            delta("root", null, Map.of("p", X), List.of()));
    Map<String, String> lost = new LinkedHashMap<>();
    List<String> found = new ArrayList<>();
    SnapshotResolver.resolve(
        snapshots,
        SnapshotResolver.Known.NOTHING,
        new SnapshotResolver.Visitor() {
          @Override
          public void resolved(Snapshot snapshot, Manifest manifest) {
            found.add(snapshot.snapshotId());
          }

          @Override
          public void unresolved(Snapshot snapshot, String missingId) {
            lost.put(snapshot.snapshotId(), missingId);
          }
        });
    assertThat(found).containsExactly("root");
    assertThat(lost).isEqualTo(Map.of("b", "nowhere", "c", "nowhere"));
  }

  @Test
  void cycleIsNamedBeforeAnythingIsVisited() {
    List<Snapshot> snapshots =
        List.of(
            delta("fine", null, Map.of(), List.of()),
            delta("a", "b", Map.of(), List.of()),
            delta("b", "a", Map.of(), List.of()));
    assertThatThrownBy(() ->
            SnapshotResolver.resolve(
                snapshots,
                SnapshotResolver.Known.NOTHING,
                (snapshot, _) -> {
                  throw new AssertionError("visited " + snapshot.snapshotId());
                }))
        .isInstanceOf(SheafException.class)
        .hasMessageContaining("cycle")
        .hasMessageContaining("b builds on a");
  }

  @Test
  void whatLooksLikeACycleButIsWholeIsNone() throws IOException {
    Snapshot whole = new Snapshot("a", true, "b", Map.of("p", X), List.of(), PackedMap.EMPTY);
    assertThat(
            resolve(
                List.of(whole, delta("b", "a", Map.of("q", Y), List.of())),
                SnapshotResolver.Known.NOTHING))
        .containsEntry("b", new Manifest(Map.of("p", X, "q", Y)));
  }

  private static Snapshot delta(
      String id, @Nullable String parent, Map<String, ContentId> upserts, List<String> removed) {
    return new Snapshot(id, false, parent, upserts, removed, PackedMap.EMPTY);
  }

  private static Map<String, Manifest> resolve(
      Collection<Snapshot> snapshots, SnapshotResolver.Known known) throws IOException {
    Map<String, Manifest> resolved = new HashMap<>();
    SnapshotResolver.resolve(
        snapshots,
        known,
        (snapshot, manifest) ->
            assertThat(
                    resolved.put(
                        snapshot.snapshotId(), new Manifest(Map.copyOf(manifest.objects()))))
                .isNull());
    return resolved;
  }
}
