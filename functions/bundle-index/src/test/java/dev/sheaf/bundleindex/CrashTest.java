package dev.sheaf.bundleindex;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sheaf.bundle.SheafException;
import dev.sheaf.repository.job.Job;
import dev.sheaf.testing.Crash;
import dev.sheaf.testing.Faults;
import dev.sheaf.testing.FaultyCatalog;
import dev.sheaf.testing.FaultyObjectStore;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Each request of a job in turn fails, or is the last that its process lives to see; the job runs
 * again, and leaves what a run without faults leaves.
 */
class CrashTest extends IndexTest {
  private static byte[] bundle() {
    TestHistory history = new TestHistory();
    String first = history.commit("first", Map.of("a", "A", "dir/b", "B"));
    String second = history.commit("second", Map.of("a", "A2", "c", "C"), first);
    return history.head("main", second).head("old", first).bundle();
  }

  @ParameterizedTest
  @EnumSource(Faults.Way.class)
  void j22KilledWorkerRestartAtEveryRequest(Faults.Way way) {
    String event = upload("r", bundle());
    Faults none = Faults.none();
    run(event, none);
    List<String> clean = dump();
    List<String> bucket = bucket();
    assertThat(lastJob("r").status()).isEqualTo(Job.Status.DONE);
    assertThat(clean).hasSizeGreaterThan(15);

    for (int request = 1; request <= none.requests(); request++) {
      reset();
      Faults faults = Faults.at(request, way);
      run(event, faults);
      String what = way + " at " + request + ": " + none.log().get(request - 1);
      assertThat(faults.happened()).as(what).isTrue();
      recover(event);
      assertThat(lastJob("r").status()).as(what).isEqualTo(Job.Status.DONE);
      assertThat(dump()).as(what).isEqualTo(clean);
      assertThat(bucket()).as(what).isEqualTo(bucket);
    }
  }

  private void run(String event, Faults faults) {
    try {
      index(new FaultyObjectStore(store, faults), new FaultyCatalog(catalog, faults))
          .handle(event, () -> 600_000);
    } catch (SheafException | Crash e) {
      // Its message comes back, as it does here.
      assertThat(faults.happened()).as(e.toString()).isTrue();
    }
  }

  /** What the queue does: the message is delivered again, later than a claim lasts. */
  private void recover(String event) {
    clock.advance(STALE.plus(Duration.ofMinutes(1)));
    queue.drain();
    handle(event);
  }

  private void reset() {
    emptyCatalog();
    store.delete(store.keys().stream().filter(key -> key.startsWith("objects/")).toList());
    queue.drain();
  }
}
