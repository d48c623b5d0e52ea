package dev.sheaf.repository.intake;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sheaf.bundle.Content;
import dev.sheaf.bundle.ContentId;
import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.ObjectKeys;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.bundle.codec.RawObject;
import dev.sheaf.bundle.history.Ids;
import dev.sheaf.storage.ObjectStore;
import dev.sheaf.testing.InMemoryObjectStore;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class PutPoolTest {
  private final InMemoryObjectStore store = new InMemoryObjectStore();
  private final Semaphore gate = new Semaphore(0);
  private final AtomicInteger open = new AtomicInteger();
  private final AtomicInteger most = new AtomicInteger();

  /** The store, whose PUTs wait at the gate and are counted while they do. */
  private ObjectStore held() {
    return (ObjectStore)
        Proxy.newProxyInstance(
            ObjectStore.class.getClassLoader(),
            new Class<?>[] {ObjectStore.class},
            (_, method, arguments) -> {
              if (method.getName().equals("put")) {
                most.accumulateAndGet(open.incrementAndGet(), Math::max);
                gate.acquireUninterruptibly();
                open.decrementAndGet();
              }
              return method.invoke(store, arguments);
            });
  }

  private static RawObject object(int number, int size) {
    byte[] bytes = new byte[size];
    bytes[0] = (byte) number;
    return new RawObject(Ids.object(bytes), Content.of(bytes), null);
  }

  /** Hands objects in on a thread of its own, and returns when it waits or is done. */
  private static Thread handIn(PutPool pool, List<RawObject> objects) {
    Thread producer =
        Thread.ofPlatform()
            .start(
                () -> objects.forEach(object -> pool.put(object, ObjectStore.Condition.IF_ABSENT)));
    while (producer.getState() != Thread.State.WAITING && producer.isAlive()) {
      Thread.onSpinWait();
    }
    return producer;
  }

  private static List<RawObject> objects(int count, int size) {
    List<RawObject> objects = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      objects.add(object(i, size));
    }
    return objects;
  }

  @Test
  void noMoreBytesAreInFlightThanTheBudget() throws InterruptedException {
    PutPool pool = new PutPool(held(), 100, 1_000);
    Thread producer = handIn(pool, objects(10, 400));

    assertThat(producer.isAlive()).as("waits for room for a third object").isTrue();
    gate.release(10);
    producer.join();
    pool.await();
    assertThat(most.get()).isLessThanOrEqualTo(2);
    assertThat(pool.storedCount()).isEqualTo(10);
    assertThat(pool.storedBytes()).isEqualTo(4_000);
  }

  @Test
  void noMorePutsAreInFlightThanSlots() throws InterruptedException {
    PutPool pool = new PutPool(held(), 3, 1 << 20);
    Thread producer = handIn(pool, objects(10, 4));

    assertThat(producer.isAlive()).as("waits for a slot").isTrue();
    gate.release(10);
    producer.join();
    pool.await();
    assertThat(most.get()).isLessThanOrEqualTo(3);
    assertThat(store.keys()).hasSize(10);
  }

  @Test
  void anObjectAboveTheBudgetTravelsAlone() throws InterruptedException {
    PutPool pool = new PutPool(held(), 100, 1_000);
    Thread producer = handIn(pool, List.of(object(1, 5_000), object(2, 1)));

    assertThat(producer.isAlive()).isTrue();
    gate.release(2);
    producer.join();
    pool.await();
    assertThat(most.get()).isEqualTo(1);
    assertThat(pool.storedCount()).isEqualTo(2);
  }

  @Test
  void aKeyThatIsThereProvesNothing() {
    RawObject honest = object(1, 100);
    store.put(
        ObjectKeys.object(honest.id()),
        honest.content(),
        honest.id(),
        ObjectStore.Condition.IF_ABSENT,
        "application/octet-stream");
    for (ObjectStore.Condition condition :
        List.of(ObjectStore.Condition.IF_ABSENT, ObjectStore.Condition.ALWAYS)) {
      assertThat(refusal(honest.id(), condition, store)).contains(honest.id().hex());
    }
    // A store that looks at the condition before it looks at the bytes.
    assertThat(refusal(honest.id(), ObjectStore.Condition.IF_ABSENT, answersOnly412()))
        .isEqualTo(refusal(honest.id(), ObjectStore.Condition.ALWAYS, store));
  }

  /** The bytes are right: a broken wire is nobody's fault but the wire's. */
  @Test
  void whatWasBrokenOnTheWayMayBeTriedAgain() {
    ObjectStore bad =
        (ObjectStore)
            Proxy.newProxyInstance(
                ObjectStore.class.getClassLoader(),
                new Class<?>[] {ObjectStore.class},
                (_, _, _) -> {
                  throw new SheafException(ErrorKind.INVALID, "BadDigest");
                });
    PutPool pool = new PutPool(bad, 1, 1_000);
    pool.put(object(1, 100), ObjectStore.Condition.IF_ABSENT);
    pool.await();
    assertThatThrownBy(pool::throwIfFailed)
        .isInstanceOfSatisfying(
            SheafException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.UNAVAILABLE))
        .hasMessageContaining(object(1, 100).id().hex());
  }

  private static ObjectStore answersOnly412() {
    return (ObjectStore)
        Proxy.newProxyInstance(
            ObjectStore.class.getClassLoader(),
            new Class<?>[] {ObjectStore.class},
            (_, _, _) -> new ObjectStore.PutResult.ConditionFailed());
  }

  private static String refusal(
      ContentId id, ObjectStore.Condition condition, ObjectStore objects) {
    PutPool pool = new PutPool(objects, 1, 1_000);
    pool.put(new RawObject(id, Content.of(new byte[] {7, 7}), null), condition);
    pool.await();
    List<String> messages = new ArrayList<>();
    assertThatThrownBy(pool::throwIfFailed)
        .isInstanceOfSatisfying(
            SheafException.class,
            e -> {
              assertThat(e.kind()).isEqualTo(ErrorKind.INVALID);
              messages.add(String.valueOf(e.getMessage()));
            });
    assertThat(pool.storedCount()).isZero();
    return messages.getFirst();
  }
}
