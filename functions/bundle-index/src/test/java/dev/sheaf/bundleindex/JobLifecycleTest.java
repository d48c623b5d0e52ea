package dev.sheaf.bundleindex;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sheaf.bundle.Content;
import dev.sheaf.bundle.ContentId;
import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.ObjectKeys;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.bundle.history.Ids;
import dev.sheaf.repository.Repos;
import dev.sheaf.repository.job.Job;
import dev.sheaf.repository.job.Jobs;
import dev.sheaf.repository.job.WakeUp;
import dev.sheaf.storage.ForwardingObjectStore;
import dev.sheaf.storage.ObjectStore;
import dev.sheaf.testing.InMemoryJobQueue;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** From the first message to the end of a job: turns, claims, failures, further attempts. */
class JobLifecycleTest extends IndexTest {
  private static TestHistory history(String text, int files) {
    Map<String, String> changes = new TreeMap<>();
    for (int i = 0; i < files; i++) {
      changes.put("f" + i, text + i);
    }
    TestHistory history = new TestHistory();
    return history.head("main", history.commit(text, changes));
  }

  /** A store in which PUTs of objects fail while there are failures left. */
  private ObjectStore failing(AtomicInteger failures) {
    return new ForwardingObjectStore(store) {
      @Override
      public PutResult put(
          String key,
          Content body,
          @Nullable ContentId sha256,
          Condition condition,
          String contentType) {
        if (failures.getAndDecrement() > 0) {
          throw new SheafException(ErrorKind.UNAVAILABLE, "slow down: " + key);
        }
        return super.put(key, body, sha256, condition, contentType);
      }
    };
  }

  @Test
  void j13PutsBoundedBy100() {
    AtomicInteger inFlight = new AtomicInteger();
    AtomicInteger most = new AtomicInteger();
    ObjectStore slow =
        new ForwardingObjectStore(store) {
          @Override
          public PutResult put(
              String key,
              Content body,
              @Nullable ContentId sha256,
              Condition condition,
              String contentType) {
            most.accumulateAndGet(inFlight.incrementAndGet(), Math::max);
            try {
              Thread.sleep(Duration.ofMillis(5));
              return super.put(key, body, sha256, condition, contentType);
            } catch (InterruptedException e) {
              throw new AssertionError(e);
            } finally {
              inFlight.decrementAndGet();
            }
          }
        };
    String event = upload("r", history("many", 700).bundle());
    index(slow, catalog).handle(event, () -> 600_000);

    assertThat(lastJob("r").status()).isEqualTo(Job.Status.DONE);
    assertThat(most.get()).isBetween(2, 100);
  }

  @Test
  void j14StorePutFailureMidwayThenRetry() {
    TestHistory history = history("x", 30);
    String event = upload("r", history.bundle());
    index(failing(new AtomicInteger(2)), catalog).handle(event, () -> 600_000);

    assertThat(lastJob("r").status()).isEqualTo(Job.Status.PENDING);
    assertThat(lastJob("r").error()).contains("slow down: objects/");
    for (String table : List.of("objects", "object_refs", "snapshots", "commits", "branches")) {
      assertThat(count(table)).as(table).isZero();
    }

    handle(event);
    assertThat(lastJob("r").status()).isEqualTo(Job.Status.DONE);
    assertThat(lastJob("r").attempt()).isEqualTo(2);
    history
        .contents()
        .forEach((id, bytes) -> assertThat(store.bytes(ObjectKeys.object(id))).isEqualTo(bytes));
    assertThat(count("objects")).isEqualTo(30);
  }

  @Test
  void j15LifecyclePendingRunningDone() {
    String repoId = new Repos(catalog).findOrCreate("alice", "r", "R", clock.instant()).repoId();
    Job pending =
        jobs()
            .uploaded(
                repoId, new Jobs.Upload(Ids.object(new byte[0]), 1, "1"), () -> Optional.empty())
            .orElseThrow();
    assertThat(pending.status()).isEqualTo(Job.Status.PENDING);
    assertThat(pending.attempt()).isZero();
    assertThat(pending.claimedAt()).isNull();

    clock.advance(Duration.ofSeconds(1));
    Jobs.Claim claim = jobs().claimNext(repoId, STALE).orElseThrow();
    assertThat(claim.job().status()).isEqualTo(Job.Status.RUNNING);
    assertThat(claim.job().attempt()).isEqualTo(1);
    assertThat(claim.job().claimedAt()).isEqualTo(clock.instant());

    clock.advance(Duration.ofSeconds(1));
    assertThat(jobs().finish(claim, "{\"n\": 1}")).isEqualTo(Jobs.Ended.LANE_EMPTY);
    Job done = jobs().find(repoId, pending.jobId()).orElseThrow();
    assertThat(done.status()).isEqualTo(Job.Status.DONE);
    assertThat(done.doneAt()).isEqualTo(clock.instant());
    assertThat(json(String.valueOf(done.result())).path("n").asInt()).isEqualTo(1);
    assertThat(jobs().claimNext(repoId, STALE)).isEmpty();
  }

