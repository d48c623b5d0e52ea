package dev.sheaf.localstack.embedded.gateway;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.util.thread.Scheduler;

/**
 * Closes connections over which a request's head trickles: bytes have come for a while, and no
 * request of them. (A connection over which nothing comes has an idle time-out.)
 */
final class SlowHeads implements Connection.Listener {
  private final Scheduler scheduler;
  private final Duration patience;

  /**
   * @param patience within which a head has to arrive; it may take twice as long
   */
  SlowHeads(Scheduler scheduler, Duration patience) {
    this.scheduler = scheduler;
    this.patience = patience;
  }

  @Override
  public void onOpened(Connection connection) {
    watch(connection, 0, 0);
  }

  private void watch(Connection connection, long bytes, long requests) {
    scheduler.schedule(
        () -> {
          long bytesNow = connection.getBytesIn();
          long requestsNow = connection.getMessagesIn();
          boolean isServing = requestsNow > connection.getMessagesOut();
          if (!isServing && bytesNow > bytes && requestsNow == requests) {
            connection.getEndPoint().close();
          } else if (connection.getEndPoint().isOpen()) {
            watch(connection, bytesNow, requestsNow);
          }
        },
        patience.toMillis(),
        TimeUnit.MILLISECONDS);
  }

  @Override
  public void onClosed(Connection connection) {}
}
