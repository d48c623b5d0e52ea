package dev.sheaf.api.mwp;

import dev.sheaf.api.access.RepoCall;
import dev.sheaf.api.http.GatewayLimits;
import dev.sheaf.api.http.Reply;
import dev.sheaf.repository.intake.Pushes;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;

/**
 * {@code POST /push}: history, and the move of one branch to its newest commit. Its objects came
 * along, were sent ahead, or are in the repository. When it is answered everything can be read.
 */
public final class StreamPushRoute {
  private final StreamIntake intake;
  private final Consumer<String> writeDown;

  /**
   * @param writeDown told of a repository after a move of its branch that no bundle tells of
   */
  public StreamPushRoute(StreamIntake intake, Consumer<String> writeDown) {
    this.intake = intake;
    this.writeDown = writeDown;
  }

  /**
   * Takes {@code {bundle, branch, force}}, answers {@code {ok, message, branch_heads,
   * remote_head}}; 409 when the branch has moved on, 422 when a parent or an object is missing.
   */
  public Reply answer(RepoCall call) {
    StreamPush push =
        StreamPush.of(call.request().document(GatewayLimits.DOCUMENT_BYTES), intake.reader());
    call.request()
        .log()
        .put("commits", push.pieces().history().commits().size())
        .put("branch", push.branch());
    Pushes.Result result =
        PushFailures.translated(() ->
            intake.take(
                call.repo(), push.pieces(), Map.of(push.branch(), push.head()), push.force()));
    if (push.force()) {
      writeDown.accept(call.repo().repoId());
    }
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("ok", true);
    fields.put("message", "branch '" + push.branch() + "' is at " + push.head());
    fields.put("branch_heads", result.branchHeads());
    fields.put("remote_head", push.head());
    return Reply.ok(fields);
  }
}
