package dev.sheaf.bundleindex;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.bundle.history.Ids;
import dev.sheaf.repository.Repo;
import dev.sheaf.repository.Repos;
import dev.sheaf.repository.job.ExpectedUploads;
import dev.sheaf.repository.job.Job;
import dev.sheaf.repository.job.WakeUp;
import dev.sheaf.testing.InMemoryJobQueue;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Jobs always end, and the lane behind them moves on. */
class LaneTest extends LaneFixture {
  private static SheafException siteFault() {
    return new SheafException(ErrorKind.SITE, "password authentication failed; SQLState: 28P01");
  }

  @Test
  void anExpectedUploadWaitsForItsAnnouncementAndIsABareOneAfterwards() {
    byte[] bundle = history("x").bundle();
    Repo repo = new Repos(catalog).findOrCreate("alice", "r", "R", clock.instant());
    new ExpectedUploads(catalog)
        .expect(repo.owner(), repo.name(), ids.get(), Ids.object(bundle), clock.instant());
    handle(upload("r", bundle));

    assertThat(lastJob("r").status()).isEqualTo(Job.Status.PENDING);
    assertThat(lastJob("r").attempt()).isZero();
    assertThat(queue.drainSent())
        .containsExactly(new InMemoryJobQueue.Sent(WakeUp.of("R").body(), Duration.ofSeconds(20)));
    // Others do not wait for it.
    handle(upload("r", history("y").bundle()));
    assertThat(heads("r")).containsEntry("main", tip(history("y")));
    clock.advance(Duration.ofSeconds(20));
    wake("r");
    assertThat(jobs().list("R", 9)).extracting(Job::status).containsOnly(Job.Status.DONE);
  }

  @Test
  void attemptsThatNeverCameBackEndAJobAndTheLaneBehindItMovesOn() {
    TestHistory first = history("first");
    announce("r", first.bundle(), Map.of("main", tip(first)), Map.of());
    String event = upload("r", first.bundle());
    String repoId = repo("r").repoId();
    for (int attempt = 1; attempt <= 3; attempt++) {
      assertThat(jobs().claimNext(repoId, STALE).orElseThrow().job().attempt()).isEqualTo(attempt);
      clock.advance(STALE.plusSeconds(1));
    }
    TestHistory behind = history("behind");
    announce("r", behind.bundle(), Map.of("side", tip(behind)), Map.of());
    upload("r", behind.bundle());

    wake("r");
    List<Job> jobs = jobs().list(repoId, 9);
    assertThat(jobs).extracting(Job::status).containsExactly(Job.Status.DONE, Job.Status.FAILED);
    assertThat(jobs.getLast().error()).contains("attempt 3 of 3").contains("never came back");
    assertThat(heads("r")).isEqualTo(Map.of("side", tip(behind)));
    assertThat(deadLetters.drain())
        .singleElement()
        .satisfies(body -> assertThat(body).contains(Ids.object(first.bundle()).hex()));

    assertThat(jobs().retry(repoId, jobs.getLast().jobId())).isTrue();
    handle(event);
    assertThat(heads("r")).isEqualTo(Map.of("side", tip(behind), "main", tip(first)));
  }

  @Test
  void theDeadLetterQueueHasTheUploadWhicheverMessageUsedUpTheAttempts() {
    byte[] bundle = history("x").bundle();
    String event = upload("r", bundle);
    indexWith(failing(down()), event);
    for (int attempt = 2; attempt <= 3; attempt++) {
      assertThat(deadLetters.drain()).isEmpty();
      indexWith(failing(down()), WakeUp.of(repo("r").repoId()).body());
    }
    assertThat(lastJob("r").status()).isEqualTo(Job.Status.FAILED);
    List<String> dead = deadLetters.drain();
    assertThat(dead).hasSize(1);
    assertThat(QueueMessage.parse(dead.getFirst(), store.bucket()))
        .isEqualTo(QueueMessage.parse(event, store.bucket()));
  }

  @Test
  void aJobStaysAsItIsWhileItsDeadLetterCannotBeSent() {
    String event = upload("r", history("x").bundle());
    indexWith(failing(down()), event);
    indexWith(failing(down()), event);
    BundleIndex.Ports ports = ports(failing(down()), catalog, queue);
    BundleIndex withoutLetters =
        new BundleIndex(
            new BundleIndex.Ports(
                ports.store(),
                ports.catalog(),
                ports.queue(),
                () ->
                    (_, _) -> {
                      throw down();
                    },
                ports.reader(),
                ports.limits(),
                ports.temp(),
                ports.packs(),
                ports.clock(),
                ports.ticker(),
                ports.ids(),
                ports.staleClaim(),
                ports.retryAfter(),
                ports.log()));
    assertThatThrownBy(() -> withoutLetters.handle(event, () -> 600_000))
        .isInstanceOf(SheafException.class);
    assertThat(lastJob("r").status()).isEqualTo(Job.Status.RUNNING);
    clock.advance(STALE.plusSeconds(1));
    handle(event);
    assertThat(lastJob("r").status()).isEqualTo(Job.Status.FAILED);
    assertThat(deadLetters.drain()).hasSize(1);
  }

  @Test
  void aBundleAtFaultIsNoDeadLetter() {
    handle(upload("r", "no bundle".getBytes(java.nio.charset.StandardCharsets.UTF_8)));
    assertThat(lastJob("r").status()).isEqualTo(Job.Status.FAILED);
    assertThat(deadLetters.drain()).isEmpty();
  }

  @Test
  void aScheduleWakesEveryRepositoryThatHasJobs() {
    upload("done", history("done").bundle());
    push("done", history("done").bundle());
    announce("one", history("1").bundle(), Map.of("main", tip(history("1"))), Map.of());
    announce("two", history("2").bundle(), Map.of("main", tip(history("2"))), Map.of());
    handle(WakeUp.ALL.body());
    assertThat(queue.drain())
        .containsExactly(
            WakeUp.of(repo("one").repoId()).body(), WakeUp.of(repo("two").repoId()).body());
  }

  @Test
  void aFaultOfTheSiteTakesNoBranchBackAtTheFirstAttempt() {
    TestHistory pushed = history("x");
    announce("r", pushed.bundle(), Map.of("main", tip(pushed)), Map.of());
    String event = upload("r", pushed.bundle());
    indexWith(failing(siteFault()), event);
    assertThat(lastJob("r").status()).isEqualTo(Job.Status.PENDING);
    assertThat(heads("r")).isEqualTo(Map.of("main", tip(pushed)));
    handle(event);
    assertThat(lastJob("r").status()).isEqualTo(Job.Status.DONE);
  }
}
