package dev.sheaf.repository;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sheaf.bundle.ContentId;
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
    Jobs.Enqueued announced;
    Future<Jobs.Enqueued> event;
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
    assertThat(event.get().job().jobId()).isEqualTo(announced.job().jobId());
    assertThat(event.get().job().payload().announced()).isTrue();
  }

  /** The worker that has the event's message is the only one that will look. */
  @Test
  void aClaimWaitsForAnAnnouncementThatAddsToTheJob() throws Exception {
    Repo repo = newRepo();
    ContentId bundle = id("bundle");
    Job pending = enqueue(jobs(), repo, bundle, false).job();
    Future<Optional<Jobs.Claim>> claim;
    CountDownLatch locked = new CountDownLatch(1);
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      claim =
          threads.submit(() -> {
            locked.await();
            return jobs().claimNext(repo.repoId(), Duration.ofMinutes(20));
          });
      catalog.transaction(transaction -> {
        Jobs.Enqueued announced = enqueue(jobs().in(transaction), repo, bundle, true);
        locked.countDown();
        awaitALockedStatement(claim);
        return announced;
      });
    }
    Job claimed = claim.get().orElseThrow().job();
    assertThat(claimed.jobId()).isEqualTo(pending.jobId());
    assertThat(claimed.attempt()).isEqualTo(1);
    assertThat(claimed.payload().announced()).isTrue();
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

  private static Jobs.Enqueued enqueue(Jobs jobs, Repo repo, ContentId bundle, boolean announced) {
    return jobs.enqueue(repo.repoId(), bundle, 1, new JobPayload(announced, false, null));
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
