package dev.sheaf.storage.rds;

import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.storage.Sleeper;
import java.time.Duration;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import software.amazon.awssdk.core.exception.SdkException;

/** Repeats a request while Aurora wakes up from its pause, which takes some 15 seconds. */
final class WakeUpWait {
  private static final Logger log = LoggerFactory.getLogger(WakeUpWait.class);
  private static final Duration FIRST_PAUSE = Duration.ofSeconds(1);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(5);

  /** Leaves the Lambdas behind an API, cut off at 29 s, time for an answer of their own. */
  private static final Duration PATIENCE = Duration.ofSeconds(25);

  private final Sleeper sleeper;

  WakeUpWait(Sleeper sleeper) {
    this.sleeper = sleeper;
  }

  /** Makes a request, again and again while the database resumes; other failures pass through. */
  <T> T call(String action, Supplier<T> request) {
    Duration waited = Duration.ZERO;
    Duration pause = FIRST_PAUSE;
    while (true) {
      try {
        return request.get();
      } catch (SdkException e) {
        if (!DataApiFailures.isResuming(e)) {
          throw DataApiFailures.of(action, e);
        }
        if (waited.compareTo(PATIENCE) >= 0) {
          throw stillAsleep(action, waited, e);
        }
        log.info(
            "the catalog's database was paused and is waking up; waited {} s, trying again in {} s",
            waited.toSeconds(),
            pause.toSeconds());
        sleep(pause);
        waited = waited.plus(pause);
        Duration doubled = pause.multipliedBy(2);
        pause = doubled.compareTo(LONGEST_PAUSE) < 0 ? doubled : LONGEST_PAUSE;
      }
    }
  }

  private void sleep(Duration pause) {
    try {
      sleeper.sleep(pause);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new SheafException(
          ErrorKind.UNAVAILABLE, "interrupted while the catalog's database was waking up", e);
    }
  }

  private static SheafException stillAsleep(String action, Duration waited, SdkException e) {
    return new SheafException(
        ErrorKind.UNAVAILABLE,
        "the catalog's database is still waking up after %d s (%s); try again in a minute"
            .formatted(waited.toSeconds(), action),
        e);
  }
}
