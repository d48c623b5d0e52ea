package dev.sheaf.ops;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

class LeaseTest extends OpsTest {
  private static final Duration LENGTH = Duration.ofMinutes(5);

  @Test
  void oneRunnerHasItUntilItLetsGo() {
    Lease first = new Lease(catalog, "work", "first");
    Lease second = new Lease(catalog, "work", "second");
    assertThat(first.take(NOW, LENGTH)).isTrue();
    assertThat(first.take(NOW, LENGTH)).isTrue();
    assertThat(second.take(NOW, LENGTH)).isFalse();
    second.release();
    assertThat(second.take(NOW, LENGTH)).isFalse();
    first.release();
    assertThat(second.take(NOW, LENGTH)).isTrue();
  }

  @Test
  void aRunnerThatDiedIsInNobodysWayForLong() {
    Lease dead = new Lease(catalog, "work", "dead");
    Lease next = new Lease(catalog, "work", "next");
    dead.take(NOW, LENGTH);
    assertThat(next.take(NOW.plus(LENGTH), LENGTH)).isFalse();
    assertThat(next.take(NOW.plus(LENGTH).plusMillis(1), LENGTH)).isTrue();
    dead.done(NOW, "late");
    assertThat(next.lastDone()).isEmpty();
  }

  @Test
  void whatIsDoneIsRememberedWithItsVersion() {
    Lease lease = new Lease(catalog, "work", "one");
    assertThat(lease.lastDone()).isEmpty();
    lease.take(NOW, LENGTH);
    lease.done(NOW, "v7");
    assertThat(new Lease(catalog, "work", "two").lastDone()).contains(new Lease.Done(NOW, "v7"));
    assertThat(new Lease(catalog, "work", "two").take(NOW, LENGTH)).isTrue();
  }

  @Test
  void oneOfManyAtOnceGetsIt() throws Exception {
    List<Future<Boolean>> taken = new ArrayList<>();
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int i = 0; i < 12; i++) {
        Lease lease = new Lease(catalog, "work", "runner-" + i);
        taken.add(threads.submit(() -> lease.take(NOW, LENGTH)));
      }
    }
    int won = 0;
    for (Future<Boolean> one : taken) {
      won += one.get() ? 1 : 0;
    }
    assertThat(won).isEqualTo(1);
  }
}
