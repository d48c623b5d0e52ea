package dev.sheaf.api;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sheaf.bundle.ContentId;
import dev.sheaf.bundle.ObjectKeys;
import dev.sheaf.bundle.codec.HistoryCollector;
import dev.sheaf.bundle.codec.ReceivedObject;
import dev.sheaf.bundle.history.Commit;
import dev.sheaf.bundle.history.Ids;
import dev.sheaf.bundle.history.SnapshotResolver;
import dev.sheaf.storage.catalog.Statement;
import dev.sheaf.storage.counting.RequestCounts;
import dev.sheaf.storage.counting.RequestKind;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Fetching inline, as a pack and by a plan of bundles. */
class FetchTest {
  private static ApiSite site;

  /** Two commits of a little text. */
  private static TestClient small;

  /** A history of more than fits into one answer, of content that does not compress. */
  private static TestClient large;

  private static Map<String, byte[]> largeFiles;

  @BeforeAll
  static void start() {
    site = ApiSite.start();
    small = site.client("fetch/small");
    byte[] wire =
        new TestBundle()
            .commit("c1", List.of(), Map.of("same", "same", "a", "a1", "empty", ""))
            .commit("c2", List.of("c1"), Map.of("same", "same", "a", "a2", "empty", ""))
            .bytes();
    small.push(wire, Map.of("main", "c2", "old", "c1")).expect(200);
    largeFiles = noise(6);
    large = site.client("fetch/large");
    large
        .push(
            new TestBundle().commitBytes("big", List.of(), largeFiles).bytes(),
            Map.of("main", "big"))
        .expect(200);
  }

  /** Files of 600 kB each; a bundle of all six is just below what is read at once. */
  private static Map<String, byte[]> noise(int files) {
    Random random = new Random(7);
    Map<String, byte[]> noise = new HashMap<>();
    for (int i = 0; i < files; i++) {
      byte[] content = new byte[600_000];
      random.nextBytes(content);
      noise.put("noise/" + i, content);
    }
    return noise;
  }

  @Test
  void everythingInline() {
    Answer answer = small.fetch(List.of("c2"), List.of()).expect(200);
    assertThat(answer.header("Content-Type")).isEqualTo("application/x-msgpack");
    assertThat(answer.maps("commits")).extracting(c -> c.get("commit_id")).contains("c1", "c2");
    assertThat(answer.maps("snapshots"))
        .allSatisfy(snapshot -> assertThat(snapshot).containsKey("manifest"));
    assertThat(answer.map("branch_heads")).containsEntry("main", "c2").containsEntry("old", "c1");
    assertThat(TestClient.contents(answer))
        .containsOnlyKeys(hex("same"), hex("a1"), hex("a2"), hex(""));
    assertThat(TestClient.contents(answer).get(hex(""))).isEmpty();
  }

  @Test
  void whatIsHadIsNotSentAgain() {
    Answer answer = small.fetch(List.of("c2"), List.of("c1")).expect(200);
    assertThat(answer.maps("commits")).extracting(c -> c.get("commit_id")).containsExactly("c2");
    assertThat(answer.maps("snapshots")).hasSize(1);
    assertThat((Map<?, ?>) answer.maps("snapshots").getFirst().get("manifest")).hasSize(3);
    assertThat(TestClient.contents(answer)).containsOnlyKeys(hex("a2"));
  }

  @Test
  void unknownIdsCountForNothing() {
    Answer nothing = small.fetch(List.of("nowhere"), List.of()).expect(200);
    assertThat(nothing.maps("commits")).isEmpty();
    assertThat(nothing.maps("snapshots")).isEmpty();
    assertThat(nothing.maps("objects")).isEmpty();
    assertThat(small.fetch(List.of("c2", "nowhere"), List.of("also")).maps("commits")).hasSize(2);
    assertThat(small.fetch(List.of(), List.of()).expect(200).maps("commits")).isEmpty();
  }

