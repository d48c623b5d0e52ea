package dev.sheaf.api.sites;

import dev.sheaf.api.http.Reply;
import dev.sheaf.ops.CleanupPlan;
import dev.sheaf.ops.Dormant;
import dev.sheaf.ops.Retention;
import java.time.Instant;
import java.time.InstantSource;

/** {@code GET /internal/ops/plan}: what cleanup and retention would delete now. Changes nothing. */
public final class OpsPlanRoute {
  private final Dormant dormant;
  private final Retention retention;
  private final InstantSource clock;

  public OpsPlanRoute(Dormant dormant, Retention retention, InstantSource clock) {
    this.dormant = dormant;
    this.retention = retention;
    this.clock = clock;
  }

  /** Answers the fields of {@link CleanupPlan#fields}. */
  public Reply answer() {
    Instant now = clock.instant();
    return Reply.ok(new CleanupPlan(dormant.plan(now), retention.plan(now)).fields());
  }
}
