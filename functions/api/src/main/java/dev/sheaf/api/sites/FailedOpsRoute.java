package dev.sheaf.api.sites;

import dev.sheaf.api.http.HttpFailure;
import dev.sheaf.api.http.Reply;
import dev.sheaf.api.http.Request;
import dev.sheaf.ops.FailedOps;
import dev.sheaf.ops.Ulid;
import java.util.Map;
import java.util.Optional;

/**
 * {@code POST /internal/ops/failed/drop?ulid=} or {@code ?all=true}: gives up ops of peers that
 * cannot be applied, for whoever runs the site.
 */
public final class FailedOpsRoute {
  private final FailedOps failed;

  public FailedOpsRoute(FailedOps failed) {
    this.failed = failed;
  }

  /** Answers {@code {dropped}}, how many they were; 404 when there is none of this ulid. */
  public Reply drop(Request request) {
    if (request.queryText("all").equals(Optional.of("true"))) {
      return Reply.ok(Map.of("dropped", failed.dropAll()));
    }
    Ulid ulid =
        request
            .queryText("ulid")
            .flatMap(Ulid::parse)
            .orElseThrow(() ->
                HttpFailure.malformed("name an op: ?ulid= with its ulid, or ?all=true", null));
    if (!failed.drop(ulid)) {
      throw HttpFailure.notFound("op_not_found", "no op " + ulid + " waits to be applied");
    }
    return Reply.ok(Map.of("dropped", 1));
  }
}
