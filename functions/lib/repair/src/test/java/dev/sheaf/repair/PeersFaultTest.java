package dev.sheaf.repair;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sheaf.bundle.ObjectKeys;
import dev.sheaf.bundle.history.Ids;
import dev.sheaf.repair.peer.Peers;
import dev.sheaf.repair.presence.Kind;
import dev.sheaf.repository.Repo;
import dev.sheaf.testing.Faults;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A cleanup among sites, cut off anywhere: a bundle and an object come from a peer, an object out
 * of a peer's bundle, and a bundle that others are to have goes.
 */
class PeersFaultTest extends SiteTest {
  private static final String SELF = "https://self.example";

  /** Two sites of three are to have each bundle. */
  private List<String> placedHere(boolean isMine) {
    return IntStream.range(0, 100)
        .mapToObj(i -> "content " + i)
        .filter(text -> peers.isMine(Kind.BUNDLE, Ids.object(bundle(text))) == isMine)
        .toList();
  }

  private void prepare() {
    bucket.delete(bucket.keys());
    emptyCatalog();
    queue.drain();
    List<MemoryPeer> all =
        IntStream.rangeClosed(1, 2)
            .mapToObj(
                i -> new MemoryPeer("https://peer" + i + ".example", spool, new ArrayList<>()))
            .toList();
    peers = new Peers(Optional.of(SELF), List.copyOf(all), 2);
    Iterator<String> mine = placedHere(true).iterator();
    Iterator<String> others = placedHere(false).iterator();
    String lost = mine.next();
    String surplus = others.next();
    String remote = others.next();
    Repo repo = repo("r");
    push(repo, lost);
    push(repo, surplus);
    push(repo, remote);
    pushWithoutBundle(repo, "lonely");
    runCleanup();
    clock.advance(Duration.ofDays(8));
    for (MemoryPeer peer : all) {
      peer.with(bundle(lost)).with(bundle(surplus)).with(bundle(remote)).with("lonely");
    }
    lose("lonely", remote);
    bucket.delete(
        List.of(
            bundleKey(repo, Ids.object(bundle(lost))),
            bundleKey(repo, Ids.object(bundle(remote)))));
  }

  private List<String> state() {
    List<String> state = new ArrayList<>();
    for (String key : bucket.keys()) {
      if (!key.startsWith(".metadata/")) {
        // Of a repository's record the times differ.
        boolean isRecord = key.startsWith(ObjectKeys.RECORDS);
        state.add(key + (isRecord ? "" : " " + bucket.head(key).orElseThrow().etag()));
      }
    }
    lost().forEach(entry -> state.add("lost " + entry.key()));
    return state;
  }

  @ParameterizedTest
  @EnumSource(Faults.Way.class)
  void everyRequestMayFailOrBeTheLast(Faults.Way way) {
    prepare();
    int before = state().size();
    Faults none = Faults.none();
    cleanUp(none);
    List<String> clean = state();
    // A bundle and two objects have come, one bundle has gone.
    assertThat(clean).hasSize(before + 2);
    assertThat(none.log()).anyMatch(request -> request.startsWith("DELETE bundles/"));
    for (int request = 1; request <= none.requests(); request++) {
      prepare();
      Faults faults = Faults.at(request, way);
      cleanUp(faults);
      String what = way + " at " + request + ": " + none.log().get(request - 1);
      assertThat(faults.happened()).as(what).isTrue();
      freeLease();
      for (int i = 0; i < 6 && !state().equals(clean); i++) {
        run();
      }
      assertThat(state()).as(what).isEqualTo(clean);
      assertThat(spool).as(what).isEmptyDirectory();
    }
  }
}
