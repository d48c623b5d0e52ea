package dev.sheaf.api;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sheaf.bundle.ContentId;
import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.ObjectKeys;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.bundle.history.Ids;
import dev.sheaf.storage.ObjectStore;
import dev.sheaf.storage.catalog.Catalog;
import dev.sheaf.storage.catalog.Rows;
import dev.sheaf.storage.catalog.Statement;
import dev.sheaf.storage.counting.RequestCounts;
import dev.sheaf.storage.parallel.ParallelCalls;
import dev.sheaf.testing.Faults;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What a stream push may name, what it leaves behind, and what it costs. */
class StreamGuardTest {
  private static ApiSite site;

  @BeforeAll
  static void start() {
    site = ApiSite.start();
  }

  private static List<String> keys(String prefix) {
    return site.store().list(prefix, null, null).objects().stream()
        .map(ObjectStore.StoredObject::key)
        .toList();
  }

  private static byte[] stored(String key) {
    try (InputStream in = site.store().get(key, ObjectStore.Read.WHOLE).orElseThrow().body()) {
      return in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A push of one commit whose objects nobody has sent. */
  private static Answer pushNaming(MuseClient client, String... contents) {
    MuseHistory history = new MuseHistory();
    Map<String, String> files = new LinkedHashMap<>();
    for (String content : contents) {
      files.put("f" + files.size(), content);
    }
    return client.pushPack(
        history.pack(history.commit(List.of(), files), List.of()), "main", false);
  }

  /** R1.7: what a bundle brought is there for the push that follows, job or no job. */
  @Test
  void aStreamPushRightAfterABundlePushPassesTheGuard() {
    for (boolean jobFirst : List.of(false, true)) {
      String repo = "r17/job-" + jobFirst;
      TestClient bundles = site.client(repo);
      Map<String, String> files = Map.of("a", "r17 a", "empty", "", "b", "r17 b");
      bundles
          .push(new TestBundle().commit("c1", List.of(), files).bytes(), Map.of("main", "c1"))
          .expect(200);
      if (jobFirst) {
        site.runJobs(repo);
      }
      MuseClient client = new MuseClient(site, repo, bundles.token());
      MuseHistory history = new MuseHistory();
      String head = history.commit(List.of("c1"), files);
      MuseHistory.Pack pack = history.pack(head, List.of());
      assertThat(client.missing(pack.objectIds())).isEmpty();
      client.pushPack(pack, "main", false).expect(200);
      assertThat(client.fetch(List.of(head), List.of()).expect(200).maps("commits")).hasSize(2);
    }
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
    Set<String> uploaded = Set.copyOf(keys("bundles/second/look/"));

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
                    boolean isKept = !Set.copyOf(keys("bundles/second/look/")).equals(uploaded);
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
        keys("bundles/second/look/").stream().filter(key -> !uploaded.contains(key)).toList();
    assertThat(kept).hasSize(1);

    ContentId ours = ContentId.parse(kept.getFirst().substring("bundles/second/look/".length()));
    site.uploadEvent("second/look", ours, stored(kept.getFirst()).length);
    site.passGrace();
    site.runJobs("second/look");
    assertThat(bundles.heads()).containsExactly(Map.entry("main", "c2"));
    bundles
        .get("/objects/" + TestBundle.id("second look").hex())
        .expectError(404, "object_not_found");
  }

  @Test
  void anIdThatTheRepositoryNeverSentIsRefusedWhetherOthersHaveItOrNot() {
    MuseClient owner = site.muse("secret/repo");
    MuseHistory history = new MuseHistory();
    owner.push(history, history.commit(List.of(), Map.of("a", "a secret"))).expect(200);

    MuseClient mallory = site.muse("mallory/repo");
    String known = TestBundle.id("a secret").hex();
    String unknown = TestBundle.id("nobody has this").hex();
    assertThat(mallory.missing(List.of(known, unknown))).containsExactly(known, unknown);
    RequestCounts guessing = site.countAgain();
    Answer guessed = pushNaming(mallory, "a secret").expectError(422, "invalid");
    RequestCounts inventing = site.countAgain();
    Answer invented = pushNaming(mallory, "nobody has this").expectError(422, "invalid");
    assertThat(guessed.detail().replace(known, "ID"))
        .isEqualTo(invented.detail().replace(unknown, "ID"));
    assertThat(guessed.detail()).contains("1 snapshot object(s) not registered");
    assertThat(guessing.asMap()).isEqualTo(inventing.asMap());
    mallory
        .post("/presign", Map.of("object_ids", List.of(known), "direction", "get"))
        .expect(200)
        .map("presigned")
        .forEach((id, url) -> assertThat(url).as(id).isNull());
    site.call(GatewayEvent.of("GET", "/mallory/repo/objects/" + known).token(mallory.token()))
        .expectError(404, "object_not_found");
    assertThat(keys("bundles/mallory/repo/")).isEmpty();

    String[] many = IntStream.range(0, 12).mapToObj(n -> "ghost " + n).toArray(String[]::new);
    assertThat(pushNaming(mallory, many).expectError(422, "invalid").detail())
        .contains("12 snapshot object(s) not registered", "...");
  }

  @Test
  void whatOneRepositoryWasSentDoesNotCountForAnother() {
    MuseHistory history = new MuseHistory();
    String head = history.commit(List.of(), Map.of("a", "sent to one"));
    MuseHistory.Pack pack = history.pack(head, List.of());
    MuseClient one = site.muse("incoming/one");
    one.sendObjects(history, pack.objectIds());
    MuseClient two = site.muse("incoming/two");
    two.pushPack(pack, "main", false).expectError(422, "invalid");
    // Before its push nobody reads it, not even who sent it.
    site.call(
            GatewayEvent.of("GET", "/incoming/one/objects/" + pack.objectIds().getFirst())
                .token(one.token()))
        .expectError(404, "object_not_found");
    one.pushPack(pack, "main", false).expect(200);
  }

  @Test
  void otherBytesUnderAnIdAreRefusedAndTheRightOnesTakenAfterwards() {
    byte[] secret = "x".repeat(70_000).getBytes(UTF_8);
    String id = Ids.object(secret).hex();
    MuseHistory history = new MuseHistory();
    String head = history.commit(List.of(), Map.of("a", secret), "m", MuseHistory.NOON);
    MuseClient owner = site.muse("junk/owner");
    owner.push(history, head).expect(200);

    MuseClient client = site.muse("junk/repo");
    Map<String, ?> urls =
        client.post("/presign", Map.of("object_ids", List.of(id))).expect(200).map("presigned");
    MuseHistory.Pack pack = history.pack(head, List.of());
    for (byte[] junk : List.of("y".repeat(70_000).getBytes(UTF_8), new byte[0])) {
      assertThat(MuseClient.upload(urls.get(id), junk)).isEqualTo(200);
      Answer refused = client.pushPack(pack, "main", false).expectError(422, "invalid");
      assertThat(refused.detail()).contains(id);
      assertThat(client.refs().map("branch_heads")).isEmpty();
      assertThat(keys("bundles/junk/repo/")).isEmpty();
    }
    assertThat(stored(ObjectKeys.object(ContentId.parse(id)))).isEqualTo(secret);
    assertThat(MuseClient.upload(urls.get(id), secret)).isEqualTo(200);
    client.pushPack(pack, "main", false).expect(200);
    assertThat(keys("incoming/junk/repo/")).isEmpty();
  }

  /** The bucket is the truth: the bundles of a clone plan hold what pushes brought, to the byte. */
  @Test
  void storedBundlesTellEverything() {
    MuseClient client = site.muse("truth/repo");
    MuseHistory history = new MuseHistory();
    String one = history.commit(List.of(), Map.of("a", "truth 1", "empty", "", "b", "same"));
    String two = history.commit(List.of(one), Map.of("a", "truth 2", "empty", "", "c", "same"));
    client.push(history, one).expect(200);
    client.push(history, two).expect(200);

    TestClient copy = site.client("truth/copy");
    TestClient reader = new TestClient(site, "truth/repo", Objects.requireNonNull(client.token()));
    Answer plan = reader.post("/clone-plan", Map.of("want", List.of(two), "have", List.of()));
    assertThat(plan.expect(200).maps("bundles")).hasSize(2);
    for (Map<String, ?> bundle : plan.maps("bundles")) {
      copy.push(ApiSite.download(String.valueOf(bundle.get("url"))).body(), Map.of()).expect(200);
    }
    assertThat(copy.heads()).containsExactly(Map.entry("main", two));
    Map<String, Map<String, byte[]>> trees =
        new MuseClient(site, "truth/copy", copy.token()).cloned();
    assertThat(trees).containsOnlyKeys(one, two);
    trees.forEach((commit, tree) -> assertThat(tree).hasSize(3));
  }

  @Test
  void noWorkerHasAnythingLeftToDo() {
    MuseClient client = site.muse("done/repo");
    MuseHistory history = new MuseHistory();
    String head = history.commit(List.of(), Map.of("a", "done"));
    client.push(history, head).expect(200);
    assertThat(site.objectRow(TestBundle.id("done")).flag("cached")).isFalse();
    TestClient reader = new TestClient(site, "done/repo", Objects.requireNonNull(client.token()));
    List<?> before = reader.get("/jobs").maps("jobs");
    assertThat(before)
        .singleElement()
        .satisfies(job -> assertThat(((Map<?, ?>) job).get("status")).isEqualTo("done"));

    String key = keys("bundles/done/repo/").getFirst();
    ContentId bundle = ContentId.parse(key.substring(key.lastIndexOf('/') + 1));
    site.uploadEvent("done/repo", bundle, stored(key).length);
    assertThat(reader.get("/jobs").maps("jobs")).isEqualTo(before);
    assertThat(client.cloned()).containsOnlyKeys(head);
  }

  @Test
  void theHeadIsTheOneCommitThatNoOtherNames() {
    MuseClient client = site.muse("head/repo");
    MuseHistory history = new MuseHistory();
    String base = history.commit(List.of(), Map.of("a", "head"));
    String side = history.commit(List.of(base), Map.of("a", "head side"));
    String merge = history.commit(List.of(base, side), Map.of("a", "head merged"));
    client.sendObjects(history, history.pack(merge, List.of()).objectIds());
    MuseHistory.Pack pack = history.pack(merge, List.of());
    List<Map<String, Object>> sideLast = new ArrayList<>();
    pack.commits().forEach(commit -> sideLast.add(new LinkedHashMap<>(commit)));
    sideLast.sort((a, b) ->
        Boolean.compare(side.equals(a.get("commit_id")), side.equals(b.get("commit_id"))));
    MuseHistory.Pack shuffled =
        new MuseHistory.Pack(List.copyOf(sideLast), pack.snapshots(), pack.objectIds());
    assertThat(client.pushPack(shuffled, "main", false).expect(200).document())
        .containsEntry("remote_head", merge);

    String other = history.commit(List.of(base), Map.of("a", "head other"));
    MuseHistory.Pack both =
        new MuseHistory.Pack(
            List.of(history.record(side), history.record(other)), List.of(), List.of());
    assertThat(client.pushPack(both, "main", false).expectError(422, "invalid").detail())
        .contains("2 heads");
  }

  @Test
  void limitsAreRefusedByName() {
    MuseClient client = site.muse("limits/repo");
    List<Map<String, Object>> commits =
        IntStream.range(0, 10_001)
            .<Map<String, Object>>mapToObj(n ->
                Map.of("commit_id", "c" + n, "snapshot_id", "s", "message", "", "committed_at", ""))
            .toList();
    Map<String, ?> bundle = Map.of("commits", commits);
    assertThat(
            client
                .post("/push", Map.of("bundle", bundle, "branch", "main"))
                .expectError(413, "too_large")
                .detail())
        .contains("10001 commits", "10000");
    String name = "n".repeat(256);
    MuseHistory history = new MuseHistory();
    String head = history.commit(List.of(), Map.of("a", "limits"));
    client.push(history, head, name, false).expectError(422, "invalid");
    assertThat(keys("bundles/limits/repo/")).isEmpty();
  }

  @Test
  void negotiationFindsTheNewestSharedCommit() {
    MuseClient client = site.muse("negotiate/repo");
    MuseHistory history = new MuseHistory();
    List<String> line = new ArrayList<>();
    for (int n = 0; n < 5; n++) {
      line.add(
          history.commit(n == 0 ? List.of() : List.of(line.getLast()), Map.of("a", "line " + n)));
    }
    String side = history.commit(List.of(line.get(1)), Map.of("a", "side"));
    client.push(history, line.getLast()).expect(200);
    client.push(history, side, "side", false).expect(200);

    List<String> want = List.of(line.getLast());
    assertThat(negotiate(client, want, List.of("unknown", line.get(0), line.get(3), side)))
        .containsEntry("ack", List.of(line.get(0), line.get(3), side))
        .containsEntry("common_base", line.get(3))
        .containsEntry("ready", true);
    assertThat(negotiate(client, want, List.of(side)))
        .containsEntry("ack", List.of(side))
        .containsEntry("common_base", null)
        .containsEntry("ready", false);
    assertThat(negotiate(client, want, List.of("unknown"))).containsEntry("ready", false);
    assertThat(negotiate(client, want, List.of()))
        .containsEntry("common_base", null)
        .containsEntry("ready", true);
    RequestCounts counts = site.countAgain();
    negotiate(client, want, List.of(line.get(0), side));
    // The repository, both lists, one page of parents.
    assertThat(counts.asMap()).containsExactly(Map.entry("catalog_statement", 4L));
  }

  private static Map<String, @Nullable Object> negotiate(
      MuseClient client, List<String> want, List<String> have) {
    return client.post("/negotiate", Map.of("want", want, "have", have)).expect(200).document();
  }

  @Test
  void tagsAreKeptInTheBucket() {
    MuseClient client = site.muse("tags/repo");
    MuseHistory history = new MuseHistory();
    String head = history.commit(List.of(), Map.of("a", "tags"));
    client.push(history, head).expect(200);
    Map<String, Object> tag = new LinkedHashMap<>();
    tag.put("tag_id", "t1");
    tag.put("repo_id", "r");
    tag.put("commit_id", head);
    tag.put("tag", "emotion:joyful");
    tag.put("created_at", MuseHistory.NOON);
    assertThat(client.post("/tags", Map.of("tags", List.of(tag))).expect(200).document())
        .containsEntry("stored", 1L);
    assertThat(keys("bundles/tags/repo/"))
        .anySatisfy(key -> assertThat(new String(stored(key), UTF_8)).contains("emotion:joyful"));
    client.post("/tags", Map.of("tags", List.of())).expect(200);
    tag.put("commit_id", "unknown");
    client.post("/tags", Map.of("tags", List.of(tag))).expectError(422, "invalid");
    assertThat(keys("bundles/tags/repo/")).hasSize(2);
    assertThat(client.cloned()).containsOnlyKeys(head);
  }

  @Test
  void idsComeBackAsTheyAreSpelled() {
    MuseClient client = site.muse("spelled/repo");
    String id = TestBundle.id("spelled").prefixed();
    assertThat(client.missing(List.of(id))).containsExactly(id);
    assertThat(client.post("/presign", Map.of("object_ids", List.of(id))).map("presigned"))
        .containsOnlyKeys(id);
    client
        .post(
            "/push/objects",
            Map.of("objects", List.of(MuseClient.object(id, "spelled".getBytes(UTF_8)))))
        .expect(200);
    String head = "sha256:" + "c".repeat(64);
    Map<String, ?> commit =
        Map.of("commit_id", head, "snapshot_id", "s1", "message", "m", "committed_at", "now");
    Map<String, ?> snapshot = Map.of("snapshot_id", "s1", "manifest", Map.of("a", id));
    Map<String, ?> bundle = Map.of("commits", List.of(commit), "snapshots", List.of(snapshot));
    client.post("/push", Map.of("bundle", bundle, "branch", "main")).expect(200);
    assertThat(client.fetch(List.of(head), List.of()).expect(200).maps("objects").getFirst())
        .containsEntry("object_id", id);
  }

  @Test
  void everyRequestIsCounted() {
    MuseClient client = site.muse("count/repo");
    MuseHistory history = new MuseHistory();
    Map<String, byte[]> files = new LinkedHashMap<>();
    for (int n = 0; n < 5; n++) {
      files.put("f" + n, ("count " + n).getBytes(UTF_8));
    }
    MuseHistory.Pack pack =
        history.pack(history.commit(List.of(), files, "m", MuseHistory.NOON), List.of());
    client.refs();

    RequestCounts filter = site.countAgain();
    client.missing(pack.objectIds());
    // The repository, made by the first request; what it lacks.
    assertThat(filter.asMap()).containsExactly(Map.entry("catalog_statement", 2L));

    RequestCounts objects = site.countAgain();
    client.sendObjects(history, pack.objectIds());
    assertThat(objects.asMap())
        .containsOnly(Map.entry("s3_put", 5L), Map.entry("catalog_statement", 2L));

    RequestCounts presign = site.countAgain();
    client.post("/presign", Map.of("object_ids", pack.objectIds())).expect(200);
    assertThat(presign.asMap()).containsExactly(Map.entry("catalog_statement", 1L));

    RequestCounts push = site.countAgain();
    client.pushPack(pack, "main", false).expect(200);
    assertThat(push.asMap())
        .containsEntry("s3_head", 5L)
        .containsEntry("s3_get", 5L)
        // The objects, and the bundle.
        .containsEntry("s3_put", 6L)
        .containsEntry("s3_delete", 1L)
        .containsEntry("catalog_begin", 1L)
        .containsEntry("catalog_commit", 1L)
        .containsEntry("catalog_statement", 9L)
        .hasSize(7);
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
