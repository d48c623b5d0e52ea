package dev.sheaf.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.journal.Operation.IntAdd;
import dev.sheaf.journal.Operation.ListAppend;
import dev.sheaf.journal.Operation.ScalarSet;
import dev.sheaf.journal.json.Json;
import dev.sheaf.storage.Deadline;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Writes of several callers at a time, and how they fail. */
@DisplayNameGeneration(ScenarioNames.class)
@Timeout(60)
class WriterTest {
  private static final Operation ONE = new IntAdd("n", 1);

  private final FakeBucket bucket = new FakeBucket();
  private final List<Journal> opened = new ArrayList<>();
  private final Journal journal = open(Site.OPTIONS);

  private Journal open(JournalOptions options) {
    Journal journal = Journal.open(bucket, Namespace.of("git"), options);
    opened.add(journal);
    return journal;
  }

  @AfterEach
  void close() {
    opened.forEach(Journal::close);
  }

  private long segments() {
    return bucket.objects.keySet().stream().filter(key -> key.contains("/segment-")).count();
  }

  private long coldCount() {
    Site cold = new Site(bucket, "git");
    cold.flush();
    return cold.integer("n");
  }

  @Test
  void readYourOwnWrites() {
    journal.apply(ONE, ONE);
    assertThat(journal.integer("n")).isEqualTo(2);
    journal.flush();
    assertThat(journal.integer("n")).isEqualTo(2);
  }

  @Test
  void nothingToWriteIsNoRequest() {
    bucket.takeLog();
    journal.apply(List.of());
    assertThat(bucket.takeLog()).isEmpty();
  }

  @Test
  void groupCommitConcurrent() {
    List<Thread> writers = new ArrayList<>();
    HeldRequest put = HeldRequest.before(bucket, "PUT segment");
    for (int i = 0; i < 20; i++) {
      Operation mine = new ListAppend("l", Json.of(i));
      writers.add(Thread.ofVirtual().start(() -> journal.apply(ONE, mine, ONE)));
      put.await(); // the first is on its way before the others come
    }
    Waits.untilParked(writers);
    put.release();
    writers.forEach(Waits::join);
    assertThat(segments()).isEqualTo(2);
    assertThat(journal.integer("n")).isEqualTo(40);
    assertThat(journal.listLength("l")).isEqualTo(20);
    Site cold = new Site(bucket, "git");
    cold.flush();
    assertThat(cold.state()).isEqualTo(journal.state());
  }

  @Test
  void oneBadOpFailsOnlyItsCaller() {
    assertThatThrownBy(() -> journal.apply(ONE, new ScalarSet("x", Json.of(Double.NaN))))
        .asInstanceOf(InstanceOfAssertFactories.type(SheafException.class))
        .extracting(SheafException::kind)
        .isEqualTo(ErrorKind.INVALID);
    journal.apply(ONE);
    assertThat(segments()).isEqualTo(1);
    assertThat(journal.integer("n")).isEqualTo(1);
  }

  @Test
  void failedPutNotAppliedLocally() {
    bucket.failNext("PUT segment");
    assertThatThrownBy(() -> journal.apply(ONE))
        .isInstanceOf(SheafException.class)
        .hasMessageContaining("unknown");
    assertThat(journal.integer("n")).isZero();
    journal.flush();
    assertThat(journal.integer("n")).isZero();
  }

  @Test
  void lostResponsePutAppearsAtNextTick() {
    bucket.loseNextAnswer("PUT segment");
    assertThatThrownBy(() -> journal.apply(ONE)).isInstanceOf(SheafException.class);
    assertThat(journal.integer("n")).isZero();
    journal.flush();
    assertThat(journal.integer("n")).isEqualTo(1);
  }

  @Test
  void cancelAfterAcceptStillReportsCommit() {
    HeldRequest put = HeldRequest.before(bucket, "PUT segment");
    AtomicReference<@Nullable Throwable> outcome = new AtomicReference<>();
    AtomicInteger interrupted = new AtomicInteger();
    Thread caller =
        Thread.ofVirtual()
            .start(() -> {
              try {
                journal.apply(ONE);
                interrupted.set(Thread.currentThread().isInterrupted() ? 1 : 0);
              } catch (SheafException e) {
                outcome.set(e);
              }
            });
    put.await();
    caller.interrupt();
    put.release();
    Waits.join(caller);
    assertThat(outcome.get()).isNull();
    assertThat(interrupted.get()).as("the caller still learns of it").isEqualTo(1);
    assertThat(journal.integer("n")).isEqualTo(1);
    assertThat(coldCount()).isEqualTo(1);
  }

  @Test
  void cancelBeforeAccept() {
    bucket.takeLog();
    Thread.currentThread().interrupt();
    assertThatThrownBy(() -> journal.apply(ONE))
        .isInstanceOf(SheafException.class)
        .hasMessageContaining("nothing was written");
    assertThat(Thread.interrupted()).isTrue();
    assertThat(bucket.takeLog()).isEmpty();
  }

  @Test
  void putDeadlineBelowAgeThreshold() {
    JournalOptions options = JournalOptions.defaults();
    assertThat(options.putTimeout()).isLessThan(options.ageThreshold());
    assertThatThrownBy(() -> options.withPutTimeout(options.ageThreshold()))
        .isInstanceOf(SheafException.class)
        .hasMessageContaining("putTimeout");
  }

