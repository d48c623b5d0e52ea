package dev.sheaf.compaction;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sheaf.bundle.Content;
import dev.sheaf.bundle.ContentId;
import dev.sheaf.bundle.ObjectKeys;
import dev.sheaf.bundle.history.Ids;
import dev.sheaf.localstack.servers.LocalServers;
import dev.sheaf.repository.CatalogSchema;
import dev.sheaf.repository.Repo;
import dev.sheaf.repository.Repos;
import dev.sheaf.repository.SpentUploads;
import dev.sheaf.storage.ObjectStore;
import dev.sheaf.storage.catalog.Catalog;
import dev.sheaf.storage.catalog.Statement;
import dev.sheaf.storage.counting.CountingCatalog;
import dev.sheaf.storage.counting.RequestCounts;
import dev.sheaf.storage.wiring.Site;
import dev.sheaf.testing.InMemoryObjectStore;
import dev.sheaf.testing.ManualClock;
import dev.sheaf.testing.SequentialIds;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** Uploads that packs stand for go, and nobody is asked about them without need. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class UploadSweepTest {
  private final SequentialIds ids = new SequentialIds();
  private final ManualClock clock = new ManualClock();
  private final InMemoryObjectStore bucket = new InMemoryObjectStore(clock);

  @SuppressWarnings("NullAway.Init")
  private Catalog catalog;

  @BeforeAll
  void createCatalog() throws IOException {
    catalog = Site.from(LocalServers.shared().newSite()).catalog();
    CatalogSchema.migrations().apply(catalog);
  }

  @Test
  void theyGoADayAfterTheirJobAndAQuietProcessAsksOnceADay() {
    String git = upload("git", "done");
    String muse = upload("muse", "done");
    String waiting = upload("git", "pending");
    RequestCounts counts = new RequestCounts();
    Catalog counted = new CountingCatalog(catalog, counts);
    UploadSweep sweep = new UploadSweep(() -> new SpentUploads(counted, bucket), clock);

    assertThat(sweep.run(false).deleted()).isZero();
    assertThat(counts.catalog()).as("a new process does not wake it").isZero();
    assertThat(sweep.run(true).deleted()).as("too early").isZero();
    clock.advance(SpentUploads.KEPT.plusSeconds(1));
    assertThat(sweep.plan()).containsExactly(git);
    assertThat(bucket.keys()).contains(git);
    assertThat(sweep.run(false).deleted()).as("its day is over").isEqualTo(1);
    assertThat(bucket.keys()).doesNotContain(git).contains(muse, waiting);

    long before = counts.catalog();
    clock.advance(Duration.ofHours(23));
    sweep.run(false);
    assertThat(counts.catalog()).isEqualTo(before);
    sweep.run(true);
    assertThat(counts.catalog()).isEqualTo(before + 1);
  }

  private String upload(String kind, String status) {
    String id = ids.get();
    Repo repo = new Repos(catalog).findOrCreate("owner", id, id, clock.instant());
    ContentId bundle = Ids.object(id.getBytes(StandardCharsets.UTF_8));
    execute("update repos set kind = :kind where repo_id = :repo", repo, bundle, kind);
    execute(
        """
        insert into bundles (repo_id, bundle, seq, size_bytes, state, registered_at)
        values (:repo, :bundle, 1, 1, 'indexed', :now::timestamptz)
        """,
        repo,
        bundle,
        kind);
    execute(
        """
        insert into jobs (job_id, repo_id, job_type, bundle, status, created_at, done_at)
        values (:repo, :repo, 'bundle.index', :bundle, :kind, :now::timestamptz,
          case when :kind = 'done' then :now::timestamptz end)
        """,
        repo,
        bundle,
        status);
    String key = ObjectKeys.bundle(repo.owner(), repo.name(), bundle);
    bucket.put(key, Content.of(new byte[1]), null, ObjectStore.Condition.ALWAYS, "text/plain");
    return key;
  }

  private void execute(String sql, Repo repo, ContentId bundle, String kind) {
    Statement statement = Statement.of(sql).text("repo", repo.repoId());
    if (sql.contains(":kind")) {
      statement.text("kind", kind);
    }
    if (sql.contains(":bundle")) {
      statement.text("bundle", bundle.hex()).text("now", clock.instant().toString());
    }
    catalog.execute(statement);
  }
}
