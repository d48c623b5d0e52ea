package dev.sheaf.ops;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.storage.catalog.Statement;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * A writer of this site locks its rows first and the end of the log late; who applies what came has
 * the end of the log first. Where the two meet, Postgres ends one of them: nothing of either is
 * lost.
 */
@Timeout(60)
class DeadlockTest extends OpsTest {
  private static final String WAITING =
      """
      select count(*) as n from pg_stat_activity
      where datname = current_database() and wait_event_type = 'Lock'
      """;

  @Test
  void aWriterAndWhatComesInEachOthersWayLoseNothing() throws Exception {
    Op first = op(at(NOW), "create", data("a", "theirs"));
    Op second = op(at(NOW), "create", data("b", "theirs"));
    applier(catalog)
        .apply(PEER, List.of(op(at(NOW.minusSeconds(60)), "create", data("a"))), _ -> {});
    CountDownLatch holdsRow = new CountDownLatch(1);
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<Boolean> writing = threads.submit(() -> write(holdsRow));
      holdsRow.await();
      Applier.Outcome outcome = applier(catalog).apply(PEER, List.of(first, second), _ -> {});
      boolean isWritten = writing.get();
      assertThat(outcome.applied() + outcome.failed()).isEqualTo(2);
      if (!isWritten) {
        assertThat(write(holdsRow)).isTrue();
      }
    }
    applier(catalog).retryFailed();
    assertThat(count("failed_ops")).isZero();
    assertThat(count("ops")).isEqualTo(4);
    // Whoever came last has the greater ulid.
    assertThat(things(catalog)).hasSize(2).first().asString().startsWith("a=ours@");
  }

  /** Whether it was written; if not, Postgres chose it to be ended, as the caller is told. */
  private boolean write(CountDownLatch holdsRow) {
    clock.advance(Duration.ofSeconds(1));
    try {
      return catalog.transaction(transaction -> {
        transaction.execute(Statement.of("select id from things where id = 'a' for update"));
        boolean isFirst = holdsRow.getCount() > 0;
        holdsRow.countDown();
        if (isFirst) {
          awaitWaiting();
        }
        OwnOps own = new OwnOps(SELF, List.of(THINGS), clock, random);
        own.write(
            transaction,
            List.of(
                new OpLog.Change(
                    Action.UPDATE, "things", List.of(record("a").put("name", "ours")))));
        return true;
      });
    } catch (SheafException e) {
      assertThat(e.kind()).isEqualTo(ErrorKind.CONFLICT);
      return false;
    }
  }

  /** Until the other one has the end of the log, and waits for the row. */
  private void awaitWaiting() {
    // Within the transaction it would see what it saw first.
    while (count(catalog, WAITING) == 0) {
      Thread.onSpinWait();
    }
  }
}
