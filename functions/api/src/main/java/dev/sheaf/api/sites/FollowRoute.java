package dev.sheaf.api.sites;

import dev.sheaf.api.http.HttpFailure;
import dev.sheaf.api.http.Reply;
import dev.sheaf.ops.FollowRequests;
import dev.sheaf.ops.OpsOptions;
import dev.sheaf.storage.queue.JobQueue;
import java.util.Map;
import java.util.function.Supplier;

/**
 * {@code POST /internal/crud/follow}: has this site follow its peers now, in place of at the next
 * tick of the schedule. Many requests at a time are one run.
 */
public final class FollowRoute {
  private final FollowRequests requests;
  private final Supplier<JobQueue> queue;
  private final OpsOptions options;

  /**
   * @param queue that of peer-sync; asked for where there are peers
   */
  public FollowRoute(FollowRequests requests, Supplier<JobQueue> queue, OpsOptions options) {
    this.requests = requests;
    this.queue = queue;
    this.options = options;
  }

  /**
   * Answers 202 with {@code {request}}: it is done when the status has {@code follow.done} at this
   * number or above it.
   */
  public Reply answer() {
    if (options.peers().isEmpty()) {
      throw HttpFailure.conflict(
          "no_peers", "this site follows nobody: it was deployed without SHEAF_PEERS");
    }
    long number = requests.ask();
    queue.get().send(FollowRequests.message(number));
    return Reply.document(202, Map.of("request", number));
  }
}