  @Test
  void j16FailResetsToPendingAttemptKept() {
    String event = upload("r", history("x", 3).bundle());
    index(failing(new AtomicInteger(1)), catalog).handle(event, () -> 600_000);
    assertThat(lastJob("r").status()).isEqualTo(Job.Status.PENDING);
    assertThat(lastJob("r").attempt()).isEqualTo(1);
    assertThat(lastJob("r").doneAt()).isNull();
    assertThat(queue.drain()).containsExactly(WakeUp.of(repo("r").repoId()).body());
  }

  @Test
  void j17ThirdFailureIsFailed() {
    String event = upload("r", history("x", 3).bundle());
    BundleIndex index = index(failing(new AtomicInteger(Integer.MAX_VALUE)), catalog);
    for (int attempt = 1; attempt <= 3; attempt++) {
      assertThat(deadLetters.drain()).isEmpty();
      index.handle(event, () -> 600_000);
      assertThat(lastJob("r").attempt()).isEqualTo(attempt);
    }
    assertThat(queue.drainSent())
        .extracting(InMemoryJobQueue.Sent::delay)
        .containsExactly(RETRY, RETRY.multipliedBy(2));
    assertThat(uploads(deadLetters.drain())).isEqualTo(uploads(List.of(event)));
    assertThat(lastJob("r").status()).isEqualTo(Job.Status.FAILED);
    assertThat(lastJob("r").doneAt()).isNotNull();
    assertThat(lastJob("r").error()).contains("slow down");

    // Delivered once more, the same event does not begin anew; another upload does.
    handle(event);
    assertThat(jobs().list(repo("r").repoId(), 9)).hasSize(1);
    handle(upload("r", history("x", 3).bundle()));
    assertThat(lastJob("r").status()).isEqualTo(Job.Status.DONE);
  }

  @Test
  void j18StaleClaimRecovered() {
    String event = upload("r", history("x", 3).bundle());
    String repoId = enqueueAndClaim(event).job().repoId();

    handle(event);
    assertThat(lastJob("r").status()).isEqualTo(Job.Status.RUNNING);
    clock.advance(STALE.plusSeconds(1));
    handle(WakeUp.of(repoId).body());
    assertThat(lastJob("r").status()).isEqualTo(Job.Status.DONE);
    assertThat(lastJob("r").attempt()).isEqualTo(2);
  }

  @Test
  void j19LateFinisherIgnored() {
    String event = upload("r", history("x", 3).bundle());
    Jobs.Claim late = enqueueAndClaim(event);
    clock.advance(STALE.plusSeconds(1));
    Jobs.Claim taken = jobs().claimNext(late.job().repoId(), STALE).orElseThrow();

    assertThat(jobs().finish(late, "{}")).isEqualTo(Jobs.Ended.NOT);
    assertThat(jobs().fail(late, "late", true)).isEmpty();
    assertThat(lastJob("r").status()).isEqualTo(Job.Status.RUNNING);
    assertThat(lastJob("r").error()).isNull();
    assertThat(jobs().finish(taken, "{}")).isNotEqualTo(Jobs.Ended.NOT);
  }

  @Test
  void j19aWorkerThatWasTakenOverWritesNothing() throws Exception {
    TestHistory history = history("x", 3);
    String event = upload("r", history.bundle());
    ObjectStore stalling =
        new ForwardingObjectStore(store) {
          @Override
          public PutResult put(
              String key,
              Content body,
              @Nullable ContentId sha256,
              Condition condition,
              String contentType) {
            PutResult result = super.put(key, body, sha256, condition, contentType);
            clock.advance(STALE.plusSeconds(1));
            jobs().claimNext(repo("r").repoId(), STALE);
            return result;
          }
        };
    index(stalling, catalog).handle(event, () -> 600_000);

    assertThat(lastJob("r").status()).isEqualTo(Job.Status.RUNNING);
    assertThat(lastJob("r").attempt()).isGreaterThan(1);
    assertThat(count("objects")).isZero();
    assertThat(count("commits")).isZero();
  }

  @Test
  void j20TwoWorkersOneJob() throws Exception {
    String event = upload("r", history("x", 20).bundle());
    AtomicInteger reads = new AtomicInteger();
    ObjectStore counting =
        new ForwardingObjectStore(store) {
          @Override
          public Optional<Download> get(String key, Read read) {
            reads.incrementAndGet();
            return super.get(key, read);
          }
        };
    runTogether(
        List.of(
            () -> index(counting, catalog).handle(event, () -> 600_000),
            () -> index(counting, catalog).handle(event, () -> 600_000),
            () -> index(counting, catalog).handle(event, () -> 600_000)));

    assertThat(reads.get()).isEqualTo(1);
    assertThat(lastJob("r").status()).isEqualTo(Job.Status.DONE);
    assertThat(lastJob("r").attempt()).isEqualTo(1);
    assertThat(jobs().list(repo("r").repoId(), 9)).hasSize(1);
  }

