package dev.sheaf.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.journal.Operation.IntAdd;
import dev.sheaf.journal.Operation.ScalarSet;
import dev.sheaf.journal.json.Json;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

class AppenderTest {
  private static final Namespace GIT = Namespace.of("git");

  private final FakeBucket bucket = new FakeBucket();

  private Appender appender(Duration timeout) {
    return new Appender(bucket, GIT, Site.OPTIONS.withPutTimeout(timeout));
  }

  @Test
  void anAppendIsOnePutAndReadByEveryReplica() {
    appender(Duration.ofSeconds(5)).append(List.of(new IntAdd("n", 2), new IntAdd("n", 3)));
    assertThat(bucket.takeLog()).containsExactly("PUT segment 200");
    Site cold = new Site(bucket, "git");
    cold.flush();
    assertThat(cold.integer("n")).isEqualTo(5);
  }

  @Test
  void nothingToAppendAndNothingThatCannotBeEncodedIsSent() {
    Appender appender = appender(Duration.ofSeconds(5));
    appender.append(List.of());
    assertThatThrownBy(() -> appender.append(List.of(new ScalarSet("x", Json.of(Double.NaN)))))
        .isInstanceOfSatisfying(
            SheafException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.INVALID));
    assertThat(bucket.takeLog()).isEmpty();
  }

  @Test
  void nothingIsInFlightWhenItGivesUp() {
    CountDownLatch never = new CountDownLatch(1);
    AtomicBoolean over = new AtomicBoolean();
    bucket.next(
        "PUT segment",
        FakeBucket.before(() -> {
          try {
            Waits.await(never);
          } finally {
            over.set(true);
          }
        }));
    assertThatThrownBy(() -> appender(Duration.ofMillis(50)).append(List.of(new IntAdd("n", 1))))
        .isInstanceOf(SheafException.class);
    assertThat(over).isTrue();
    assertThat(bucket.objects).isEmpty();
  }
}
