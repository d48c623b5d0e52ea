package dev.sheaf.journal;

import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.journal.wiring.SystemHost;
import java.time.Duration;

/**
 * How a journal works. The defaults are those of the other replicas; thresholds may differ between
 * replicas, they only decide who compacts when.
 *
 * @param syncInterval time between two background ticks, so the staleness of what is served
 * @param background whether to tick by itself. Not in a function: there nothing may run between
 *     invocations, so call {@link Journal#refresh} at their start and compact from a schedule
 * @param putTimeout the longest that one segment may take to be written, all attempts included
 * @param segmentThreshold compact from this many aged segments on
 * @param ageThreshold only segments older than this, by S3's own stamps, are folded; above any
 *     delay of a write and any skew between the store's nodes
 * @param jitter compactors wait a random part of this, so that they seldom meet
 * @param fetches segments read at the same time
 */
public record JournalOptions(
    Duration syncInterval,
    boolean background,
    Duration putTimeout,
    int segmentThreshold,
    Duration ageThreshold,
    Duration jitter,
    int fetches,
    Host host) {
  private static final Duration SYNC_INTERVAL = Duration.ofSeconds(15);
  private static final Duration PUT_TIMEOUT = Duration.ofSeconds(15);
  private static final Duration LEAST_AGE = Duration.ofSeconds(30);
  private static final Duration JITTER = Duration.ofMillis(500);
  private static final int SEGMENT_THRESHOLD = 256;
  private static final int FETCHES = 8;

  /** In the background a compaction needs this many ticks in a row that ask for it. */
  static final int SUSTAINED_TICKS = 2;

  /** After this many flushes in a row a background tick that is due has its turn. */
  static final int FLUSHES_BEFORE_TICK = 16;

  /** Keys in one delete request. */
  static final int DELETE_BATCH = 1000;

  public JournalOptions {
    if (putTimeout.compareTo(ageThreshold) >= 0) {
      throw new SheafException(
          ErrorKind.INVALID,
          "putTimeout "
              + putTimeout
              + " must be below ageThreshold "
              + ageThreshold
              + ": a write that lands later could be behind the mark, and lost");
    }
  }

  /** The defaults, for a process that lives on between calls. */
  public static JournalOptions defaults() {
    return new JournalOptions(
        SYNC_INTERVAL,
        true,
        PUT_TIMEOUT,
        SEGMENT_THRESHOLD,
        ageFor(SYNC_INTERVAL),
        JITTER,
        FETCHES,
        SystemHost.instance());
  }

  /** The defaults, for a function: nothing runs but what is called. */
  public static JournalOptions forFunction() {
    return defaults().withBackground(false);
  }

  /** The age threshold that goes with a sync interval: at least two of them have gone by. */
  static Duration ageFor(Duration syncInterval) {
    Duration twice = syncInterval.multipliedBy(2);
    return twice.compareTo(LEAST_AGE) > 0 ? twice : LEAST_AGE;
  }

  /** Another sync interval, and the age threshold that goes with it. */
  public JournalOptions withSyncInterval(Duration interval) {
    return with(interval, background, putTimeout, segmentThreshold, ageFor(interval));
  }

  /** Ticks by itself, or only when called. */
  public JournalOptions withBackground(boolean on) {
    return with(syncInterval, on, putTimeout, segmentThreshold, ageThreshold);
  }

  /** Another limit for one write; below the age threshold. */
  public JournalOptions withPutTimeout(Duration timeout) {
    return with(syncInterval, background, timeout, segmentThreshold, ageThreshold);
  }

  /** Other thresholds of compaction. */
  public JournalOptions withThresholds(int segments, Duration age) {
    return with(syncInterval, background, putTimeout, segments, age);
  }

  /** Another limit of the random wait before a compaction. */
  public JournalOptions withJitter(Duration limit) {
    return new JournalOptions(
        syncInterval, background, putTimeout, segmentThreshold, ageThreshold, limit, fetches, host);
  }

  /** Other clocks and randomness. */
  public JournalOptions withHost(Host other) {
    return new JournalOptions(
        syncInterval,
        background,
        putTimeout,
        segmentThreshold,
        ageThreshold,
        jitter,
        fetches,
        other);
  }

  private JournalOptions with(
      Duration interval, boolean ticking, Duration timeout, int segments, Duration age) {
    return new JournalOptions(interval, ticking, timeout, segments, age, jitter, fetches, host);
  }
}
