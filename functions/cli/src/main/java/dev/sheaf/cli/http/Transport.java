package dev.sheaf.cli.http;

import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.storage.Sleeper;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.time.Duration;
import java.util.Set;

/**
 * Sends HTTP requests. What may safely be sent twice is sent again when the connection breaks or
 * the server is busy; everything is counted. Thread-safe.
 */
public final class Transport {
  /** Attempts in all, the first included. */
  static final int ATTEMPTS = 5;

  private static final Set<Integer> BUSY = Set.of(429, 500, 502, 503, 504);
  private static final Duration LONGEST_WAIT = Duration.ofSeconds(20);

  private final HttpClient client;
  private final Sleeper sleeper;
  private final Traffic traffic;

  public Transport(HttpClient client, Sleeper sleeper, Traffic traffic) {
    this.client = client;
    this.sleeper = sleeper;
    this.traffic = traffic;
  }

  /** A transport with a client of its own, which counts from nothing. */
  public static Transport standard(Sleeper sleeper) {
    HttpClient client =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(Duration.ofSeconds(10))
            .followRedirects(HttpClient.Redirect.NEVER)
            .build();
    return new Transport(client, sleeper, new Traffic());
  }

  /** What was sent so far. */
  public Traffic traffic() {
    return traffic;
  }

  /**
   * Sends a request and gives any answer that is not "busy", whatever its status.
   *
   * @param purpose what the request is counted under
   * @param request all requests of this client may be repeated: they read, or name what they write
   *     by its content
   * @throws SheafException of kind UNAVAILABLE when no attempt got an answer; after the last
   *     attempt a busy answer is given as it is
   */
  <T> HttpResponse<T> send(
      String purpose, HttpRequest request, HttpResponse.BodyHandler<T> handler) {
    Duration wait = Duration.ofMillis(200);
    for (int attempt = 1; ; attempt++) {
      traffic.request(purpose, bodyLength(request));
      try {
        HttpResponse<T> response = client.send(request, handler);
        if (attempt == ATTEMPTS || !BUSY.contains(response.statusCode())) {
          return response;
        }
        sleep(retryAfter(response, wait));
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new SheafException(ErrorKind.UNAVAILABLE, "interrupted", e);
      } catch (IOException e) {
        if (attempt == ATTEMPTS || isHopeless(e)) {
          throw unreachable(request.uri(), e);
        }
        sleep(wait);
      }
      wait = min(wait.multipliedBy(3), LONGEST_WAIT);
    }
  }

  private static long bodyLength(HttpRequest request) {
    return request.bodyPublisher().map(HttpRequest.BodyPublisher::contentLength).orElse(0L);
  }

  /** A server that refuses connections will go on doing so for as long as we would wait. */
  private static boolean isHopeless(IOException e) {
    return e instanceof ConnectException && !(e instanceof HttpConnectTimeoutException);
  }

  private static <T> Duration retryAfter(HttpResponse<T> response, Duration otherwise) {
    return response
        .headers()
        .firstValue("Retry-After")
        .filter(value -> value.matches("[0-9]{1,4}"))
        .map(value -> min(Duration.ofSeconds(Long.parseLong(value)), LONGEST_WAIT))
        .orElse(otherwise);
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

  private static SheafException unreachable(URI uri, IOException e) {
    String server = uri.getScheme() + "://" + uri.getAuthority();
    String why =
        switch (e) {
          case HttpTimeoutException timeout -> "does not answer";
          case ConnectException refused -> "cannot be reached";
          default -> "broke off the connection (" + e.getMessage() + ")";
        };
    return new SheafException(
        ErrorKind.UNAVAILABLE,
        server + " " + why + "; check the URL and that the server is up, then run this again",
        e);
  }
}
