package dev.sheaf.api;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sheaf.bundle.Content;
import dev.sheaf.bundle.ContentId;
import dev.sheaf.bundle.ObjectKeys;
import dev.sheaf.bundle.codec.HistoryCollector;
import dev.sheaf.bundle.history.Ids;
import dev.sheaf.repository.Repo;
import dev.sheaf.repository.merge.Merges;
import dev.sheaf.storage.ObjectStore;
import dev.sheaf.storage.counting.RequestCounts;
import dev.sheaf.storage.counting.RequestKind;
import dev.sheaf.storage.wiring.Machine;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Plans name bundles that are there, parents first, in pages. */
class ClonePlanTest {
  private static ApiSite site;

  @TempDir Path temp;

  @BeforeAll
  static void start() {
    site = ApiSite.start();
  }

  private static byte[] bundle(String commit, String... parents) {
    return new TestBundle().commit(commit, List.of(parents), Map.of("f", commit)).bytes();
  }

  private static List<String> shas(Answer plan) {
    return plan.maps("bundles").stream().map(b -> String.valueOf(b.get("sha256"))).toList();
  }

  /** The child's bundle was registered first; only after its parent's came could it be read. */
  @Test
  void parentsComeFirstWhateverArrivedFirst() {
    TestClient client = site.client("plan/order");
    byte[] parent = bundle("o1");
    byte[] child = bundle("o2", "o1");
    client.upload(child);
    site.uploadEvent("plan/order", Ids.object(child), child.length);
    site.passGrace();
    site.runJobs("plan/order");
    client.push(parent, Map.of("main", "o1")).expect(200);
    site.runJobs("plan/order");
    assertThat(client.get("/jobs").maps("jobs"))
        .hasSize(2)
        .allSatisfy(job -> assertThat(job).containsEntry("status", "done"));

    Answer plan = client.post("/clone-plan", Map.of("want", List.of("o2"))).expect(200);
    assertThat(shas(plan)).containsExactly(Ids.object(parent).hex(), Ids.object(child).hex());
    assertThat(plan.document()).containsEntry("complete", true).containsEntry("next", null);
  }

  @Test
  void aBundleThatIsGoneIsNotNamed() {
    TestClient client = site.client("plan/gone");
    byte[] one = bundle("g1");
    byte[] two = bundle("g2", "g1");
    client.push(one, Map.of("main", "g1")).expect(200);
    site.runJobs("plan/gone");
    client.push(two, Map.of("main", "g2")).expect(200);
    site.runJobs("plan/gone");
    site.store().delete(List.of(ObjectKeys.bundle("plan", "gone", Ids.object(one))));

    RequestCounts counts = site.countAgain();
    Answer plan = client.post("/clone-plan", Map.of("want", List.of("g2"))).expect(200);
    assertThat(shas(plan)).containsExactly(Ids.object(two).hex());
    assertThat(plan.document()).containsEntry("complete", false);
    assertThat(counts.count(RequestKind.S3_HEAD)).isEqualTo(2);
    assertThat(counts.count(RequestKind.S3_LIST)).isZero();
    // The objects are there, so the history is still to be had.
    assertThat(client.fetch(List.of("g2"), List.of()).expect(200).maps("commits")).hasSize(2);
  }

  /** A clone gets what compaction made of many bundles, and a pull those that it lacks. */
  @Test
  void aFewStandForManyWhereAllAreWanted() throws IOException {
    TestClient client = site.client("plan/merged");
    for (int i = 1; i <= 12; i++) {
      byte[] wire = i == 1 ? bundle("m1") : bundle("m" + i, "m" + (i - 1));
      client.push(wire, Map.of("main", "m" + i)).expect(200);
    }
    site.runJobs("plan/merged");
    Repo repo = site.repo("plan/merged");
    Merges merges =
        new Merges(site.catalog(), site.store(), temp, Duration.ofDays(2), Machine.CLOCK);
    assertThat(merges.candidates()).contains(repo);
    assertThat(merges.carryOut(repo, merges.plan(repo)).merged()).isEqualTo(12);

    Answer clone = client.post("/clone-plan", Map.of()).expect(200);
    assertThat(shas(clone)).hasSizeLessThan(3);
    assertThat(clone.document()).containsEntry("complete", true);
    List<String> commits = new ArrayList<>();
    for (Map<String, @Nullable Object> listed : clone.maps("bundles")) {
      byte[] bytes = ApiSite.download(String.valueOf(listed.get("url"))).body();
      assertThat(Ids.object(bytes).hex()).isEqualTo(listed.get("sha256"));
      HistoryCollector collector = new HistoryCollector();
      ApiSite.reader().read(new ByteArrayInputStream(bytes), collector);
      collector.history().commits().forEach(commit -> commits.add(commit.commitId()));
    }
    assertThat(commits)
        .containsExactlyElementsOf(IntStream.rangeClosed(1, 12).mapToObj(i -> "m" + i).toList());
    Answer pull = client.post("/clone-plan", Map.of("have", List.of("m10"))).expect(200);
    assertThat(shas(pull))
        .containsExactly(
            Ids.object(bundle("m11", "m10")).hex(), Ids.object(bundle("m12", "m11")).hex());

    // Somebody has emptied the place of what is derived: the uploads are there.
    site.store()
        .delete(
            shas(clone).stream()
                .map(sha -> ObjectKeys.merged("plan", "merged", ContentId.parse(sha)))
                .toList());
    Answer again = client.post("/clone-plan", Map.of()).expect(200);
    assertThat(shas(again)).hasSize(12);
    assertThat(again.document()).containsEntry("complete", true);
  }

