package dev.sheaf.repository;

import dev.sheaf.ops.InlineOps;
import dev.sheaf.ops.OpsOptions;
import java.time.Instant;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * How this site tells others what it changes in its {@link Travelling} tables: each statement that
 * changes them appends the op itself, so a push costs no request more for being followed. A site
 * without {@code SHEAF_SELF} has no name that an op could bear, and nobody follows it: it appends
 * none. Its records go to peers that it gets later by their snapshots.
 *
 * @param self this site's URL; null where nobody follows
 * @param home the home of the repositories that are made here; null where there are no peers
 */
public record SiteLog(
    @Nullable String self, @Nullable String home, Supplier<RandomGenerator> random) {
  /** Of a site that nobody follows: it names no op, so there is nothing to draw. */
  public static final SiteLog OFF = new SiteLog(null, null, () -> () -> 0);

  /** That of a site as it is configured. */
  public static SiteLog of(OpsOptions options, Supplier<RandomGenerator> random) {
    String self = options.self();
    return self.isEmpty()
        ? OFF
        : new SiteLog(self, options.peers().isEmpty() ? null : self, random);
  }

  /**
   * Where a repository with this home is written, if not here.
   *
   * @return null when it is written here
   */
  public @Nullable String elsewhere(@Nullable String itsHome) {
    return home == null || itsHome == null || itsHome.equals(home) ? null : itsHome;
  }

  /** Ops of one transaction. */
  public InlineOps ops(Instant now) {
    return new InlineOps(self, now, random.get());
  }
}
