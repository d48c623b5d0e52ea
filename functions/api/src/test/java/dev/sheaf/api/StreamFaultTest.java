package dev.sheaf.api;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sheaf.bundle.ContentId;
import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.storage.catalog.Catalog;
import dev.sheaf.storage.catalog.Rows;
import dev.sheaf.storage.catalog.Statement;
import dev.sheaf.storage.parallel.ParallelCalls;
import dev.sheaf.testing.Faults;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What a stream push leaves where requests fail, or others push meanwhile. */
class StreamFaultTest {
  private static ApiSite site;

  @BeforeAll
  static void start() {
    site = ApiSite.start();
  }

  /** Its bundle was put before the commit that others were in the way of. */
  @Test
  void aPushThatIsRefusedAtItsSecondLookStaysRefused() {
    TestClient bundles = site.client("second/look");
    bundles
        .push(new TestBundle().commit("c1", List.of(), Map.of()).bytes(), Map.of("main", "c1"))
        .expect(200);
    site.runJobs("second/look");
    MuseHistory history = new MuseHistory();
    MuseHistory.Pack pack =
        history.pack(history.commit(List.of("c1"), Map.of("a", "second look")), List.of());
    MuseClient client = new MuseClient(site, "second/look", bundles.token());
    byte[] content = "second look".getBytes(UTF_8);
    client
        .post(
            "/push/objects",
            Map.of("objects", List.of(MuseClient.object(ApiSite.sha256(content).hex(), content))))
        .expect(200);
    TestBundle other = new TestBundle().commit("c2", List.of("c1"), Map.of("b", "other"));
    ContentId theirs = bundles.upload(other.bytes());
    Set<String> uploaded = Set.copyOf(site.keys("bundles/second/look/"));

    AtomicBoolean wasInTheWay = new AtomicBoolean();
    site.through(
        new Catalog() {
          @Override
          public Rows execute(Statement statement) {
            return site.catalog().execute(statement);
          }

          @Override
          public <T extends @Nullable Object> T transaction(Function<Catalog, T> work) {
            try {
              return site.catalog()
                  .transaction(inner -> {
                    T result = work.apply(inner);
                    boolean isKept =
                        !Set.copyOf(site.keys("bundles/second/look/")).equals(uploaded);
                    if (isKept && !wasInTheWay.getAndSet(true)) {
                      throw new SheafException(ErrorKind.CONFLICT, "deadlock detected");
                    }
                    return result;
                  });
            } catch (SheafException e) {
              if ("deadlock detected".equals(e.getMessage())) {
                site.callUnread(
                    bundles.unpackEvent(
                        theirs,
                        Map.of("main", "c2"),
                        Map.of("expected_heads", Map.of("main", "c1"))));
                site.runJobs("second/look");
              }
              throw e;
            }
          }
        });
    Answer refused = client.pushPack(pack, "main", false);
    site.countAgain();
    refused.expectError(409, "non_fast_forward");
    List<String> kept =
        site.keys("bundles/second/look/").stream().filter(key -> !uploaded.contains(key)).toList();
    assertThat(kept).hasSize(1);

    ContentId ours = ContentId.parse(kept.getFirst().substring("bundles/second/look/".length()));
    site.uploadEvent("second/look", ours, site.stored(kept.getFirst()).length);
    site.passGrace();
    site.runJobs("second/look");
    assertThat(bundles.heads()).containsExactly(Map.entry("main", "c2"));
    bundles
        .get("/objects/" + TestBundle.id("second look").hex())
        .expectError(404, "object_not_found");
  }

  /** Each request of a push fails in turn, before it took effect and after. */
  @Test
  void aPushIsWholeOrNotAtAllAndARerunCompletesIt() {
    Faults none = Faults.none();
    faulty(0, none).expect(200);
    assertThat(none.requests()).isGreaterThan(15);
    int seed = 1;
    for (int request = 1; request <= none.requests(); request++) {
      for (Faults.Way way : List.of(Faults.Way.FAILS_BEFORE, Faults.Way.FAILS_AFTER)) {
        Faults faults = Faults.at(request, way);
        Answer answer = faulty(seed, faults);
        String where = way + " " + request + " of " + faults.log();
        assertThat(faults.happened()).as(where).isTrue();
        // Clearing away is no part of the push.
        assertThat(answer.status()).as(where).isIn(503, where.contains("DELETE") ? 200 : 503);
        MuseClient client = site.muse("fault/stream-" + seed);
        boolean landed = !client.refs().expect(200).map("branch_heads").isEmpty();
        assertThat(client.cloned()).as(where).hasSize(landed ? 1 : 0);

        MuseHistory history = history(seed);
        String head = history.commit(List.of(), files(seed));
        client.push(history, head).expect(200);
        assertThat(client.cloned()).as(where).containsOnlyKeys(head);
        seed++;
      }
    }
  }

  private static MuseHistory history(int seed) {
    MuseHistory history = new MuseHistory();
    history.commit(List.of(), files(seed));
    return history;
  }

  private static Map<String, String> files(int seed) {
    return Map.of("a", "stream " + seed, "b", "fault " + seed);
  }

  private static Answer faulty(int seed, Faults faults) {
    MuseClient client = site.muse("fault/stream-" + seed);
    MuseHistory history = new MuseHistory();
    String head = history.commit(List.of(), files(seed));
    MuseHistory.Pack pack = history.pack(head, List.of());
    client.missing(pack.objectIds());
    client.sendObjects(history, pack.objectIds());
    return site.call(client.pushEvent(pack, "main", false), faults);
  }

  @Test
  void pushesOfSeveralBranchesAtOnceAllEnd() {
    MuseClient client = site.muse("many/repo");
    MuseHistory history = new MuseHistory();
    String base = history.commit(List.of(), Map.of("a", "many", "shared", "shared"));
    List<String> heads = new ArrayList<>();
    for (int n = 0; n < 6; n++) {
      heads.add(history.commit(List.of(base), Map.of("a", "many " + n, "shared", "shared")));
    }
    try (ParallelCalls<Answer> pushes = new ParallelCalls<>(6)) {
      for (int n = 0; n < 6; n++) {
        String branch = "b" + n;
        String head = heads.get(n);
        pushes.submit(() -> untilNotBusy(client, history, head, branch));
      }
      assertThat(pushes.results()).allSatisfy(answer -> answer.expect(200));
    }
    assertThat(client.refs().map("branch_heads").values())
        .containsExactlyElementsOf(List.copyOf(heads));
    assertThat(client.cloned()).hasSize(7);
  }

  private static Answer untilNotBusy(
      MuseClient client, MuseHistory history, String head, String branch) {
    Answer answer = client.push(history, head, branch, false);
    for (int attempt = 0; attempt < 10 && answer.status() == 503; attempt++) {
      answer = client.push(history, head, branch, false);
    }
    return answer;
  }
}
