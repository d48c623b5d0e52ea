package dev.sheaf.repository.job;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sheaf.bundle.ContentId;
import dev.sheaf.repository.CatalogTest;
import dev.sheaf.repository.Repo;
import dev.sheaf.repository.SpentUploads;
import dev.sheaf.storage.catalog.Statement;
import dev.sheaf.testing.InMemoryObjectStore;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Rows of jobs that are over go after a while, and nothing that they stood for is forgotten. */
class OverJobsTest extends CatalogTest {
  private static final Duration KEPT = Duration.ofDays(30);
  private static final Instant LATER = NOW.plus(KEPT).plusSeconds(1);

  private OverJobs over;

  @BeforeEach
  void forgetJobs() {
    catalog.execute(Statement.of("delete from jobs"));
    over = new OverJobs(catalog, KEPT);
  }

  @Test
  void aDoneJobGoesAndItsBundleIsNotRunAgain() {
    Repo repo = newRepo();
    done(repo, "bundle");
    assertThat(over.plan(LATER.minusSeconds(2))).as("too early").isEmpty();
    assertThat(over.plan(LATER)).hasSize(1);
    assertThat(jobs().list(repo.repoId(), 9)).as("a plan deletes nothing").hasSize(1);
    assertThat(over.delete(over.plan(LATER), LATER)).isEqualTo(1);
    assertThat(jobs().list(repo.repoId(), 9)).isEmpty();

    for (String event : List.of("1", "2")) {
      assertThat(event(repo, "bundle", event)).as("the event once more").isEmpty();
    }
    assertThat(jobs().list(repo.repoId(), 9)).isEmpty();
    assertThat(jobs().activeRepos()).doesNotContain(repo.repoId());
  }

  /** An announcement asks for something: that is done, and does no harm. */
  @Test
  void whoAnnouncesTheBundleAgainGetsAJob() {
    Repo repo = newRepo();
    done(repo, "bundle");
    over.delete(over.plan(LATER), LATER);
    Job again = jobs().announced(repo.repoId(), id("bundle"), 1, Job.Decision.SETTLED, LATER).job();
    assertThat(again.status()).isEqualTo(Job.Status.PENDING);
    assertThat(jobs().finish(jobs().claimNext(repo.repoId(), KEPT).orElseThrow(), "{}"))
        .isEqualTo(Jobs.Ended.LANE_EMPTY);
  }

  @Test
  void whatSomethingStillNeedsStays() {
    Repo repo = newRepo();
    Job pending = event(repo, "pending", "1").orElseThrow();
    assertThat(over.plan(LATER)).isEmpty();

    Jobs.Claim waiting = jobs().claimNext(repo.repoId(), KEPT).orElseThrow();
    assertThat(waiting.job().jobId()).isEqualTo(pending.jobId());
    jobs().failWithout(waiting, "nowhere", "builds on what is not here");
    assertThat(over.plan(LATER)).as("an arrival wakes it").isEmpty();

    event(repo, "broken", "1");
    jobs().fail(jobs().claimNext(repo.repoId(), KEPT).orElseThrow(), "broken", true);
    assertThat(over.plan(LATER)).extracting(OverJobs.Over::status).containsExactly("failed");
    assertThat(over.delete(over.plan(LATER), LATER)).isEqualTo(1);
    assertThat(jobs().list(repo.repoId(), 9))
        .extracting(Job::jobId)
        .containsExactly(pending.jobId());
  }

  @Test
  void aJobThatIsRetriedBetweenPlanAndDeletionStays() {
    Repo repo = newRepo();
    Job job = done(repo, "bundle");
    List<OverJobs.Over> planned = over.plan(LATER);
    assertThat(jobs().retry(repo.repoId(), job.jobId())).isTrue();
    assertThat(over.delete(planned, LATER)).isZero();
    assertThat(jobs().claimNext(repo.repoId(), KEPT)).isPresent();
  }

  /** Its upload is told to be of no more use by when the job was done. */
  @Test
  void aJobOfAGitUploadStaysUntilTheUploadIsDeleted() {
    Repo repo = newRepo();
    catalog.execute(
        Statement.of("update repos set kind = 'git' where repo_id = :repo")
            .text("repo", repo.repoId()));
    done(repo, "bundle");
    assertThat(over.plan(LATER)).isEmpty();
    SpentUploads uploads = new SpentUploads(catalog, new InMemoryObjectStore());
    uploads.delete(uploads.plan(LATER), LATER);
    assertThat(over.delete(over.plan(LATER), LATER)).isEqualTo(1);

    assertThat(event(repo, "bundle", "2")).isEmpty();
    uploads.arrived(repo.repoId(), id("bundle"));
    assertThat(uploads.plan(LATER))
        .as("uploaded once more, it goes once more")
        .extracting(SpentUploads.Spent::bundle)
        .containsExactly(id("bundle"));
  }

  private Job done(Repo repo, String bundle) {
    Job job = event(repo, bundle, "1").orElseThrow();
    jobs().finish(jobs().claimNext(repo.repoId(), KEPT).orElseThrow(), "{}");
    return job;
  }

  private Optional<Job> event(Repo repo, String bundle, String uploadId) {
    ContentId id = id(bundle);
    return jobs()
        .uploaded(repo.repoId(), new Jobs.Upload(id, 1, uploadId), () -> Optional.of(LATER));
  }
}
