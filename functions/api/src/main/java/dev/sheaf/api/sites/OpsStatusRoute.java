package dev.sheaf.api.sites;

import dev.sheaf.api.http.Reply;
import dev.sheaf.ops.OpsStatus;
import java.time.InstantSource;

/** {@code GET /internal/crud/status}: how the log and the exchange with peers stand. */
public final class OpsStatusRoute {
  private final OpsStatus status;
  private final InstantSource clock;

  public OpsStatusRoute(OpsStatus status, InstantSource clock) {
    this.status = status;
    this.clock = clock;
  }

  /** Answers the fields of {@link OpsStatus#read}. */
  public Reply answer() {
    return Reply.ok(status.read(clock.instant()));
  }
}
