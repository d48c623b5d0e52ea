package dev.sheaf.api.status;

import dev.sheaf.api.http.Reply;
import dev.sheaf.api.http.Request;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.journal.site.SiteCounters;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * {@code GET /}: how much the site has done, in all and by day. Sums only, and no name of any
 * repository, so it needs no token. Reads the journal, at most every 15 seconds.
 */
public final class StatusRoute {
  private final SiteCounters counters;

  public StatusRoute(SiteCounters counters) {
    this.counters = counters;
  }

  /**
   * Answers {@code {service, counters: {total: {bundles, objects, bytes, repairs}, days: {date:
   * {...}}}, counters_error}}; the last is null unless the counters may be old.
   */
  public Reply answer(Request request) {
    SiteCounters.View view = counters.read();
    view.failure().ifPresent(e -> request.log().put("detail", String.valueOf(e.getMessage())));
    Map<String, @Nullable Object> fields = new LinkedHashMap<>();
    fields.put("service", "sheaf");
    fields.put("counters", Map.of("total", view.totals(), "days", view.days()));
    fields.put("counters_error", view.failure().map(StatusRoute::reason).orElse(null));
    return Reply.ok(fields);
  }

  /** The details name keys of the bucket; the log has them. */
  private static String reason(SheafException failure) {
    return "the site's journal could not be read ("
        + failure.kind()
        + "); what is shown may be old. The log of this request says more";
  }
}
