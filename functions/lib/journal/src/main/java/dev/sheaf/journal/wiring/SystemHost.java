package dev.sheaf.journal.wiring;

import dev.sheaf.journal.Host;
import dev.sheaf.journal.SegmentIds;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.concurrent.ThreadLocalRandom;

/**
 * The host that every journal of this process shares: segment names rise across all of them.
 *
 * <p>The random bits of names come from the operating system's generator, which is not repeated in
 * processes that were restored from one snapshot; none are drawn before the first write.
 */
public final class SystemHost {
  private static final Host INSTANCE =
      new Host(
          InstantSource.system(),
          System::nanoTime,
          () -> ThreadLocalRandom.current().nextLong(),
          Thread::sleep,
          new SegmentIds(InstantSource.system(), new SecureRandom()));

  private SystemHost() {}

  public static Host instance() {
    return INSTANCE;
  }
}
