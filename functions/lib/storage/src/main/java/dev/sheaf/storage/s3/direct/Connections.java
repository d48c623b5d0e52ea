package dev.sheaf.storage.s3.direct;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.function.Supplier;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.SSLSocketFactory;

/** Connections to one endpoint; as many as are in use at once, the last used is reused first. */
final class Connections {
  private static final int CONNECT_MILLIS = 5_000;

  /** S3 drops idle connections after some ten seconds; a thawed function's are long dead. */
  private static final Duration IDLE = Duration.ofSeconds(5);

  private final boolean tls;
  private final String host;
  private final int port;
  private final Supplier<SSLSocketFactory> tlsSockets;
  private final ConcurrentLinkedDeque<Connection> idle = new ConcurrentLinkedDeque<>();

  Connections(URI endpoint, Supplier<SSLSocketFactory> tlsSockets) {
    this.tls = endpoint.getScheme().equals("https");
    this.host = endpoint.getHost();
    this.port = endpoint.getPort() >= 0 ? endpoint.getPort() : tls ? 443 : 80;
    this.tlsSockets = tlsSockets;
  }

  /** The value of the header {@code Host}. */
  String hostHeader() {
    return port == (tls ? 443 : 80) ? host : host + ":" + port;
  }

  /** A connection that nobody else uses, as fresh as there is. */
  Connection take(Instant now) throws IOException {
    for (Connection known = idle.pollFirst(); known != null; known = idle.pollFirst()) {
      if (now.isBefore(known.lastUsed().plus(IDLE))) {
        return known;
      }
      known.close();
    }
    return open();
  }

  /** Gives a connection back after a complete answer. */
  void giveBack(Connection connection, Instant now) {
    connection.used(now);
    idle.addFirst(connection);
  }

  /** A new connection. */
  Connection open() throws IOException {
    // Of a channel, so that an interrupt ends what a platform thread does with it, too.
    Socket socket = SocketChannel.open().socket();
    try {
      socket.setTcpNoDelay(true);
      socket.connect(new InetSocketAddress(host, port), LimitedReads.millisLeft(CONNECT_MILLIS));
      socket.setSoTimeout(LimitedReads.millisLeft(CONNECT_MILLIS));
      return new Connection(socket, tls ? secured(socket) : socket);
    } catch (IOException e) {
      socket.close();
      throw e;
    }
  }

  private Socket secured(Socket plain) throws IOException {
    SSLSocket socket = (SSLSocket) tlsSockets.get().createSocket(plain, host, port, true);
    SSLParameters parameters = socket.getSSLParameters();
    // Without this a certificate of any host would do.
    parameters.setEndpointIdentificationAlgorithm("HTTPS");
    socket.setSSLParameters(parameters);
    socket.startHandshake();
    return socket;
  }
}
