package dev.sheaf.journal;

import dev.sheaf.bundle.SheafException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A thread that ticks every interval, from the first use of a journal until it is closed. */
final class BackgroundTicks {
  private static final Logger LOG = LoggerFactory.getLogger(BackgroundTicks.class);

  /** How long to wait for an interrupted tick to let go of its connection. */
  private static final Duration GRACE = Duration.ofSeconds(5);

  private final Runnable cycle;
  private final TickGate gate;
  private final JournalOptions options;
  private final CountDownLatch closing = new CountDownLatch(1);
  private volatile boolean started;
  private @Nullable Thread thread;

  /** A loop over a cycle that ticks and climbs the ladder. Nothing runs yet. */
  BackgroundTicks(Runnable cycle, TickGate gate, JournalOptions options) {
    this.cycle = cycle;
    this.gate = gate;
    this.options = options;
  }

  /**
   * Starts the loop unless it runs already, or the options keep it off.
   *
   * @param atOnce whether the first tick comes now, or after the first interval
   */
  void start(boolean atOnce) {
    if (!started && options.background()) {
      startOnce(atOnce);
    }
  }

  private synchronized void startOnce(boolean atOnce) {
    if (!started && closing.getCount() > 0) {
      started = true;
      thread = Thread.ofVirtual().name("journal-ticks").start(() -> loop(atOnce));
    }
  }

  private void loop(boolean atOnce) {
    try {
      if (atOnce) {
        turn();
      }
      while (!closing.await(options.syncInterval().toNanos(), TimeUnit.NANOSECONDS)) {
        turn();
      }
    } catch (InterruptedException e) {
      LOG.debug("ticks end", e); // the journal is closing
    }
  }

  private void turn() throws InterruptedException {
    gate.enterForTicker();
    try {
      cycle.run();
    } catch (SheafException e) {
      LOG.warn("tick failed; the last good state stays served", e);
    } catch (RuntimeException | Error e) {
      // Whatever it is, the next tick may find the world in order again; nobody else would try.
      LOG.error("tick failed unexpectedly; the last good state stays served", e);
    } finally {
      gate.leave();
    }
  }

  /** Ends the loop and waits for it. */
  void close() {
    closing.countDown();
    Thread running;
    synchronized (this) {
      running = thread;
    }
    if (running != null) {
      running.interrupt();
      try {
        running.join(GRACE);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
