package dev.sheaf.api.sites;

import dev.sheaf.api.http.Reply;
import dev.sheaf.ops.OpsStatus;
import dev.sheaf.repository.Awaited;
import dev.sheaf.storage.catalog.Catalog;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** {@code GET /internal/crud/status}: how the log and the exchange with peers stand. */
public final class OpsStatusRoute {
  private final OpsStatus status;
  private final Catalog catalog;
  private final InstantSource clock;

  public OpsStatusRoute(OpsStatus status, Catalog catalog, InstantSource clock) {
    this.status = status;
    this.catalog = catalog;
    this.clock = clock;
  }

  /** Answers the fields of {@link OpsStatus#read}, and {@code awaited}, see {@link Awaited}. */
  public Reply answer() {
    Instant now = clock.instant();
    Map<String, @Nullable Object> fields = status.read(now);
    fields.put("awaited", Awaited.of(catalog, now).fields());
    return Reply.ok(fields);
  }
}
