package dev.sheaf.bundleindex;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sheaf.bundle.SheafException;
import dev.sheaf.bundle.history.Ids;
import dev.sheaf.repository.job.Job;
import dev.sheaf.testing.Crash;
import dev.sheaf.testing.Faults;
import dev.sheaf.testing.FaultyCatalog;
import dev.sheaf.testing.FaultyObjectStore;
import dev.sheaf.testing.TestGit;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Each request of a git bundle's job in turn fails, or is the last that its process lives to see;
 * the job runs again, and leaves what a run without faults leaves.
 */
class GitCrashTest extends GitTest {
  @ParameterizedTest
  @EnumSource(Faults.Way.class)
  void aJobThatDiesAtAnyRequestEndsInTheSameState(Faults.Way way) {
    TestGit git = git();
    String first = git.commit("a.txt", "one\n".repeat(300));
    byte[] base = git.bundle("main");
    git.commit("a.txt", "one\n".repeat(300) + "two");
    byte[] thin = git.bundle("main", "^" + first);

    Run run = new Run(base, thin);
    Faults none = Faults.none();
    run.start(none);
    List<String> clean = rows();
    List<String> bucket = objects();
    assertThat(lastJob("r").status()).isEqualTo(Job.Status.DONE);
    assertThat(packs("r")).hasSize(2);

    for (int request = 1; request <= none.requests(); request++) {
      run.reset();
      Faults faults = Faults.at(request, way);
      run.start(faults);
      String what = way + " at " + request + ": " + none.log().get(request - 1);
      assertThat(faults.happened()).as(what).isTrue();
      run.recover();
      assertThat(lastJob("r").status()).as(what).isEqualTo(Job.Status.DONE);
      assertThat(rows()).as(what).isEqualTo(clean);
      assertThat(objects()).as(what).isEqualTo(bucket);
      assertThat(spool.toFile().list()).as(what).isEmpty();
    }
  }

  /** All rows, but for what each run makes up: the manifest names the repository and the time. */
  private List<String> rows() {
    return dump().stream()
        .map(row -> row.replaceAll("\"(manifest_etag|upload_id)\": \"[^ ]*\"", "\"$1\""))
        .toList();
  }

  private List<String> objects() {
    List<String> objects = new ArrayList<>();
    for (String key : store.keys()) {
      boolean isManifest = key.endsWith("manifest.json");
      objects.add(
          key
              + " "
              + (isManifest
                  ? new String(store.bytes(key), UTF_8)
                      .replace(repo("r").repoId(), "id")
                      .replaceAll("\"as_of\":\"\\w+\"", "\"as_of\":\"\"")
                  : Ids.object(store.bytes(key))));
    }
    return objects;
  }

  /** One run of the second of two bundles. */
  private final class Run {
    private final byte[] base;
    private final byte[] thin;
    private String event = "";

    Run(byte[] base, byte[] thin) {
      this.base = base;
      this.thin = thin;
    }

    void start(Faults faults) {
      handle(upload("r", base));
      event = upload("r", thin);
      try {
        index(new FaultyObjectStore(store, faults), new FaultyCatalog(catalog, faults))
            .handle(event, () -> 600_000);
      } catch (SheafException | Crash e) {
        // Its message comes back, as it does here.
        assertThat(faults.happened()).as(e.toString()).isTrue();
      }
    }

    /** What the queue does: the message is delivered again, later than a claim lasts. */
    void recover() {
      clock.advance(STALE.plus(Duration.ofMinutes(1)));
      queue.drain();
      handle(event);
      runJobs("r");
    }

    void reset() {
      emptyCatalog();
      store.delete(List.copyOf(store.keys()));
      queue.drain();
    }
  }
}
