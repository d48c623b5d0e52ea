package dev.sheaf.bundleindex;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sheaf.repository.job.Job;
import dev.sheaf.repository.job.WakeUp;
import dev.sheaf.storage.counting.CountingCatalog;
import dev.sheaf.storage.counting.CountingObjectStore;
import dev.sheaf.storage.counting.RequestCounts;
import dev.sheaf.storage.counting.RequestKind;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** What a job costs in requests. */
class RequestBudgetTest extends IndexTest {
  /**
   * Noting the event; making the repository; begin, lock, enqueueing, commit; claiming. That
   * nothing is left is said by the end of the job.
   */
  private static final int MESSAGE = 7;

  /**
   * Known snapshots and commits; begin, lock, the decision, where refs are, all rows and refs, the
   * end of the job, commit.
   */
  private static final int JOB = 8;

  /** The schema's version, once in the life of a process. */
  private static final int START = 1;

  /** Batches of 64, 512, 4096, 4096, ... objects, one look-up each. */
  private static int lookUps(int objects) {
    int batches = 0;
    int batch = 64;
    for (int rest = objects; rest > 0; rest -= batch, batch = Math.min(4_096, 8 * batch)) {
      batches++;
      if (rest <= batch) {
        break;
      }
    }
    return batches;
  }

  private static TestHistory history(int commits, int files) {
    TestHistory history = new TestHistory();
    String tip = "";
    for (int i = 0; i < commits; i++) {
      Map<String, String> changes = new TreeMap<>();
      for (int f = 0; f < files; f++) {
        changes.put("f" + f, "content " + i + " " + f);
      }
      tip = i == 0 ? history.commit("c" + i, changes) : history.commit("c" + i, changes, tip);
    }
    return history.head("main", tip);
  }

  private RequestCounts index(String event) {
    RequestCounts counts = new RequestCounts();
    index(new CountingObjectStore(store, counts), new CountingCatalog(catalog, counts))
        .handle(event, () -> 600_000);
    return counts;
  }

  @Test
  void aBundleCostsOneGetAPutAnObjectAndABoundedNumberOfStatements() {
    for (int[] shape : List.of(new int[] {1, 3}, new int[] {40, 5}, new int[] {300, 3})) {
      emptyCatalog();
      int objects = shape[0] * shape[1];
      String event = upload("r" + objects, history(shape[0], shape[1]).bundle());

      RequestCounts counts = index(event);

      assertThat(counts.count(RequestKind.S3_GET)).isEqualTo(1);
      assertThat(counts.count(RequestKind.S3_PUT)).isEqualTo(objects);
      assertThat(counts.count(RequestKind.S3_HEAD)).isZero();
      assertThat(counts.count(RequestKind.S3_LIST)).isZero();
      // More than 256 KB of rows do not wait for the refs.
      int large = objects > 500 ? 1 : 0;
      assertThat(counts.catalog()).isEqualTo(START + MESSAGE + lookUps(objects) + JOB + large);
      assertThat(counts.catalog()).isLessThanOrEqualTo(20);
    }
  }

  @Test
  void aSecondJobPutsNothing() {
    String event = upload("r", history(40, 5).bundle());
    index(event);
    assertThat(jobs().retry(repo("r").repoId(), lastJob("r").jobId())).isTrue();

    RequestCounts counts = index(WakeUp.of(repo("r").repoId()).body());

    assertThat(lastJob("r").status()).isEqualTo(Job.Status.DONE);
    assertThat(counts.count(RequestKind.S3_GET)).isEqualTo(1);
    assertThat(counts.count(RequestKind.S3_PUT)).isZero();
    assertThat(counts.catalog()).isLessThan(16);
  }

  @Test
  void theResultCountsTheRequestsOfTheJob() {
    RequestCounts counts = index(upload("r", history(40, 5).bundle()));
    var requests = json(String.valueOf(lastJob("r").result())).path("requests");
    assertThat(requests.path("s3_get").asInt()).isEqualTo(1);
    assertThat(requests.path("s3_put").asInt()).isEqualTo(200);
    int catalog =
        requests.path("catalog_begin").asInt()
            + requests.path("catalog_statement").asInt()
            + requests.path("catalog_commit").asInt();
    assertThat(catalog + START + MESSAGE).isEqualTo((int) counts.catalog());
  }
}
