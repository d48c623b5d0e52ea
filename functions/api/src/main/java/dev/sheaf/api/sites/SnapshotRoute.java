package dev.sheaf.api.sites;

import dev.sheaf.api.http.Reply;
import dev.sheaf.api.http.Request;
import dev.sheaf.api.token.Caller;
import dev.sheaf.ops.SnapshotPage;
import dev.sheaf.ops.SnapshotServer;
import dev.sheaf.ops.SweepServer;
import java.time.InstantSource;

/**
 * {@code GET /internal/crud/snapshot?table=&after=}: a page of the records that this site has at
 * present, in the form of ops.
 */
public final class SnapshotRoute {
  private final SnapshotServer server;
  private final SweepServer log;
  private final InstantSource clock;

  /**
   * @param log remembers who was here
   */
  public SnapshotRoute(SnapshotServer server, SweepServer log, InstantSource clock) {
    this.server = server;
    this.log = log;
    this.clock = clock;
  }

  /**
   * Answers a JSON array; its headers say where the log goes on behind it, and what to ask for
   * next.
   */
  public Reply answer(Request request, Caller caller) {
    SnapshotPage page =
        server.page(request.queryText("table").orElse(""), request.queryText("after").orElse(""));
    caller.peer().ifPresent(peer -> log.seen(peer, clock.instant()));
    Reply reply = JsonText.reply(request, page.body().content());
    if (page.position().isPresent()) {
      reply = reply.with(SnapshotPage.POSITION, page.position().get().text());
    }
    return page.next().isPresent() ? reply.with(SnapshotPage.NEXT, page.next().get()) : reply;
  }
}
