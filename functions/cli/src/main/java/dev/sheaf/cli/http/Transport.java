package dev.sheaf.cli.http;

import dev.sheaf.bundle.Content;
import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.FileContent;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.storage.Sleeper;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.ConnectException;
import java.net.HttpURLConnection;
import java.net.NoRouteToHostException;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Sends HTTP requests, and sends them again when the connection breaks or the server is busy;
 * everything is counted. Thread-safe.
 *
 * <p>By {@link HttpURLConnection}: a command is mostly over before the JDK's newer client has
 * warmed up. In a fresh JVM its first answer takes 0.05 s, that one's 0.3 s; a body of 48 MB 0.04
 * and 0.2.
 */
public final class Transport {
  private static final String TUNNELS = "jdk.http.auth.tunneling.disabledSchemes";

  static {
    // Whoever gives a proxy a password in its URL wants it sent; the JDK keeps it back by itself,
    // and
    // asks for this but once, at the first connection of the process, with a proxy or without.
    if (System.getProperty(TUNNELS) == null) {
      System.setProperty(TUNNELS, "");
    }
  }

  /** Attempts in all, the first included. */
  static final int ATTEMPTS = 5;

  private static final Set<Integer> BUSY = Set.of(429, 500, 502, 503, 504);
  private static final Duration CONNECT_TIME = Duration.ofSeconds(10);
  private static final Duration FIRST_WAIT = Duration.ofMillis(200);
  private static final Duration LONGEST_WAIT = Duration.ofSeconds(20);

  private final Sleeper sleeper;
  private final Proxies proxies;
  private final Traffic traffic = new Traffic();

  /** Counts from nothing, and goes through no proxy. */
  public Transport(Sleeper sleeper) {
    this(sleeper, Proxies.NONE);
  }

  /** Counts from nothing. */
  public Transport(Sleeper sleeper, Proxies proxies) {
    this.sleeper = sleeper;
    this.proxies = proxies;
  }

  /** What was sent so far. */
  public Traffic traffic() {
    return traffic;
  }

  /** What becomes of a response within one attempt. */
  @FunctionalInterface
  private interface Reading<T> {
    T of(Response response) throws IOException;
  }

  /**
   * Sends a request and gives any answer that is not "busy", whatever its status; redirects are not
   * followed.
   *
   * @param purpose what the request and its answer are counted under
   * @throws SheafException of kind UNAVAILABLE when no attempt got an answer; after the last
   *     attempt a busy answer is given as it is
   */
  Answer send(String purpose, Request request) {
    Answer answer =
        attempt(
            purpose,
            request,
            response -> {
              try (response) {
                return response.read();
              }
            });
    traffic.received(purpose, answer.body().length);
    return answer;
  }

  /**
   * {@link #send} for an answer that may be large: its body has yet to come, and a connection that
   * breaks meanwhile is the caller's affair, as is the count of what came.
   *
   * @return to be closed
   */
  Response open(String purpose, Request request) {
    return attempt(purpose, request, response -> response);
  }

  private <T> T attempt(String purpose, Request request, Reading<T> reading) {
    Duration wait = FIRST_WAIT;
    for (int attempt = 1; ; attempt++) {
      traffic.request(purpose, request.bodyLength());
      Duration pause = wait;
      try {
        Response response = new Response(send(request));
        if (attempt == ATTEMPTS || !BUSY.contains(response.status())) {
          return reading.of(response);
        }
        pause = retryAfter(response, wait);
        response.close();
      } catch (IOException e) {
        if (attempt == ATTEMPTS || isHopeless(e)) {
          throw unreachable(request.uri(), proxies.to(request.uri()).orElse(null), e);
        }
      }
      sleep(pause);
      wait = min(wait.multipliedBy(3), LONGEST_WAIT);
    }
  }

  private HttpURLConnection send(Request request) throws IOException {
    HttpURLConnection connection = connection(request.uri());
    connection.setRequestMethod(request.method());
    connection.setInstanceFollowRedirects(false);
    connection.setUseCaches(false);
    connection.setConnectTimeout((int) CONNECT_TIME.toMillis());
    connection.setReadTimeout((int) request.patience().toMillis());
    request.headers().forEach(connection::setRequestProperty);
    if (request.body() != null) {
      sendBody(connection, request.body());
    }
    return connection;
  }

  private HttpURLConnection connection(URI uri) throws IOException {
    ProxyServer proxy = proxies.to(uri).orElse(null);
    return proxy == null ? (HttpURLConnection) uri.toURL().openConnection() : proxy.open(uri);
  }

  private static void sendBody(HttpURLConnection connection, Content body) throws IOException {
    connection.setDoOutput(true);
    if (body instanceof FileContent) {
      // Otherwise all of it would be taken into memory first.
      connection.setFixedLengthStreamingMode(body.size());
    }
    try (InputStream in = body.open();
        OutputStream out = connection.getOutputStream()) {
      in.transferTo(out);
    }
  }

  /** A server that refuses connections will go on doing so for as long as we would wait. */
  private static boolean isHopeless(IOException e) {
    return e instanceof ConnectException
        || e instanceof UnknownHostException
        || e instanceof NoRouteToHostException;
  }

  private static Duration retryAfter(Response response, Duration otherwise) {
    String value = response.header("Retry-After");
    return value.matches("[0-9]{1,4}")
        ? min(Duration.ofSeconds(Long.parseLong(value)), LONGEST_WAIT)
        : otherwise;
  }

  private static Duration min(Duration a, Duration b) {
    return a.compareTo(b) < 0 ? a : b;
  }

  private void sleep(Duration duration) {
    try {
      sleeper.sleep(duration);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new SheafException(ErrorKind.UNAVAILABLE, "interrupted", e);
    }
  }

  private static SheafException unreachable(URI uri, @Nullable ProxyServer proxy, IOException e) {
    String server =
        uri.getScheme()
            + "://"
            + uri.getAuthority()
            + (proxy == null ? "" : " behind the proxy " + proxy);
    String why =
        switch (e) {
          case SocketTimeoutException timeout -> "does not answer";
          case IOException refused when isHopeless(refused) -> "cannot be reached";
          default -> "broke off the connection (" + e.getMessage() + ")";
        };
    return new SheafException(
        ErrorKind.UNAVAILABLE,
        server + " " + why + "; check the URL and that the server is up, then run this again",
        e);
  }
}
