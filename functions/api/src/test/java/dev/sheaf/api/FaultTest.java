package dev.sheaf.api;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sheaf.bundle.ContentId;
import dev.sheaf.bundle.history.Ids;
import dev.sheaf.testing.Faults;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Each request of a route fails in turn: before it took effect, and after. */
class FaultTest {
  private static final List<Faults.Way> WAYS =
      List.of(Faults.Way.FAILS_BEFORE, Faults.Way.FAILS_AFTER);

  private static ApiSite site;

  @BeforeAll
  static void start() {
    site = ApiSite.start();
  }

  /** A commit of a small file and of one that goes straight to the store. */
  private static byte[] bundle(int seed) {
    byte[] large = new byte[1_100_000];
    new Random(seed).nextBytes(large);
    return new TestBundle()
        .commitBytes(
            "c1", List.of(), Map.of("large", large, "small", ("small" + seed).getBytes(UTF_8)))
        .bytes();
  }

  @Test
  void aPushIsWholeOrNotAtAllAndARerunCompletesIt() {
    Faults none = Faults.none();
    push(0, none).expect(200);
    assertThat(none.requests()).isGreaterThan(8);
    int seed = 1;
    for (int request = 1; request <= none.requests(); request++) {
      for (Faults.Way way : WAYS) {
        Faults faults = Faults.at(request, way);
        Answer answer = push(seed, faults);
        String where = way + " " + request + " of " + faults.log();
        assertThat(faults.happened()).as(where).isTrue();
        answer.expectError(503, "unavailable");
        assertThat(answer.header("Retry-After")).isNotEmpty();
        requireWholeOrNothing(seed, where);

        push(seed, Faults.none()).expect(200);
        TestClient client = client(seed);
        assertThat(client.heads()).as(where).containsExactly(Map.entry("main", "c1"));
        assertThat(client.get("/jobs").maps("jobs")).as(where).hasSize(1);
        assertThat(TestClient.contents(client.fetch(List.of("c1"), List.of()).expect(200)))
            .as(where)
            .containsKey(TestBundle.id("small" + seed).hex())
            .hasSize(2);
        seed++;
      }
    }
  }

  @Test
  void aPackIsPreparedOrNot() {
    TestClient client = site.client("fault/pack");
    Map<String, byte[]> files = new HashMap<>();
    Random random = new Random(11);
    for (int i = 0; i < 5; i++) {
      byte[] content = new byte[800_000];
      random.nextBytes(content);
      files.put("f" + i, content);
    }
    byte[] one = new TestBundle().commitBytes("c1", List.of(), files).bytes();
    byte[] more = new byte[900_000];
    random.nextBytes(more);
    files.put("more", more);
    TestBundle two = new TestBundle().commitBytes("c2", List.of("c1"), files);
    files.forEach((path, bytes) -> two.without(Ids.object(bytes)));
    two.object(Ids.object(more), more);
    client.push(one, Map.of("main", "c1")).expect(200);
    site.runJobs("fault/pack");
    client.push(two.bytes(), Map.of("main", "c2")).expect(200);

    Faults none = Faults.none();
    pack(client, none).expect(200);
    for (int request = 1; request <= none.requests(); request++) {
      for (Faults.Way way : waysOf(none.log().get(request - 1))) {
        site.execute("delete from packs");
        Faults faults = Faults.at(request, way);
        pack(client, faults).expectError(503, "unavailable");
        assertThat(faults.happened()).isTrue();
        Answer again = pack(client, Faults.none()).expect(200);
        byte[] pack = ApiSite.download(again.text("pack_url")).body();
        assertThat(Ids.object(pack).hex()).isEqualTo(again.text("sha256"));
      }
    }
  }

  /** A read that took effect before it failed is one that failed. */
  private static List<Faults.Way> waysOf(String request) {
    boolean writes = request.startsWith("PUT") || request.startsWith("insert");
    return writes ? WAYS : List.of(Faults.Way.FAILS_BEFORE);
  }

  private static Answer pack(TestClient client, Faults faults) {
    GatewayEvent event =
        client
            .event("POST", "/fetch")
            .header("Sheaf-Pack", "url")
            .json(Map.of("want", List.of("c2")));
    return site.call(event, faults);
  }

  private static TestClient client(int seed) {
    return site.client("fault/push-" + seed);
  }

  private static Answer push(int seed, Faults faults) {
    TestClient client = client(seed);
    ContentId bundle = client.upload(bundle(seed));
    return site.call(client.unpackEvent(bundle, Map.of("main", "c1"), Map.of()), faults);
  }

  private static void requireWholeOrNothing(int seed, String where) {
    TestClient client = client(seed);
    String small = TestBundle.id("small" + seed).hex();
    if (client.heads().isEmpty()) {
      client.get("/objects/" + small).expect(404);
      client.get("/tree/c1").expect(404);
      assertThat(client.get("/jobs").maps("jobs")).as(where).isEmpty();
    } else {
      client.get("/objects/" + small).expect(200);
      client.get("/tree/c1").expect(200);
      assertThat(client.get("/jobs").maps("jobs")).as(where).hasSize(1);
    }
  }
}