  @Test
  void j21OverlappingJobsNoDeadlock() throws Exception {
    List<Runnable> workers = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      String event = upload("r" + i, history("same", 400).bundle());
      workers.add(() -> index().handle(event, () -> 600_000));
    }
    runTogether(workers);
    for (int i = 0; i < 4; i++) {
      assertThat(lastJob("r" + i).status()).isEqualTo(Job.Status.DONE);
      assertThat(lastJob("r" + i).attempt()).isEqualTo(1);
    }
    assertThat(count("objects")).isEqualTo(400);
    assertThat(count("object_refs")).isEqualTo(1_600);
  }

  @Test
  void aJobWaitsForTheOlderOneItBuildsOn() {
    TestHistory first = history("first", 2);
    TestHistory second = first.next();
    String tip = second.commit("second", Map.of("g", "G"), first.commits().getLast().commitId());
    String older = upload("r", first.bundle());
    String younger = upload("r", second.head("main", tip).bundle());
    enqueue(older);

    handle(younger);
    assertThat(jobs().list(repo("r").repoId(), 9))
        .extracting(Job::status)
        .containsExactly(Job.Status.DONE, Job.Status.DONE);
    handle(older);
  }

  @Test
  void aWorkerShortOfTimeSendsAWakeUp() {
    TestHistory first = history("first", 2);
    enqueue(upload("r", first.bundle()));
    enqueue(upload("r", history("other", 2).bundle()));

    index().handle(WakeUp.of(repo("r").repoId()).body(), () -> 5_000);
    assertThat(jobs().list(repo("r").repoId(), 9))
        .extracting(Job::status)
        .containsExactly(Job.Status.PENDING, Job.Status.DONE);
    assertThat(queue.drain()).containsExactly(WakeUp.of(repo("r").repoId()).body());
  }

  @Test
  void aMessageLooksAgainWhenTheClaimIsStale() {
    String event = upload("r", history("x", 3).bundle());
    enqueueAndClaim(event);
    clock.advance(Duration.ofSeconds(10));
    // A first delivery too: its worker may be the only one that is alive.
    handle(event);
    assertThat(queue.drainSent())
        .containsExactly(
            new InMemoryJobQueue.Sent(
                WakeUp.of(repo("r").repoId()).body(), STALE.minusSeconds(10)));
  }

  @Test
  void oneMessageOfSeveralUploadsIndexesThemAll() {
    byte[] a = history("a", 2).bundle();
    byte[] b = history("b", 2).bundle();
    upload("one", a);
    upload("two", b);
    String body =
        event(
            List.of(
                new Arrival(ObjectKeys.bundle("alice", "one", Ids.object(a)), a.length, "1"),
                new Arrival("elsewhere/x", 1, "2"),
                new Arrival(ObjectKeys.bundle("alice", "two", Ids.object(b)), b.length, "3")));
    handle(body);
    assertThat(lastJob("one").status()).isEqualTo(Job.Status.DONE);
    assertThat(lastJob("two").status()).isEqualTo(Job.Status.DONE);
  }

  private Job enqueue(String event) {
    QueueMessage.Upload upload =
        ((QueueMessage.Uploads) QueueMessage.parse(event, store.bucket())).uploads().getFirst();
    String repoId =
        new Repos(catalog)
            .findOrCreate("alice", upload.key().repo(), ids.get(), clock.instant())
            .repoId();
    return jobs()
        .uploaded(
            repoId,
            new Jobs.Upload(upload.key().bundle(), upload.sizeBytes(), upload.uploadId()),
            () -> Optional.empty())
        .orElseThrow();
  }

  private List<QueueMessage> uploads(List<String> bodies) {
    return bodies.stream().map(body -> QueueMessage.parse(body, store.bucket())).toList();
  }

  private Jobs.Claim enqueueAndClaim(String event) {
    return jobs().claimNext(enqueue(event).repoId(), STALE).orElseThrow();
  }

  private static void runTogether(List<Runnable> workers) throws Exception {
    CountDownLatch start = new CountDownLatch(1);
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<?>> running = new ArrayList<>();
      for (Runnable worker : workers) {
        running.add(
            threads.submit(() -> {
              start.await();
              worker.run();
              return null;
            }));
      }
      start.countDown();
      for (Future<?> future : running) {
        future.get();
      }
    }
  }
}
