package dev.sheaf.api.mwp;

import dev.sheaf.api.access.RepoCall;
import dev.sheaf.api.http.Document;
import dev.sheaf.api.http.GatewayLimits;
import dev.sheaf.api.http.Reply;
import dev.sheaf.repository.history.Ancestry;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * {@code POST /negotiate}: how far back a client must look for what it shares with the repository.
 * Reads the catalog only.
 */
public final class NegotiateRoute {
  private static final int MAX_IDS = 256;

  private final Ancestry ancestry;

  public NegotiateRoute(Ancestry ancestry) {
    this.ancestry = ancestry;
  }

  /**
   * Takes {@code {want, have}}, answers {@code {ack, common_base, ready}}: those of {@code have}
   * that the repository has, in their order; the newest of them that a wanted commit descends from,
   * or null; and whether the client may stop asking, because there is such a commit or because it
   * has nothing.
   */
  public Reply answer(RepoCall call) {
    Document fields = call.request().document(GatewayLimits.SMALL_DOCUMENT_BYTES);
    List<String> want = fields.texts("want", MAX_IDS);
    List<String> have = fields.texts("have", MAX_IDS);
    Ancestry.Shared shared = ancestry.shared(call.repo().repoId(), want, have);
    Map<String, @Nullable Object> answer = new LinkedHashMap<>();
    answer.put("ack", shared.known());
    answer.put("common_base", shared.newest());
    answer.put("ready", shared.newest() != null || have.isEmpty());
    return Reply.ok(answer);
  }
}
