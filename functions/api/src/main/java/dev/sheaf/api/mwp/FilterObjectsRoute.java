package dev.sheaf.api.mwp;

import dev.sheaf.api.access.RepoCall;
import dev.sheaf.api.http.GatewayLimits;
import dev.sheaf.api.http.Reply;
import dev.sheaf.bundle.ContentId;
import dev.sheaf.repository.history.ObjectRows;
import java.util.List;
import java.util.Map;

/** {@code POST /filter-objects}: which objects a push has to bring. */
public final class FilterObjectsRoute {
  private static final int MAX_IDS = 50_000;

  private final ObjectRows rows;

  public FilterObjectsRoute(ObjectRows rows) {
    this.rows = rows;
  }

  /**
   * Takes {@code {object_ids}}, answers {@code {missing}}: those that this repository does not
   * have, spelled and ordered as they came, each once. What other repositories have is not told.
   */
  public Reply answer(RepoCall call) {
    Map<ContentId, String> asked =
        Spelled.ids(call.request().document(GatewayLimits.DOCUMENT_BYTES), MAX_IDS);
    List<ContentId> missing =
        asked.isEmpty() ? List.of() : rows.missing(call.repo().repoId(), asked.keySet());
    return Reply.ok(Map.of("missing", missing.stream().map(asked::get).toList()));
  }
}
