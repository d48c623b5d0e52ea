package dev.sheaf.api;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sheaf.bundle.ContentId;
import dev.sheaf.bundle.history.Ids;
import dev.sheaf.storage.counting.RequestCounts;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * What a small push costs the catalog, from the presigned URL to the job's end: every call of the
 * Data API counts, also those that begin, commit and roll back.
 */
class PushBudgetTest {
  /** The repository, made by the first push, and the expected upload. */
  private static final int PRESIGN = 1;

  /**
   * The repository; objects; snapshots with commits; begin, lock, enqueueing, where refs are, all
   * rows and refs, commit.
   */
  private static final int ANNOUNCE = 9;

  /**
   * Noting the event; the claim with the repository; objects; snapshots with commits; begin, lock,
   * the objects' rows, the end of the job with what its lane holds, commit.
   */
  private static final int JOB = 9;

  /** The repository's row, its branches and bundles; what was written before, and is now. */
  private static final int WRITTEN_DOWN = 5;

  /** The snapshot that a second push builds on. */
  private static final int BASE = 1;

  /** Begin, lock, noting it, commit. */
  private static final int REFUSAL = 4;

  /** The schema's version, once in the life of a process. */
  private static final int START = 1;

  private static ApiSite site;

  @BeforeAll
  static void start() {
    site = ApiSite.start();
  }

  private static byte[] first() {
    return new TestBundle()
        .commit("c1", List.of(), Map.of("a", "alpha", "b", "beta"))
        .head("main", "c1")
        .bytes();
  }

  private static byte[] second() {
    return new TestBundle()
        .delta("c2", "c1", Map.of("a", "alpha", "b", "beta"), Map.of("a", "alpha 2"))
        .head("main", "c2")
        .bytes();
  }

  /** What each part of a push costs. */
  private record Cost(long presign, long announce, long job) {
    long sum() {
      return presign + announce + job;
    }
  }

  private static Cost push(String repo, TestClient client, byte[] wire, String head) {
    RequestCounts presign = site.countAgain();
    ContentId bundle = client.upload(wire);
    RequestCounts announce = site.countAgain();
    client.unpack(bundle, Map.of("main", head)).expect(200);
    return new Cost(presign.catalog(), announce.catalog(), job(repo, wire));
  }

  private static long job(String repo, byte[] wire) {
    RequestCounts job = new RequestCounts();
    site.countedUploadEvent(repo, Ids.object(wire), wire.length, job);
    return job.catalog() - START;
  }

  @Test
  void aFirstPush() {
    Cost cost = push("budget/first", site.client("budget/first"), first(), "c1");
    assertThat(cost).isEqualTo(new Cost(PRESIGN, ANNOUNCE, JOB));
    assertThat(cost.sum()).isLessThanOrEqualTo(20);
  }

  @Test
  void aSecondPush() {
    TestClient client = site.client("budget/second");
    push("budget/second", client, first(), "c1");
    Cost cost = push("budget/second", client, second(), "c2");
    assertThat(cost).isEqualTo(new Cost(PRESIGN, ANNOUNCE + BASE, JOB));
    assertThat(cost.sum()).isLessThanOrEqualTo(20);
    assertThat(client.get("/jobs").maps("jobs"))
        .allSatisfy(job -> assertThat(job).containsEntry("status", "done"));
    assertThat(client.get("/tree/c2").expect(200).maps("entries")).hasSize(2);
  }

  /** Nobody announces it: the event's job does what an announcement would have done. */
  @Test
  void aBareUpload() {
    TestClient client = site.client("budget/bare");
    RequestCounts presign = site.countAgain();
    client.upload(first());
    assertThat(presign.catalog()).isEqualTo(PRESIGN);
    site.execute("delete from uploads");
    // Besides: begin, lock, enqueueing, commit; the decision, where refs are.
    assertThat(job("budget/bare", first())).isEqualTo(JOB + 6);
    assertThat(client.heads()).containsEntry("main", "c1");
  }

  @Test
  void aRefusedPush() {
    TestClient client = site.client("budget/refused");
    push("budget/refused", client, first(), "c1");
    byte[] other =
        new TestBundle().commit("x1", List.of(), Map.of("x", "other")).head("main", "x1").bytes();
    ContentId bundle = client.upload(other);
    RequestCounts announce = site.countAgain();
    client.unpack(bundle, Map.of("main", "x1")).expectError(409, "non_fast_forward");
    // Whether it descends is one statement, rows are not sent; then the refusal is noted.
    assertThat(announce.catalog()).isEqualTo(ANNOUNCE + REFUSAL);
  }

  @Test
  void aPushThatIsThereAlready() {
    TestClient client = site.client("budget/again");
    push("budget/again", client, first(), "c1");
    RequestCounts presign = site.countAgain();
    assertThat(client.presign(first()).expect(200).document()).containsEntry("exists", true);
    assertThat(presign.catalog()).isEqualTo(PRESIGN);
    RequestCounts announce = site.countAgain();
    client.unpack(Ids.object(first()), Map.of("main", "c1")).expect(200);
    // Its refs for the objects are written once more; and since it may have moved a branch back,
    // what only the catalog knows of the repository is written down.
    assertThat(announce.catalog()).isEqualTo(ANNOUNCE + WRITTEN_DOWN);
  }
}