  @Test
  void inJsonContentIsBase64() {
    Answer answer = small.post("/fetch", Map.of("want", List.of("c1"))).expect(200);
    assertThat(answer.header("Content-Type")).isEqualTo("application/json");
    assertThat(answer.maps("objects"))
        .anySatisfy(object ->
            assertThat(object)
                .containsEntry("object_id", TestBundle.id("a1").prefixed())
                .containsEntry(
                    "content", Base64.getEncoder().encodeToString("a1".getBytes(UTF_8))));
  }

  @Test
  void malformedRequests() {
    small.post("/fetch", Map.of("want", "c1")).expectError(422, "invalid");
    small.post("/fetch", Map.of("want", List.of(1L))).expectError(422, "invalid");
    site.call(small.event("POST", "/fetch").text("application/json", "{"))
        .expectError(400, "malformed");
    site.call(
            small.event("POST", "/fetch").binary("application/x-msgpack", new byte[] {(byte) 0xc1}))
        .expectError(400, "malformed");
    List<String> many = java.util.Collections.nCopies(60_001, "c1");
    small.post("/fetch", Map.of("want", many)).expectError(422, "invalid");
  }

  @Test
  void tooLargeInlineSaysTheWaysOut() {
    growLarge();
    Answer refused = large.fetch(List.of("bigger"), List.of());
    refused.expectError(413, "too_large");
    assertThat(refused.detail()).contains("Sheaf-Pack: url").contains("/clone-plan");
  }

  @Test
  void aPackIsABundleInTheStore() throws IOException {
    growLarge();
    Answer answer = packOf(List.of("bigger"), List.of()).expect(200);
    assertThat(answer.header("Sheaf-Pack")).isEqualTo("url");
    byte[] pack = ApiSite.download(answer.text("pack_url")).body();
    assertThat(Ids.object(pack).hex()).isEqualTo(answer.text("sha256"));
    assertThat(answer.document()).containsEntry("size_bytes", (long) pack.length);
    String etag = site.store().head(ObjectKeys.pack(Ids.object(pack))).orElseThrow().etag();
    assertThat(
            site.catalog()
                .execute(Statement.of("select etag from packs"))
                .first()
                .orElseThrow()
                .text("etag"))
        .as("the next listing proves it")
        .isEqualTo(etag);

    Read read = read(pack);
    assertThat(read.history().commits())
        .extracting(Commit::commitId)
        .containsExactly("big", "bigger");
    Map<String, byte[]> expected = new HashMap<>();
    largeFiles.values().forEach(bytes -> expected.put(Ids.object(bytes).hex(), bytes));
    expected.put(hex("more"), "more".getBytes(UTF_8));
    noise(8).values().forEach(bytes -> expected.put(Ids.object(bytes).hex(), bytes));
    assertThat(read.contents).containsOnlyKeys(expected.keySet());
    expected.forEach((id, bytes) -> assertThat(read.contents.get(id)).isEqualTo(bytes));
    SnapshotResolver.resolve(
        read.history().snapshots(),
        SnapshotResolver.Known.NOTHING,
        (snapshot, manifest) -> assertThat(manifest.objects()).isNotEmpty());
  }

  @Test
  void aPreparedPackIsUsedAgain() {
    growLarge();
    Answer first = packOf(List.of("bigger", "nowhere"), List.of()).expect(200);
    RequestCounts counts = site.countAgain();
    Answer second = packOf(List.of("bigger"), List.of("elsewhere")).expect(200);
    assertThat(second.text("sha256")).isEqualTo(first.text("sha256"));
    assertThat(counts.count(RequestKind.S3_PUT)).isZero();
    assertThat(counts.count(RequestKind.S3_GET)).isZero();
    assertThat(counts.count(RequestKind.S3_HEAD)).isEqualTo(1);
    assertThat(counts.catalog()).isLessThanOrEqualTo(5);
  }

  @Test
  void aPackThatIsGoneIsPreparedAgain() {
    growLarge();
    Answer first = packOf(List.of("bigger"), List.of()).expect(200);
    site.store().delete(List.of(ObjectKeys.pack(ContentId.parse(first.text("sha256")))));
    Answer second = packOf(List.of("bigger"), List.of()).expect(200);
    assertThat(ApiSite.download(second.text("pack_url")).statusCode()).isEqualTo(200);
  }

