package dev.sheaf.bundleindex;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sheaf.bundle.Content;
import dev.sheaf.bundle.ContentId;
import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.bundle.codec.BundleReader;
import dev.sheaf.bundle.history.Ids;
import dev.sheaf.repository.Repo;
import dev.sheaf.repository.Repos;
import dev.sheaf.repository.intake.Intake;
import dev.sheaf.repository.intake.Limits;
import dev.sheaf.repository.intake.Pushes;
import dev.sheaf.repository.job.ExpectedUploads;
import dev.sheaf.repository.job.Job;
import dev.sheaf.repository.job.Jobs;
import dev.sheaf.repository.job.Refusals;
import dev.sheaf.repository.job.WakeUp;
import dev.sheaf.storage.ForwardingObjectStore;
import dev.sheaf.storage.ObjectStore;
import dev.sheaf.storage.catalog.Catalog;
import dev.sheaf.storage.catalog.Rows;
import dev.sheaf.storage.catalog.Statement;
import dev.sheaf.testing.InMemoryJobQueue;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Jobs always end, and branches end where those who pushed them wanted them. */
class LaneTest extends IndexTest {
  private static TestHistory history(String text) {
    TestHistory history = new TestHistory();
    return history.head("main", history.commit(text, Map.of("f", text)));
  }

  private static String tip(TestHistory history) {
    return history.commits().getLast().commitId();
  }

  private static TestHistory after(TestHistory base, String text) {
    TestHistory next = base.next();
    return next.head("main", next.commit(text, Map.of("f", text), tip(base)));
  }

  private void wake(String repo) {
    handle(WakeUp.of(repo(repo).repoId()).body());
  }

  private static SheafException down() {
    return new SheafException(ErrorKind.UNAVAILABLE, "slow down");
  }

  private static SheafException siteFault() {
    return new SheafException(ErrorKind.SITE, "password authentication failed; SQLState: 28P01");
  }

  /** A store that does something before each PUT of an object. */
  private ObjectStore beforePuts(Runnable action) {
    return new ForwardingObjectStore(store) {
      @Override
      public PutResult put(
          String key,
          Content body,
          @Nullable ContentId sha256,
          Condition condition,
          String contentType) {
        action.run();
        return super.put(key, body, sha256, condition, contentType);
      }
    };
  }

  private ObjectStore failing(SheafException failure) {
    return beforePuts(() -> {
      throw failure;
    });
  }

