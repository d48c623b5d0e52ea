package dev.sheaf.repair.peer;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;

/**
 * Waits for what a peer sends: as long as bytes come, an hour at most, and no longer than there is
 * time. Belongs to one question and all that its answer takes.
 */
final class Listening {
  /** Whoever has sent nothing for so long is not waited for any more. */
  static final Duration SILENCE = Duration.ofSeconds(60);

  static final Duration MOST = Duration.ofMinutes(60);

  /** Between two looks at the clock. */
  private static final long LOOK_MILLIS = 100;

  private final LongSupplier ticker;
  private final BooleanSupplier isShortOfTime;
  private final long begun;
  private volatile long heard;

  /**
   * @param ticker a monotonic clock in nanoseconds
   * @param isShortOfTime asked again and again while something is waited for
   */
  Listening(LongSupplier ticker, BooleanSupplier isShortOfTime) {
    this.ticker = ticker;
    this.isShortOfTime = isShortOfTime;
    this.begun = ticker.getAsLong();
    this.heard = begun;
  }

  /** Something has come, whatever it was. */
  void heard() {
    heard = ticker.getAsLong();
  }

  /**
   * Waits; what is given up is cancelled.
   *
   * @throws SilenceException when nothing came, or there is no way
   * @throws OutOfTimeException when the time was up first
   * @throws IOException when what came was refused
   */
  <T> T await(CompletableFuture<T> answer) throws IOException {
    try {
      while (true) {
        try {
          return answer.get(LOOK_MILLIS, TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
          requirePatience(e);
        }
      }
    } catch (ExecutionException e) {
      throw e.getCause() instanceof IOException
          ? new SilenceException(String.valueOf(e.getCause()), e)
          : new IOException(String.valueOf(e.getCause()), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    } finally {
      answer.cancel(true);
    }
  }

  private void requirePatience(TimeoutException nothing) throws IOException {
    long now = ticker.getAsLong();
    if (now - heard >= SILENCE.toNanos()) {
      throw new SilenceException("nothing came for " + SILENCE.toSeconds() + " seconds", nothing);
    }
    if (isShortOfTime.getAsBoolean()) {
      throw new OutOfTimeException();
    }
    if (now - begun >= MOST.toNanos()) {
      throw new IOException("it was not through after " + MOST.toMinutes() + " minutes");
    }
  }

  /** Nothing came, or there is no way. */
  static final class SilenceException extends IOException {
    private static final long serialVersionUID = 1;

    SilenceException(String message, Throwable cause) {
      super(message, cause);
    }
  }

  /** Who asks has no more time; nothing is said about the peer. */
  static final class OutOfTimeException extends IOException {
    private static final long serialVersionUID = 1;

    OutOfTimeException() {
      super("the time was up while it was answering");
    }
  }
}
