package dev.sheaf.api.status;

import dev.sheaf.api.http.Reply;
import dev.sheaf.api.http.Request;
import dev.sheaf.api.token.Caller;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.journal.site.SiteCounters;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * {@code GET /}: that this is a Sheaf site; and, for those who may see the whole of it ({@link
 * Caller#maySeeSite}), how much it has done, in all and by day. Reads the journal for these alone,
 * at most every 15 seconds.
 */
public final class StatusRoute {
  private final SiteCounters counters;

  public StatusRoute(SiteCounters counters) {
    this.counters = counters;
  }

  /**
   * Answers {@code {service}}, and to whom it may concern {@code {counters: {total: {bundles,
   * objects, bytes, repairs}, days: {date: {...}}}, counters_error}} with it; the last is null
   * unless the counters may be old.
   */
  public Reply answer(Request request, Caller caller) {
    return caller.maySeeSite() ? counted(request) : Reply.ok(Map.of("service", "sheaf"));
  }

  private Reply counted(Request request) {
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