  @Test
  void withoutWantEverythingThatIsNamedIsPlanned() {
    TestClient client = site.client("plan/all");
    byte[] main = bundle("a1");
    byte[] topic =
        new TestBundle().commit("t1", List.of(), Map.of("t", "t")).head("topic", "t1").bytes();
    client.push(main, Map.of("main", "a1")).expect(200);
    site.runJobs("plan/all");
    client.push(topic, Map.of()).expect(200);
    site.runJobs("plan/all");
    Answer plan = client.post("/clone-plan", Map.of()).expect(200);
    assertThat(shas(plan)).containsExactly(Ids.object(main).hex(), Ids.object(topic).hex());
    assertThat(plan.map("branch_heads")).containsOnlyKeys("main", "topic");
    assertThat(plan.document()).containsEntry("refs_next", null);
  }

  /** 2,500 bundles in three pages, whose bytes the store has of some only. */
  @Test
  void plansComeInPages() {
    TestClient client = site.client("plan/pages");
    client.push(bundle("p0"), Map.of("main", "p0")).expect(200);
    site.runJobs("plan/pages");
    manyBundles(site.repo("plan/pages").repoId(), 2_500);
    List<Integer> present = List.of(2_499, 3, 1_000, 1_001, 57);
    present.forEach(n ->
        site.store()
            .put(
                ObjectKeys.bundle("plan", "pages", sha(n)),
                Content.of(new byte[] {1}),
                null,
                ObjectStore.Condition.ALWAYS,
                "application/x-msgpack"));

    List<String> found = new ArrayList<>();
    Map<String, @Nullable Object> asked = new HashMap<>(Map.of("want", List.of("k2500")));
    int pages = 0;
    do {
      RequestCounts counts = site.countAgain();
      Answer page = client.post("/clone-plan", asked).expect(200);
      assertThat(counts.catalog()).isLessThanOrEqualTo(8);
      assertThat(counts.count(RequestKind.S3_LIST)).isEqualTo(1);
      assertThat(counts.count(RequestKind.S3_HEAD)).isZero();
      assertThat(page.document()).containsEntry("complete", false);
      assertThat(page.document().containsKey("branch_heads")).isEqualTo(pages == 0);
      found.addAll(shas(page));
      asked.put("after", page.document().get("next"));
      pages++;
    } while (asked.get("after") != null);
    assertThat(pages).isEqualTo(3);
    assertThat(found)
        .containsExactlyElementsOf(
            IntStream.concat(IntStream.of(0), present.stream().mapToInt(n -> n).sorted())
                .mapToObj(n -> n == 0 ? Ids.object(bundle("p0")).hex() : sha(n).hex())
                .toList());
    client
        .post("/clone-plan", Map.of("want", List.of("k2500"), "after", "wanted:1:x"))
        .expectError(422, "invalid");
  }

  private static ContentId sha(int n) {
    return ContentId.parse("%064x".formatted(n));
  }

  /** A chain of commits behind p0, each in a bundle of its own. */
  private static void manyBundles(String repoId, int count) {
    site.execute(
        """
        insert into bundles (repo_id, bundle, seq, size_bytes, state, registered_at)
        select '%1$s', lpad(to_hex(i), 64, '0'), 100 + %2$d - i, 1, 'indexed', now()
        from generate_series(1, %2$d) i
        """
            .formatted(repoId, count));
    site.execute(
        """
        insert into commits
          (repo_id, commit_id, seq, parents, bundle_seq, branch, author, subject, record)
        select '%1$s', 'k' || i, i + 1, array[i], 100 + %2$d - i, 'main', '', '', '\\x00'
        from generate_series(1, %2$d) i
        """
            .formatted(repoId, count));
    site.execute(
        "update repos set last_commit_seq = %d, last_bundle_seq = %d where repo_id = '%s'"
            .formatted(count + 1, count + 100, repoId));
  }
}
