package dev.sheaf.repository.job;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sheaf.bundle.ContentId;
import dev.sheaf.repository.BranchMoves;
import dev.sheaf.repository.CatalogTest;
import dev.sheaf.repository.Repo;
import dev.sheaf.storage.catalog.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

class JobsTest extends CatalogTest {
  /** The event of the upload comes while the call that announces the bundle is at work. */
  @Test
  void anEventWaitsForAnAnnouncementInsteadOfBlockingIt() throws Exception {
    Repo repo = newRepo();
    ContentId bundle = id("bundle");
    Job announced;
    Future<Job> event;
    CountDownLatch locked = new CountDownLatch(1);
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      event =
          threads.submit(() -> {
            locked.await();
            return enqueue(jobs(), repo, bundle, false);
          });
      announced =
          catalog.transaction(transaction -> {
            BranchMoves.lock(transaction, repo.repoId());
            locked.countDown();
            awaitALockedStatement(event);
            return enqueue(jobs().in(transaction), repo, bundle, true);
          });
    }
    assertThat(event.get().jobId()).isEqualTo(announced.jobId());
    assertThat(event.get().decision()).isEqualTo(Job.Decision.SETTLED);
  }

  /** The worker that has the event's message is the only one that will look. */
  @Test
  void aClaimWaitsForAnAnnouncementThatAddsToTheJob() throws Exception {
    Repo repo = newRepo();
    ContentId bundle = id("bundle");
    Job pending = enqueue(jobs(), repo, bundle, false);
    Future<Optional<Jobs.Claim>> claim;
    CountDownLatch locked = new CountDownLatch(1);
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      claim =
          threads.submit(() -> {
            locked.await();
            return jobs().claimNext(repo.repoId(), Duration.ofMinutes(20));
          });
      catalog.transaction(transaction -> {
        BranchMoves.lock(transaction, repo.repoId());
        Job announced = enqueue(jobs().in(transaction), repo, bundle, true);
        locked.countDown();
        awaitALockedStatement(claim);
        return announced;
      });
    }
    Job claimed = claim.get().orElseThrow().job();
    assertThat(claimed.jobId()).isEqualTo(pending.jobId());
    assertThat(claimed.attempt()).isEqualTo(1);
    assertThat(claimed.decision()).isEqualTo(Job.Decision.SETTLED);
  }

  @Test
  void oneOfTwoWorkersGetsTheJob() throws Exception {
    Repo repo = newRepo();
    enqueue(jobs(), repo, id("bundle"), false);
    List<Future<Optional<Jobs.Claim>>> claims = new ArrayList<>();
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int i = 0; i < 8; i++) {
        claims.add(threads.submit(() -> jobs().claimNext(repo.repoId(), Duration.ofMinutes(20))));
      }
    }
    int held = 0;
    for (Future<Optional<Jobs.Claim>> claim : claims) {
      held += claim.get().isPresent() ? 1 : 0;
    }
    assertThat(held).isOne();
  }

  /** Under READ COMMITTED a statement that waits for the lock sees what was before it waited. */
  @Test
  void anEventThatWaitsWhileTheJobIsDoneMakesNoSecondOne() throws Exception {
    Repo repo = newRepo();
    ContentId bundle = id("bundle");
    Future<Job> event;
    CountDownLatch locked = new CountDownLatch(1);
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      event =
          threads.submit(() -> {
            locked.await();
            return enqueue(jobs(), repo, bundle, false);
          });
      catalog.transaction(transaction -> {
        BranchMoves.lock(transaction, repo.repoId());
        locked.countDown();
        awaitALockedStatement(event);
        Jobs jobs = jobs().in(transaction);
        enqueue(jobs, repo, bundle, true);
        return jobs.finish(
            jobs.claimNext(repo.repoId(), Duration.ofMinutes(20)).orElseThrow(), "{}");
      });
    }
    assertThat(event.get().status()).isEqualTo(Job.Status.DONE);
    assertThat(jobs().list(repo.repoId(), 9)).hasSize(1);
  }

  @Test
  void deadWorkersOfAStackAreForgottenWithoutCountingAnAttempt() {
    Repo repo = newRepo();
    enqueue(jobs(), repo, id("bundle"), false);
    assertThat(jobs().claimNext(repo.repoId(), Duration.ofMinutes(20))).isPresent();
    assertThat(jobs().claimNext(repo.repoId(), Duration.ofMinutes(20))).isEmpty();
    jobs().releaseAll();
    Jobs.Claim again = jobs().claimNext(repo.repoId(), Duration.ofMinutes(20)).orElseThrow();
    assertThat(again.job().attempt()).isEqualTo(1);
  }

  @Test
  void aSecondWorkerCannotRunAnotherJobOfTheRepository() {
    Repo repo = newRepo();
    enqueue(jobs(), repo, id("one"), false);
    enqueue(jobs(), repo, id("two"), false);
    assertThat(jobs().claimNext(repo.repoId(), Duration.ofMinutes(20))).isPresent();
    assertThat(jobs().claimNext(repo.repoId(), Duration.ofMinutes(20))).isEmpty();
  }

  @Test
  void expectedUploadsThatNeverCameAreForgottenAfterADay() {
    Repo repo = newRepo();
    ExpectedUploads expected = new ExpectedUploads(catalog);
    catalog.execute(Statement.of("delete from uploads"));
    for (int i = 0; i < 5; i++) {
      expected.expect(repo.owner(), repo.name(), "never", id("never " + i), NOW);
    }
    expected.expect(
        repo.owner(), repo.name(), "never", id("next day"), NOW.plus(Duration.ofHours(25)));
    assertThat(
            catalog
                .execute(Statement.of("select bundle from uploads"))
                .first()
                .orElseThrow()
                .text("bundle"))
        .isEqualTo(id("next day").hex());
    assertThat(catalog.execute(Statement.of("select bundle from uploads")).size()).isEqualTo(1);
  }

  @Test
  void bundlesOfARepositoryAreNumberedWithoutGaps() {
    Repo repo = newRepo();
    for (String name : new String[] {"first", "second", "first", "third"}) {
      enqueue(jobs(), repo, id(name), false);
    }
    assertThat(
            catalog
                .execute(
                    Statement.of(
                            "select string_agg(seq::text, ',' order by seq) as seqs"
                                + " from bundles where repo_id = :repo")
                        .text("repo", repo.repoId()))
                .first()
                .orElseThrow()
                .text("seqs"))
        .isEqualTo("1,2,3");
  }

  private static Job enqueue(Jobs jobs, Repo repo, ContentId bundle, boolean announced) {
    return announced
        ? jobs.announced(repo.repoId(), bundle, 1, Job.Decision.SETTLED, NOW).job()
        : jobs.uploaded(repo.repoId(), new Jobs.Upload(bundle, 1, "1"), Optional::empty)
            .orElseThrow();
  }

  /** Returns when a statement waits for a lock, or the one that should is over. */
  private void awaitALockedStatement(Future<?> statement) {
    Statement waiting =
        Statement.of(
            "select count(*) as n from pg_stat_activity where wait_event_type = 'Lock'"
                + " and datname = current_database()");
    while (!statement.isDone() && catalog.execute(waiting).first().orElseThrow().number("n") == 0) {
      Thread.onSpinWait();
    }
  }
}
