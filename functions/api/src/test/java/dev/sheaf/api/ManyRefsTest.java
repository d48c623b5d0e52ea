package dev.sheaf.api;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sheaf.storage.counting.RequestCounts;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** A repository of 85,000 branches: readable, pushable, in bounded steps. */
class ManyRefsTest {
  private static final int BRANCHES = 85_000;

  /** What one answer of a function may be. */
  private static final int ANSWER_BYTES = 4 << 20;

  private static ApiSite site;
  private static TestClient client;

  @BeforeAll
  static void start() {
    site = ApiSite.start();
    client = site.client("refs/many");
    client
        .push(
            new TestBundle().commit("c1", List.of(), Map.of("f", "1")).bytes(),
            Map.of("main", "c1"))
        .expect(200);
    site.runJobs("refs/many");
    String repoId = site.repo("refs/many").repoId();
    site.execute(
        """
        insert into branches (repo_id, name, head_commit_id, updated_at)
        select '%s', 'topic/' || lpad(i::text, 6, '0'), 'c1', now() from generate_series(1, %d) i
        """
            .formatted(repoId, BRANCHES - 1));
  }

  @Test
  void refsComeInPages() {
    for (String accept : List.of("application/json", "application/x-msgpack")) {
      Set<String> branches = new HashSet<>();
      Object next = "";
      int pages = 0;
      while (next != null) {
        String query = next.equals("") ? "" : "?after=" + next;
        RequestCounts counts = site.countAgain();
        Answer page =
            site.call(client.event("GET", "/refs" + query).header("Accept", accept)).expect(200);
        assertThat(counts.catalog()).isLessThanOrEqualTo(10);
        assertThat(page.bytes().length).isLessThan(ANSWER_BYTES);
        page.map("branch_heads").keySet().forEach(name -> assertThat(branches.add(name)).isTrue());
        next = page.document().get("next");
        pages++;
      }
      assertThat(pages).isBetween(8, 11);
      assertThat(branches).hasSize(BRANCHES).contains("main", "topic/011999");
    }
  }

  @Test
  void anOldClientIsToldThatThereIsMore() {
    Answer first = client.get("/refs").expect(200);
    assertThat(first.map("branch_heads")).hasSize(10_000);
    assertThat(first.text("next")).isEqualTo("topic/009999");
  }

  @Test
  void itCanBeClonedAndBrowsed() {
    RequestCounts counts = site.countAgain();
    Answer plan = client.post("/clone-plan", Map.of()).expect(200);
    assertThat(counts.catalog()).isLessThanOrEqualTo(16);
    assertThat(plan.bytes().length).isLessThan(ANSWER_BYTES);
    assertThat(plan.maps("bundles")).hasSize(1);
    assertThat(plan.text("refs_next")).startsWith("topic/");

    counts = site.countAgain();
    client.get("/commits?branch=topic%2F000007").expect(200);
    assertThat(counts.catalog()).isLessThanOrEqualTo(6);
    counts = site.countAgain();
    client.get("/tree/main").expect(200);
    assertThat(counts.catalog()).isLessThanOrEqualTo(8);
  }

  @Test
  void itCanBeFetched() {
    RequestCounts counts = site.countAgain();
    Answer fetched = client.fetch(List.of("c1"), List.of()).expect(200);
    assertThat(counts.catalog()).isLessThanOrEqualTo(16);
    assertThat(fetched.bytes().length).isLessThan(ANSWER_BYTES);
    assertThat(fetched.map("branch_heads")).hasSize(10_000);
  }

  @Test
  void itCanBePushedTo() {
    byte[] wire = new TestBundle().commit("c2", List.of("c1"), Map.of("f", "2")).bytes();
    RequestCounts counts = site.countAgain();
    Answer pushed = client.push(wire, Map.of("fresh", "c2")).expect(200);
    assertThat(counts.catalog()).isLessThanOrEqualTo(60);
    assertThat(pushed.bytes().length).isLessThan(ANSWER_BYTES);
    assertThat(pushed.map("branch_heads")).hasSize(10_000).containsKey("fresh");
    assertThat(pushed.text("refs_next")).startsWith("topic/");
    assertThat(
            client.unpack(ApiSite.sha256(wire), Map.of(), Map.of("branch", "fresh", "head", "c2")))
        .satisfies(again -> assertThat(again.text("remote_head")).isEqualTo("c2"));
    site.runJobs("refs/many");
    assertThat(client.post("/clone-plan", Map.of()).expect(200).maps("bundles")).hasSize(2);
    site.execute("delete from branches where name = 'fresh'");
  }
}
