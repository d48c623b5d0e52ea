package dev.sheaf.bundleindex;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sheaf.bundle.Content;
import dev.sheaf.bundle.ContentId;
import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.ObjectKeys;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.bundle.history.Ids;
import dev.sheaf.repository.Repos;
import dev.sheaf.repository.intake.Intake;
import dev.sheaf.repository.intake.Limits;
import dev.sheaf.repository.intake.Pushes;
import dev.sheaf.repository.job.Job;
import dev.sheaf.storage.ForwardingObjectStore;
import dev.sheaf.storage.ObjectStore;
import dev.sheaf.testing.StoreChecker;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What is left behind by an attempt that does not get to the end, and what the next one does. */
class AttemptsTest extends IndexTest {
  private final List<String> puts = Collections.synchronizedList(new ArrayList<>());

  private static TestHistory history(int files) {
    TestHistory history = new TestHistory();
    Map<String, String> changes = new TreeMap<>();
    for (int i = 0; i < files; i++) {
      changes.put("f" + i, "content " + i);
    }
    return history.head("main", history.commit("all", changes));
  }

  /** The store, which notes each PUT of an object, and refuses all after so many. */
  private ObjectStore refusingAfter(int count) {
    return new ForwardingObjectStore(store) {
      @Override
      public PutResult put(
          String key,
          Content body,
          @Nullable ContentId sha256,
          Condition condition,
          String contentType) {
        synchronized (puts) {
          if (puts.size() >= count) {
            throw new SheafException(ErrorKind.UNAVAILABLE, "slow down");
          }
          puts.add(key);
        }
        return store.put(key, body, sha256, condition, contentType);
      }
    };
  }

  @Test
  void whatAnAttemptStoredIsNotStoredAgainByTheNext() {
    String event = upload("r", history(300).bundle());
    index(refusingAfter(150), catalog).handle(event, () -> 600_000);
    assertThat(lastJob("r").status()).isEqualTo(Job.Status.PENDING);
    assertThat(puts).hasSize(150);
    assertThat(count("object_refs")).isZero();
    assertThat(count("object_proofs")).isEqualTo(150);

    clock.advance(Duration.ofMinutes(5));
    index(refusingAfter(1_000), catalog).handle(event, () -> 600_000);
    assertThat(lastJob("r").status()).isEqualTo(Job.Status.DONE);
    assertThat(puts).hasSize(300).doesNotHaveDuplicates();
    assertThat(count("object_proofs")).isZero();
    assertThat(count("object_refs")).isEqualTo(300);
    StoreChecker.requireSound(store, catalog);
  }

  /** Its time is up once the invocation has asked so many times. */
  private static LongSupplier shortAfter(int questions) {
    AtomicInteger asked = new AtomicInteger();
    return () -> asked.incrementAndGet() > questions ? 30_000 : 600_000;
  }

  @Test
  void aBundleThatNeedsMoreTimeFinishesOverSeveralInvocations() {
    String message = upload("r", history(1_500).bundle());
    int invocations = 0;
    while (invocations == 0 || lastJob("r").status() != Job.Status.DONE) {
      queue.drain();
      index(refusingAfter(9_999), catalog).handle(message, shortAfter(700));
      assertThat(++invocations).isLessThan(10);
      if (lastJob("r").status() != Job.Status.DONE) {
        assertThat(lastJob("r").status()).isEqualTo(Job.Status.PENDING);
        assertThat(lastJob("r").attempt()).isZero();
        assertThat(queue.drain()).isNotEmpty();
        assertThat(count("object_refs") + count("commits") + count("branches")).isZero();
      }
    }
    assertThat(invocations).isGreaterThan(1);
    assertThat(lastJob("r").attempt()).isEqualTo(1);
    assertThat(puts).hasSize(1_500).doesNotHaveDuplicates();
    assertThat(count("object_proofs")).isZero();
    StoreChecker.requireSound(store, catalog);
  }

  @Test
  void progressIsWrittenWhileObjectsAreStored() {
    Limits limits = Limits.of(100, 2);
    Limits often =
        new Limits(
            limits.putSlots(),
            limits.decoders(),
            limits.wireBytes(),
            limits.rawBytes(),
            new Limits.Progress(Duration.ofHours(1), 50, Long.MAX_VALUE));
    String event = upload("r", history(700).bundle());
    BundleIndex.Ports ports = ports(refusingAfter(650), catalog, queue);
    List<Long> proofs = new ArrayList<>();
    LongSupplier watching =
        () -> {
          proofs.add(count("object_proofs"));
          return 600_000;
        };
    new BundleIndex(
            new BundleIndex.Ports(
                ports.store(),
                ports.catalog(),
                ports.queue(),
                ports.deadLetters(),
                ports.reader(),
                often,
                ports.temp(),
                ports.packs(),
                ports.clock(),
                ports.ticker(),
                ports.ids(),
                ports.staleClaim(),
                ports.retryAfter(),
                ports.log()))
        .handle(event, watching);
    assertThat(proofs).anyMatch(count -> count > 0);
    assertThat(count("object_refs")).isZero();
  }

  @Test
  void aJobThatFailsForGoodLeavesNoProofs() {
    String event = upload("r", history(300).bundle());
    for (int attempt = 1; attempt <= 3; attempt++) {
      index(refusingAfter(100 * attempt - 1), catalog).handle(event, () -> 600_000);
      clock.advance(Duration.ofMinutes(5));
    }
    assertThat(lastJob("r").status()).isEqualTo(Job.Status.FAILED);
    assertThat(count("object_proofs")).isZero();
    assertThat(count("object_refs")).isZero();
    StoreChecker.requireSound(store, catalog);
  }

  /** A small push that was answered, and whose bundle is gone before its job. */
  private String acknowledged(TestHistory history) throws IOException {
    byte[] bundle = history.bundle();
    String event = upload("r", bundle);
    new Repos(catalog).findOrCreate("alice", "r", ids.get(), clock.instant());
    new Pushes(new Intake.Ports(catalog, store, clock, Limits.of(32, 2)), jobs())
        .readNow(
            new Pushes.Request(
                repo("r"),
                Ids.object(bundle),
                bundle.length,
                Map.of(),
                false,
                Map.of(),
                clock.instant()),
            ports(store, catalog, queue).reader(),
            new ByteArrayInputStream(bundle));
    store.delete(List.of(ObjectKeys.bundle("alice", "r", Ids.object(bundle))));
    return event;
  }

  private long pending() {
    return count("objects where storage_uri = 'pending' or content_cache is not null");
  }

  @Test
  void aFailedJobLeavesNoPendingRowAndNoContentCache() throws IOException {
    TestHistory history = history(20);
    String event = acknowledged(history);
    assertThat(pending()).isEqualTo(20);
    handle(event);

    assertThat(lastJob("r").status()).isEqualTo(Job.Status.FAILED);
    assertThat(pending()).isZero();
    history
        .contents()
        .forEach((id, bytes) -> assertThat(store.bytes(ObjectKeys.object(id))).isEqualTo(bytes));
    assertThat(count("object_refs where in_store")).isEqualTo(20);
    StoreChecker.requireSound(store, catalog);
  }

  @Test
  void whatTheStoreRefusesStaysReadableInTheCatalog() throws IOException {
    String event = acknowledged(history(20));
    index(refusingAfter(5), catalog).handle(event, () -> 600_000);

    assertThat(lastJob("r").status()).isEqualTo(Job.Status.FAILED);
    assertThat(pending()).isEqualTo(20);
    assertThat(count("object_refs")).isEqualTo(20);
  }
}
