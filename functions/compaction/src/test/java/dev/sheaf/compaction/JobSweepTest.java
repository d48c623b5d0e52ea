package dev.sheaf.compaction;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sheaf.bundle.SheafException;
import dev.sheaf.compaction.wiring.CompactionWiring;
import dev.sheaf.localstack.servers.LocalServers;
import dev.sheaf.repository.CatalogSchema;
import dev.sheaf.repository.job.OverJobs;
import dev.sheaf.storage.catalog.Catalog;
import dev.sheaf.storage.catalog.Statement;
import dev.sheaf.storage.counting.CountingCatalog;
import dev.sheaf.storage.counting.RequestCounts;
import dev.sheaf.storage.wiring.Site;
import dev.sheaf.testing.ManualClock;
import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Rows of jobs go in batches, and nobody is asked about them without need. */
class JobSweepTest {
  private final ManualClock clock = new ManualClock();

  @Test
  void theyGoInBatchesAndAQuietProcessAsksOnceADay() throws IOException {
    Catalog catalog = Site.from(LocalServers.shared().newSite()).catalog();
    CatalogSchema.migrations().apply(catalog);
    catalog.execute(
        Statement.of(
                """
                insert into jobs (job_id, repo_id, job_type, bundle, status, created_at, done_at)
                select 'job-' || n, 'repo', 'bundle.index', 'bundle-' || n, 'failed',
                  :now::timestamptz, :now::timestamptz
                from generate_series(1, :count) as n
                """)
            .text("now", clock.instant().toString())
            .number("count", OverJobs.MOST_AT_A_TIME + 1));
    RequestCounts counts = new RequestCounts();
    Catalog counted = new CountingCatalog(catalog, counts);
    JobSweep sweep = new JobSweep(() -> new OverJobs(counted, Duration.ofDays(30)), clock);

    assertThat(sweep.run(false)).isZero();
    assertThat(counts.catalog()).as("a new process does not wake it").isZero();
    assertThat(sweep.run(true)).as("too early").isZero();
    clock.advance(Duration.ofDays(31));
    assertThat(sweep.plan()).hasSize(OverJobs.MOST_AT_A_TIME);
    assertThat(sweep.run(false)).isEqualTo(OverJobs.MOST_AT_A_TIME);
    assertThat(sweep.run(false)).as("the rest with the next run").isEqualTo(1);

    long before = counts.catalog();
    assertThat(sweep.run(false)).isZero();
    assertThat(counts.catalog()).isEqualTo(before);
    sweep.run(true);
    assertThat(counts.catalog()).isEqualTo(before + 1);
  }

  @Test
  void howLongTheyAreKeptIsSaidByAVariable() throws IOException {
    assertThat(kept(null)).isEqualTo(Duration.ofDays(30));
    assertThat(kept("90d")).isEqualTo(Duration.ofDays(90));
    assertThat(kept("1h")).as("an event may be 14 days old").isEqualTo(Duration.ofDays(15));
    assertThatThrownBy(() -> kept("a month"))
        .isInstanceOf(SheafException.class)
        .hasMessageContaining("SHEAF_JOBS_KEPT is 'a month'");
  }

  private static Duration kept(@Nullable String value) throws IOException {
    Map<String, String> environment = new HashMap<>(LocalServers.shared().newSite());
    if (value != null) {
      environment.put("SHEAF_JOBS_KEPT", value);
    }
    return CompactionWiring.of(environment).jobsKept();
  }
}
