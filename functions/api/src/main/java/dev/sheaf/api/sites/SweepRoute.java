package dev.sheaf.api.sites;

import dev.sheaf.api.http.Reply;
import dev.sheaf.api.http.Request;
import dev.sheaf.api.token.Caller;
import dev.sheaf.ops.SweepPage;
import dev.sheaf.ops.SweepServer;
import java.time.InstantSource;
import java.util.Optional;

/**
 * {@code GET /internal/crud/sweep?after=}: a page of the operation log behind a position. A peer
 * gets what others did too, and where it asks from is remembered as how far it has read; anybody
 * else gets what this site did itself, and moves nothing.
 */
public final class SweepRoute {
  private final SweepServer server;
  private final InstantSource clock;

  public SweepRoute(SweepServer server, InstantSource clock) {
    this.server = server;
    this.clock = clock;
  }

  /** Answers a JSON array of ops; its headers say where it ends and whether something is gone. */
  public Reply answer(Request request, Caller caller) {
    SweepPage page = page(request.queryText("after").orElse(""), caller.peer());
    Reply reply = JsonText.reply(request, page.body().content());
    if (page.lastScanned().isPresent()) {
      reply = reply.with(SweepPage.LAST_SCANNED, page.lastScanned().get().text());
    }
    if (page.isLimited()) {
      reply = reply.with(SweepPage.LIMITED, "true");
    }
    if (page.gap().isPresent()) {
      reply =
          reply.with(SweepPage.GAP, "true").with(SweepPage.AVAILABLE_MIN, page.gap().get().text());
    }
    return reply;
  }

  private SweepPage page(String after, Optional<String> peer) {
    if (peer.isEmpty()) {
      return server.forAnyone(after);
    }
    SweepPage page = server.forPeer(after, peer.get());
    server.seen(peer.get(), after, clock.instant());
    return page;
  }
}