  @Test
  void aSmallAnswerIsInlineAlsoForThoseWhoTakePacks() {
    Answer answer =
        site.call(
                small
                    .event("POST", "/fetch")
                    .header("Sheaf-Pack", "url")
                    .msgpack(Map.of("want", List.of("c2"))))
            .expect(200);
    assertThat(answer.document()).containsKey("commits").doesNotContainKey("pack_url");
  }

  @Test
  void aPackOnTopOfWhatIsHadStandsAlone() throws IOException {
    growLarge();
    Answer answer = packOf(List.of("bigger"), List.of("big")).expect(200);
    // Two files of noise and a text: small enough to come inline.
    assertThat(TestClient.contents(answer)).hasSize(3);
    assertThat(answer.maps("snapshots")).hasSize(1);
    assertThat((Map<?, ?>) answer.maps("snapshots").getFirst().get("manifest")).hasSize(9);
  }

  @Test
  void aPlanNamesTheBundlesThatWereUploaded() {
    byte[] one = new TestBundle().commit("p1", List.of(), Map.of("p", "1")).bytes();
    byte[] two = new TestBundle().commit("p2", List.of("p1"), Map.of("p", "2")).bytes();
    TestClient client = site.client("fetch/plan");
    client.push(one, Map.of("main", "p1")).expect(200);
    client
        .unpack(
            client.upload(two),
            Map.of("main", "p2"),
            Map.of("expected_heads", Map.of("main", "p1")))
        .expect(200);
    Answer plan = client.post("/clone-plan", Map.of("want", List.of("p2"))).expect(200);
    assertThat(plan.maps("bundles"))
        .extracting(b -> b.get("sha256"))
        .containsExactly(Ids.object(one).hex(), Ids.object(two).hex());
    assertThat(plan.maps("bundles"))
        .extracting(b -> b.get("size_bytes"))
        .containsExactly((long) one.length, (long) two.length);
    assertThat(ApiSite.download(String.valueOf(plan.maps("bundles").getFirst().get("url"))).body())
        .isEqualTo(one);
    assertThat(plan.map("branch_heads")).containsEntry("main", "p2");
    assertThat(plan.text("default_branch")).isEqualTo("main");
    assertThat(client.post("/clone-plan", Map.of()).expect(200).maps("bundles")).hasSize(2);
  }

  @Test
  void aShortPlanCostsAHeadForEachBundle() {
    RequestCounts counts = site.countAgain();
    small.post("/clone-plan", Map.of("want", List.of("c2"))).expect(200);
    assertThat(counts.asMap().keySet()).containsOnly("catalog_statement", "s3_head");
  }

  private static Answer packOf(List<String> want, List<String> have) {
    return site.call(
        large
            .event("POST", "/fetch")
            .header("Sheaf-Pack", "url")
            .msgpack(Map.of("want", want, "have", have)));
  }

  /** A second commit, which brings the history above what one answer may hold. */
  private static void growLarge() {
    if (large.heads().containsValue("bigger")) {
      return;
    }
    site.runJobs("fetch/large");
    Map<String, byte[]> files = new HashMap<>(noise(8));
    files.put("more", "more".getBytes(UTF_8));
    TestBundle bundle = new TestBundle().commitBytes("bigger", List.of("big"), files);
    largeFiles.values().forEach(bytes -> bundle.without(Ids.object(bytes)));
    large.push(bundle.bytes(), Map.of("main", "bigger")).expect(200);
  }

  private static String hex(String content) {
    return TestBundle.id(content).hex();
  }

  private static Read read(byte[] bundle) throws IOException {
    Read read = new Read();
    ApiSite.reader().read(new ByteArrayInputStream(bundle), read);
    return read;
  }

  /** A bundle in memory. */
  private static final class Read extends HistoryCollector {
    private final Map<String, byte[]> contents = new HashMap<>();

    @Override
    public void object(ReceivedObject received) throws IOException {
      try (received) {
        received.decode(object -> {
          try (var in = object.content().open()) {
            contents.put(object.id().hex(), in.readAllBytes());
          }
        });
      }
    }
  }
}
