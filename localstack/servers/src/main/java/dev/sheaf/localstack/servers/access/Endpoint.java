package dev.sheaf.localstack.servers.access;

import java.io.IOException;
import java.net.BindException;
import java.net.URI;
import java.time.Duration;
import java.util.concurrent.Executors;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.thread.QueuedThreadPool;

/** An HTTP server for {@link LocalPrograms}, which serves each request on a virtual thread. */
public final class Endpoint implements AutoCloseable {
  private final String name;
  private final Server server;
  private final ServerConnector connector;

  private Endpoint(String name, Server server, ServerConnector connector) {
    this.name = name;
    this.server = server;
    this.connector = connector;
  }

  /**
   * Where to listen.
   *
   * @param host address of an interface
   * @param port 0 picks a free one
   * @param name under which clients know the address
   */
  public record Listen(String host, int port, String name) {
    /** Where no other machine gets. */
    public static Listen loopback(int port) {
      return new Listen("127.0.0.1", port, "127.0.0.1");
    }
  }

  /**
   * Starts to serve.
   *
   * @param name of the service, for threads and errors
   * @param idle after which a connection that neither sends nor receives is closed
   * @throws IOException when the port is taken
   */
  public static Endpoint start(String name, Listen listen, Duration idle, Handler handler)
      throws IOException {
    return start(name, listen, idle, handler, new HttpConfiguration());
  }

  /**
   * As above, with rules of one's own.
   *
   * @param http what requests may look like
   */
  public static Endpoint start(
      String name, Listen listen, Duration idle, Handler handler, HttpConfiguration http)
      throws IOException {
    QueuedThreadPool threads = new QueuedThreadPool();
    threads.setName(name);
    threads.setDaemon(true);
    // A request may wait for a lock or a message: that must cost no thread of the server.
    threads.setVirtualThreadsExecutor(Executors.newVirtualThreadPerTaskExecutor());
    Server server = new Server(threads);
    http.setSendServerVersion(false);
    ServerConnector connector = new ServerConnector(server, new HttpConnectionFactory(http));
    connector.setHost(listen.host());
    connector.setPort(listen.port());
    connector.setIdleTimeout(idle.toMillis());
    server.addConnector(connector);
    server.setHandler(new LocalPrograms(handler, listen.name()));
    server.setStopTimeout(0);
    try {
      server.start();
    } catch (Exception e) {
      throw new IOException(
          e.getCause() instanceof BindException
              ? "port " + listen.port() + " for " + name + " is taken: choose another one"
              : name + " does not start: " + e.getMessage(),
          e);
    }
    return new Endpoint(name, server, connector);
  }

  /** Such as {@code http://127.0.0.1:41235}. */
  public URI uri() {
    return URI.create("http://127.0.0.1:" + connector.getLocalPort());
  }

  @Override
  public void close() throws IOException {
    try {
      server.stop();
    } catch (Exception e) {
      throw new IOException(name + " does not stop: " + e.getMessage(), e);
    }
  }
}
