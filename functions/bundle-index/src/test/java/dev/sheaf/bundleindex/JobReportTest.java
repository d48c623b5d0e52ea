package dev.sheaf.bundleindex;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sheaf.repository.intake.IncomingHistory;
import dev.sheaf.repository.intake.Phase;
import dev.sheaf.repository.intake.PhaseClock;
import dev.sheaf.repository.job.Job;
import dev.sheaf.storage.counting.RequestCounts;
import dev.sheaf.storage.wiring.Machine;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What a job says about itself. */
class JobReportTest extends IndexTest {
  private static final List<String> TIMINGS =
      List.of(
          "fetch_bundle_ms",
          "unpack_ms",
          "snapshot_insert_ms",
          "commit_insert_ms",
          "object_puts_ms",
          "object_insert_ms",
          "object_refs_ms");

  private static byte[] bundle() {
    TestHistory history = new TestHistory();
    String first = history.commit("first", Map.of("a", "A", "b", "B"));
    return history.head("main", history.commit("second", Map.of("a", "A2"), first)).bundle();
  }

  /** Runs a job on the machine's own clock. */
  private JsonNode timed(byte[] bundle) {
    BundleIndex.Ports ports = ports(store, catalog, queue);
    new BundleIndex(
            new BundleIndex.Ports(
                store,
                catalog,
                ports.queue(),
                ports.deadLetters(),
                ports.reader(),
                ports.limits(),
                ports.temp(),
                ports.packs(),
                clock,
                Machine.TICKER,
                ids,
                STALE,
                RETRY,
                LOG))
        .handle(upload("r", bundle), () -> 600_000);
    return json(String.valueOf(lastJob("r").result()));
  }

  @Test
  void j07ResultHasCountsAndElapsed() {
    JsonNode result = timed(bundle());
    assertThat(result.path("commits_written").asInt()).isEqualTo(2);
    assertThat(result.path("snapshots_written").asInt()).isEqualTo(2);
    assertThat(result.path("objects_written").asInt()).isEqualTo(3);
    assertThat(result.path("object_refs_written").asInt()).isEqualTo(3);
    assertThat(result.path("manifest_entries").asInt()).isEqualTo(4);
    assertThat(result.path("elapsed_ms").asDouble()).isPositive();
  }

  @Test
  void j08ResultHasSevenTimingsJ09NonNegativeJ11SumWithinElapsedPlus50() {
    JsonNode result = timed(bundle());
    double sum = 0;
    for (String timing : TIMINGS) {
      assertThat(result.path(timing).isNumber()).as(timing).isTrue();
      assertThat(result.path(timing).asDouble()).as(timing).isNotNegative();
      sum += result.path(timing).asDouble();
    }
    assertThat(sum).isLessThanOrEqualTo(result.path("elapsed_ms").asDouble() + 50);
  }

  @Test
  void j10BundleSizeEqualsWire() {
    byte[] bundle = bundle();
    assertThat(timed(bundle).path("bundle_size_bytes").asInt()).isEqualTo(bundle.length);
  }

  @Test
  void j12SummaryLineHasAllLabels() {
    PhaseClock phases = new PhaseClock(clock);
    phases.during(Phase.UNPACK, () -> clock.advance(java.time.Duration.ofMillis(12)));
    IndexReport report =
        new IndexReport(2_049, new IncomingHistory.Counts(2, 3, 40, 5), 5, 4, 1, List.of());
    Job job =
        new Job(
            "the-job",
            1,
            "the-repo",
            "ab".repeat(32),
            Job.Decision.BARE,
            Job.Status.RUNNING,
            1,
            clock.instant(),
            null,
            clock.instant(),
            null,
            null,
            null);
    String line = report.logLine(job, phases, new RequestCounts());

    assertThat(line).doesNotContain("\n");
    JsonNode json = json(line);
    assertThat(json.path("event").asText()).isEqualTo("job");
    assertThat(json.path("status").asText()).isEqualTo("done");
    assertThat(json.path("message").asText())
        .isEqualTo(
            "[bundle.index] done in 12.0ms  fetch_bundle=0.0ms unpack=12.0ms"
                + " snapshot_insert=0.0ms commit_insert=0.0ms object_puts=0.0ms"
                + " object_insert=0.0ms object_refs=0.0ms  snapshots=3 commits=2 objects=5 refs=5"
                + "  bundle=3 KB  job=the-job");
    TIMINGS.forEach(timing -> assertThat(json.has(timing)).as(timing).isTrue());
  }

  @Test
  void aPhaseInsideAnotherInterruptsIt() {
    PhaseClock phases = new PhaseClock(clock);
    phases.during(
        Phase.UNPACK,
        () -> {
          clock.advance(java.time.Duration.ofMillis(1));
          phases.during(Phase.FETCH_BUNDLE, () -> clock.advance(java.time.Duration.ofMillis(2)));
          clock.advance(java.time.Duration.ofMillis(4));
        });
    assertThat(phases.millis(Phase.UNPACK)).isEqualTo(5);
    assertThat(phases.millis(Phase.FETCH_BUNDLE)).isEqualTo(2);
    assertThat(phases.elapsedMillis()).isEqualTo(7);
  }
}