  private void indexWith(ObjectStore objects, String body) {
    index(objects, catalog).handle(body, () -> 600_000);
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

  @Test
  void anUnreadPushThatWasNoFastForwardFailsAndIsTakenBack() {
    TestHistory one = history("one");
    push("r", one.bundle());
    TestHistory other = history("other");
    announce("r", other.bundle(), Map.of("main", tip(other)), Map.of("main", tip(one)));
    assertThat(heads("r")).isEqualTo(Map.of("main", tip(other)));
    handle(upload("r", other.bundle()));
    assertThat(lastJob("r").status()).isEqualTo(Job.Status.FAILED);
    assertThat(lastJob("r").error()).contains("not a fast-forward");
    assertThat(heads("r")).isEqualTo(Map.of("main", tip(one)));
    assertThat(count("commits")).isEqualTo(1);
  }

  @Test
  void anUnreadPushByForceNeedNotBeAFastForward() {
    push("r", history("one").bundle());
    TestHistory other = history("other");
    pushes().readLater(request("r", other.bundle(), Map.of("main", tip(other)), true, Map.of()));
    handle(upload("r", other.bundle()));
    assertThat(lastJob("r").status()).isEqualTo(Job.Status.DONE);
    assertThat(heads("r")).isEqualTo(Map.of("main", tip(other)));
  }

  /** Fails a job by a store that is down for all three attempts. */
  private Job failFor(String event) {
    for (int attempt = 1; attempt <= 3; attempt++) {
      indexWith(failing(down()), event);
    }
    Job failed = lastJob("r");
    assertThat(failed.status()).isEqualTo(Job.Status.FAILED);
    return failed;
  }

  @Test
  void aRetryDoesWhatThePushHadAskedFor() {
    for (boolean force : new boolean[] {false, true}) {
      emptyCatalog();
      TestHistory one = history("one");
      push("r", one.bundle());
      TestHistory two = force ? history("other") : after(one, "two");
      Map<String, String> heads = Map.of("main", tip(two), "new", tip(two));
      pushes().readLater(request("r", two.bundle(), heads, force, Map.of("main", tip(one))));
      Job failed = failFor(upload("r", two.bundle()));
      assertThat(heads("r")).isEqualTo(Map.of("main", tip(one)));

      assertThat(jobs().retry(failed.repoId(), failed.jobId())).isTrue();
      wake("r");
      assertThat(lastJob("r").status()).isEqualTo(Job.Status.DONE);
      assertThat(heads("r")).isEqualTo(heads);
    }
  }

  @Test
  void aRetryUndoesNoLaterPush() {
    for (boolean force : new boolean[] {false, true}) {
      emptyCatalog();
      TestHistory one = history("one");
      push("r", one.bundle());
      TestHistory two = after(one, "two");
      pushes()
          .readLater(
              request(
                  "r", two.bundle(), Map.of("main", tip(two)), force, Map.of("main", tip(one))));
      Job failed = failFor(upload("r", two.bundle()));
      TestHistory later = after(one, "later");
      push("r", later.bundle());

      jobs().retry(failed.repoId(), failed.jobId());
      wake("r");
      Job retried = jobs().find(failed.repoId(), failed.jobId()).orElseThrow();
      assertThat(retried.status()).isEqualTo(Job.Status.FAILED);
      assertThat(retried.error()).contains("by another push");
      assertThat(heads("r")).isEqualTo(Map.of("main", tip(later)));
    }
  }

  @Test
  void aRetryOfWhatWasDoneMovesNothing() {
    TestHistory one = history("one");
    push("r", one.bundle());
    TestHistory two = after(one, "two");
    push("r", two.bundle());
    Job done = lastJob("r");
    // Somebody wants it back where it was.
    byte[] empty = new TestHistory().bundle();
    pushes()
        .readLater(request("r", empty, Map.of("main", tip(one)), true, Map.of("main", tip(two))));
    handle(upload("r", empty));
    assertThat(heads("r")).isEqualTo(Map.of("main", tip(one)));

    jobs().retry(done.repoId(), done.jobId());
    wake("r");
    assertThat(jobs().find(done.repoId(), done.jobId()).orElseThrow().status())
        .isEqualTo(Job.Status.DONE);
    assertThat(heads("r")).isEqualTo(Map.of("main", tip(one)));
  }

  /** What was decided while the job ran holds: it looks again before branches move. */
  @Test
  void anAnnouncementDuringTheJobDecides() {
    TestHistory pushed = history("x");
    byte[] bundle = pushed.bundle();
    String event = upload("r", bundle);
    AtomicBoolean announced = new AtomicBoolean();
    indexWith(
        beforePuts(() -> {
          if (!announced.getAndSet(true)) {
            announce("r", bundle, Map.of("topic", tip(pushed)), Map.of());
          }
        }),
        event);
    assertThat(lastJob("r").status()).isEqualTo(Job.Status.DONE);
    assertThat(heads("r")).isEqualTo(Map.of("topic", tip(pushed)));
  }

  @Test
  void aRefusalDuringTheJobLetsNothingBecomeVisible() {
    TestHistory pushed = history("x");
    byte[] bundle = pushed.bundle();
    String event = upload("r", bundle);
    indexWith(
        beforePuts(() -> {
          var refused = request("r", bundle, Map.of(), false, Map.of());
          new Refusals(catalog, clock)
              .note(refused.repo(), refused.bundle(), refused.uploadedAt(), "because");
        }),
        event);
    assertThat(lastJob("r").status()).isEqualTo(Job.Status.FAILED);
    assertThat(lastJob("r").error()).contains("because");
    assertThat(heads("r")).isEmpty();
    assertThat(count("commits")).isZero();
    assertThat(count("object_refs")).isZero();
  }

  /** What it builds on comes between the look for it and the question who may bring it. */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aJobThatEndsWhileAPushIsLookedAtRefusesNothing(boolean isStream) throws IOException {
    TestHistory base = history("base");
    announce("r", base.bundle(), Map.of("main", tip(base)), Map.of());
    String event = upload("r", base.bundle());
    TestHistory next = after(base, "next");
    byte[] bundle = next.bundle();
    Catalog overtaken =
        new Catalog() {
          @Override
          public Rows execute(Statement statement) {
            if (statement.sql().contains("as active")) {
              handle(event);
            }
            return catalog.execute(statement);
          }

          @Override
          public <T extends @Nullable Object> T transaction(Function<Catalog, T> work) {
            return catalog.transaction(work);
          }
        };
    Pushes pushes =
        new Pushes(
            new Intake.Ports(catalog, store, clock, Limits.of(100, 2), LOG),
            new Jobs(overtaken, clock, ids, LOG));
    Pushes.Request request = request("r", bundle, Map.of("main", tip(next)), false, Map.of());
    BundleReader reader = BundleReader.spoolingTo(spool);
    Pushes.Result result =
        isStream
            ? pushes.takeIn(request, reader, Content.of(bundle), () -> upload("r", bundle))
            : pushes.readNow(request, reader, new ByteArrayInputStream(bundle));
    assertThat(result.ingested()).isNotNull();
    assertThat(heads("r")).isEqualTo(Map.of("main", tip(next)));
  }

  @Test
  void aBareUploadIsHeldToTheLimitsOfRefs() {
    TestHistory many = history("many");
    for (int i = 0; i < 20_001; i++) {
      many.head("b" + i, tip(many));
    }
    handle(upload("r", many.bundle()));
    assertThat(lastJob("r").status()).isEqualTo(Job.Status.FAILED);
    assertThat(lastJob("r").error()).contains("20000 are the most");
    assertThat(count("branches")).isZero();
    assertThat(count("commits")).isZero();
  }

  @Test
  void aLateEventOfAnAnnouncedPushThatFailedMovesNothing() {
    TestHistory one = history("one");
    push("r", one.bundle());
    TestHistory other = history("other");
    String event = upload("r", other.bundle());
    announce("r", other.bundle(), Map.of("main", tip(other)), Map.of("main", tip(one)));
    wake("r");
    assertThat(lastJob("r").status()).isEqualTo(Job.Status.FAILED);
    handle(event);
    assertThat(jobs().list(repo("r").repoId(), 9)).hasSize(2);
    assertThat(heads("r")).isEqualTo(Map.of("main", tip(one)));
  }
}
