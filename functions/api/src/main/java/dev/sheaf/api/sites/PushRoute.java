package dev.sheaf.api.sites;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.sheaf.api.http.GatewayLimits;
import dev.sheaf.api.http.HttpFailure;
import dev.sheaf.api.http.Reply;
import dev.sheaf.api.http.Request;
import dev.sheaf.api.token.Caller;
import dev.sheaf.bundle.Content;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.ops.Applier;
import dev.sheaf.ops.Op;
import dev.sheaf.ops.OpJson;
import dev.sheaf.ops.OpsOptions;
import java.util.List;
import java.util.Map;

/**
 * {@code POST /internal/crud/push}: one op of the peer that sends it, ahead of the sweep that would
 * bring it. Bodies and statuses are those of mediorum.
 */
public final class PushRoute {
  private static final String TEXT = "text/plain; charset=utf-8";

  private final Applier applier;

  public PushRoute(Applier applier) {
    this.applier = applier;
  }

  /**
   * Answers nothing (200) when the op is applied, or was before; 406 for a table that does not
   * travel; 500 with {@code {error, message}} when the op is kept to be tried again.
   */
  public Reply answer(Request request, Caller caller) {
    Op op = op(request);
    String peer =
        caller
            .peer()
            .orElseThrow(() -> HttpFailure.forbidden("only a peer's token says whose op this is"));
    if (!OpsOptions.host(op.host()).equals(peer)) {
      throw HttpFailure.forbidden(
          "the token is of %s, the op of %s; a site pushes what it did itself"
              .formatted(peer, op.host()));
    }
    if (!applier.knows(op.table())) {
      return Reply.raw(406, Content.of("unknown crudr type".getBytes(UTF_8)), TEXT);
    }
    Applier.Outcome outcome = applier.apply(peer, List.of(op), _ -> {});
    return outcome.failed() == 0
        ? Reply.empty(200)
        : Reply.document(
            500,
            Map.of(
                "error",
                "op_not_applied",
                "message",
                "op %s of %s is kept in failed_ops and tried again; GET /internal/crud/status says why"
                    .formatted(op.ulid(), op.table())));
  }

  private static Op op(Request request) {
    byte[] body = request.body().bytes(GatewayLimits.DOCUMENT_BYTES);
    try {
      return OpJson.read(new String(body, UTF_8));
    } catch (SheafException e) {
      throw HttpFailure.malformed(String.valueOf(e.getMessage()), e);
    }
  }
}
