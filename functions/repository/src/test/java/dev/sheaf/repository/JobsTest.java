package dev.sheaf.repository;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sheaf.bundle.ContentId;
import dev.sheaf.storage.catalog.Statement;
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
            awaitALockedStatement();
            return enqueue(jobs().in(transaction), repo, bundle, true);
          });
    }
    assertThat(event.get().job().jobId()).isEqualTo(announced.job().jobId());
    assertThat(event.get().job().payload().announced()).isTrue();
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

  private void awaitALockedStatement() {
    Statement waiting =
        Statement.of(
            "select count(*) as n from pg_stat_activity where wait_event_type = 'Lock'"
                + " and datname = current_database()");
    while (catalog.execute(waiting).first().orElseThrow().number("n") == 0) {
      Thread.onSpinWait();
    }
  }
}
