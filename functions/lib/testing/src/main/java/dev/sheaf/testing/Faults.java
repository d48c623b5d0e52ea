package dev.sheaf.testing;

import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.SheafException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/**
 * Lets one request of a piece of work fail. The requests of every {@link FaultyObjectStore} and
 * {@link FaultyCatalog} that share it are counted together, from 1, so that a test can do the work
 * once to learn their number and then once for each request and each way to fail:
 *
 * <pre>{@code
 * Faults none = Faults.none();
 * work(none);
 * for (int k = 1; k <= none.requests(); k++) {
 *   for (Faults.Way way : Faults.Way.values()) {
 *     work(Faults.at(k, way)); // ...fails; then recover, and compare with the clean run
 *   }
 * }
 * }</pre>
 */
public final class Faults {
  /** How a request fails. */
  public enum Way {
    /** It is not sent; the caller sees {@code UNAVAILABLE}. */
    FAILS_BEFORE,
    /** It takes effect, but the caller sees {@code UNAVAILABLE}. */
    FAILS_AFTER,
    /** The process dies before it is sent. */
    CRASHES_BEFORE,
    /** The process dies when it has taken effect. */
    CRASHES_AFTER;

    boolean isBefore() {
      return this == FAILS_BEFORE || this == CRASHES_BEFORE;
    }

    boolean isCrash() {
      return this == CRASHES_BEFORE || this == CRASHES_AFTER;
    }
  }

  private final int at;
  private final Way way;
  private final List<String> requests = new ArrayList<>();
  private boolean crashed;

  private Faults(int at, Way way) {
    this.at = at;
    this.way = way;
  }

  /** Nothing fails; requests are counted. */
  public static Faults none() {
    return new Faults(0, Way.FAILS_BEFORE);
  }

  /**
   * One request fails.
   *
   * @param request its number, from 1
   */
  public static Faults at(int request, Way way) {
    return new Faults(request, way);
  }

  /** Number of requests so far. */
  public synchronized int requests() {
    return requests.size();
  }

  /** What the requests were, in order: {@code PUT objects/...}, {@code commit}, ... */
  public synchronized List<String> log() {
    return List.copyOf(requests);
  }

  /** Whether the fault has happened. */
  public synchronized boolean happened() {
    return at > 0 && requests.size() >= at;
  }

  /** Makes a request, or lets it fail. */
  <T extends @org.jspecify.annotations.Nullable Object> T request(
      String what, Supplier<T> request) {
    boolean chosen = begin(what);
    T result = request.get();
    if (chosen) {
      fail("after " + what);
    }
    return result;
  }

  /** Notes a request; true when it is to fail after it took effect. */
  synchronized boolean begin(String what) {
    if (crashed) {
      throw new Crash("dead before " + what);
    }
    requests.add(what);
    boolean chosen = requests.size() == at;
    if (chosen && way.isBefore()) {
      fail("before " + what);
    }
    return chosen;
  }

  synchronized void fail(String where) {
    if (way.isCrash()) {
      crashed = true;
      throw new Crash("crash " + where);
    }
    throw new SheafException(ErrorKind.UNAVAILABLE, "injected failure " + where);
  }
}