  /** An adapter that retries: it asks for the deadline before each attempt, as S3's does. */
  @Test
  void putRetriesStopAtDeadline() {
    AtomicReference<Instant> clock = new AtomicReference<>(Instant.parse("2026-07-04T10:00:00Z"));
    Host host = Site.hostAt(clock::get);
    AtomicInteger attempts = new AtomicInteger();
    bucket.next(
        "PUT segment",
        FakeBucket.before(() -> {
          while (Deadline.current().filter(Deadline::hasPassed).isEmpty()) {
            attempts.incrementAndGet();
            clock.updateAndGet(now -> now.plusSeconds(6)); // or hours, in a frozen sandbox
          }
          throw FakeBucket.unavailable();
        }));
    assertThatThrownBy(() -> open(Site.OPTIONS.withHost(host)).apply(ONE))
        .isInstanceOf(SheafException.class);
    assertThat(attempts.get()).isEqualTo(3);
    assertThat(segments()).isZero();
  }

  @Test
  void putThatHangsIsAbandoned() {
    CountDownLatch never = new CountDownLatch(1);
    CountDownLatch over = new CountDownLatch(1);
    bucket.next(
        "PUT segment",
        FakeBucket.before(() -> {
          try {
            Waits.await(never);
          } finally {
            over.countDown();
          }
        }));
    Journal hasty =
        open(Site.OPTIONS.withHost(Site.IN_REAL_TIME).withPutTimeout(Duration.ofMillis(50)));
    assertThatThrownBy(() -> hasty.apply(ONE)).isInstanceOf(SheafException.class);
    assertThat(over.getCount()).as("nothing is in flight any more").isZero();
    hasty.apply(ONE);
    assertThat(coldCount()).isEqualTo(1);
  }

  @Test
  void closeIdempotent() {
    journal.apply(ONE);
    journal.close();
    journal.close();
    assertThatThrownBy(() -> journal.apply(ONE))
        .isInstanceOf(SheafException.class)
        .hasMessageContaining("closed");
  }

  @Test
  void applyAfterCloseDoesNotHang() {
    for (int i = 0; i < 100; i++) {
      Journal shortLived = open(Site.OPTIONS);
      CountDownLatch begun = new CountDownLatch(1);
      AtomicReference<@Nullable Throwable> end = new AtomicReference<>();
      Thread writer =
          Thread.ofVirtual()
              .start(() -> {
                try {
                  while (true) {
                    shortLived.apply(ONE);
                    begun.countDown();
                  }
                } catch (SheafException e) {
                  end.set(e);
                }
              });
      Waits.await(begun);
      shortLived.close();
      Waits.join(writer);
      assertThat(end.get()).hasMessageContaining("closed");
    }
  }

  @Test
  void closeWaitsForTheWriteInFlight() {
    HeldRequest put = HeldRequest.before(bucket, "PUT segment");
    AtomicReference<@Nullable Throwable> first = new AtomicReference<>();
    AtomicReference<@Nullable Throwable> second = new AtomicReference<>();
    Thread inFlight = caller(first);
    put.await();
    Thread queued = caller(second);
    Waits.untilParked(List.of(queued));
    Thread closing = Thread.ofVirtual().start(journal::close);
    Waits.join(queued);
    put.release();
    Waits.join(closing);
    Waits.join(inFlight);
    assertThat(first.get()).isNull();
    assertThat(second.get()).hasMessageContaining("closed");
    assertThat(coldCount()).isEqualTo(1);
  }

  /** Neither those whose put is in flight, nor those who wait behind it. */
  @Test
  void cancelOfACallerEndsNobodysWrite() {
    HeldRequest put = HeldRequest.before(bucket, "PUT segment");
    List<AtomicReference<@Nullable Throwable>> outcomes = new ArrayList<>();
    List<Thread> callers = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      outcomes.add(new AtomicReference<>());
      callers.add(caller(outcomes.getLast()));
      put.await();
    }
    Waits.untilParked(callers);
    callers.forEach(Thread::interrupt);
    put.release();
    callers.forEach(Waits::join);
    assertThat(outcomes).allSatisfy(outcome -> assertThat(outcome.get()).isNull());
    assertThat(segments()).isEqualTo(2);
    assertThat(journal.integer("n")).isEqualTo(4);
    assertThat(coldCount()).isEqualTo(4);
  }

  /** A caller in a hurry does not cut off what others wait for. */
  @Test
  void aDeadlineOfACallerIsNotThatOfTheWrite() {
    AtomicReference<Instant> until = new AtomicReference<>();
    bucket.next(
        "PUT segment", FakeBucket.before(() -> until.set(Deadline.current().orElseThrow().at())));
    Instant now = Site.HOST.clock().instant();
    new Deadline(now.plusSeconds(1), Site.HOST.clock()).run(() -> journal.apply(ONE));
    assertThat(until.get()).isEqualTo(now.plus(Site.OPTIONS.putTimeout()));
  }

  /** Whoever waits in the queue has its own turn, and the failure of those before is not its. */
  @Test
  void aFailureEndsOnlyItsBatch() {
    HeldRequest put =
        HeldRequest.before(
            bucket,
            "PUT segment",
            () -> {
              throw FakeBucket.unavailable();
            });
    AtomicReference<@Nullable Throwable> first = new AtomicReference<>();
    AtomicReference<@Nullable Throwable> second = new AtomicReference<>();
    Thread failing = caller(first);
    put.await();
    Thread waiting = caller(second);
    Waits.untilParked(List.of(waiting));
    put.release();
    Waits.join(failing);
    Waits.join(waiting);
    assertThat(first.get()).hasMessageContaining("unknown");
    assertThat(second.get()).isNull();
    assertThat(coldCount()).isEqualTo(1);
  }

  private Thread caller(AtomicReference<@Nullable Throwable> outcome) {
    return Thread.ofVirtual()
        .start(() -> {
          try {
            journal.apply(ONE);
          } catch (SheafException e) {
            outcome.set(e);
          }
        });
  }
}
