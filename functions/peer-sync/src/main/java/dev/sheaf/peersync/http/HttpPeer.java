package dev.sheaf.peersync.http;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.sheaf.bundle.ContentId;
import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.ops.SweepPeer;
import dev.sheaf.repository.WantedPacks.Wanted;
import dev.sheaf.repository.git.PackList;
import dev.sheaf.repository.git.PackSource;
import dev.sheaf.storage.Deadline;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * Another site over HTTP. It is believed little: an answer has so much time as a whole, whatever
 * trickles in, and never more than the thread's {@link Deadline} leaves; a redirect is followed for
 * blobs alone, without the token, and not from https to http.
 */
public final class HttpPeer implements SweepPeer, PackSource {
  private static final int OK = 200;
  private static final int PARTIAL = 206;
  private static final int TEMPORARY_REDIRECT = 307;
  private static final int NOT_FOUND = 404;

  private final HttpClient client;
  private final String host;
  private final Identity identity;
  private final Patience patience;

  /**
   * Who asks.
   *
   * @param self this site's base URL
   * @param token what the peer knows it by; empty for a peer that asks for none
   */
  public record Identity(String self, Optional<String> token) {}

  /**
   * @param host the peer's base URL, lower case, without a slash at its end
   * @param client follows no redirects
   */
  public HttpPeer(HttpClient client, String host, Identity identity, Patience patience) {
    this.client = client;
    this.host = host;
    this.identity = identity;
    this.patience = patience;
  }

  @Override
  public String host() {
    return host;
  }

  @Override
  public Answer sweep(String after) throws IOException {
    return ask("/internal/crud/sweep?after=" + encoded(after));
  }

  @Override
  public Answer snapshot(String table, String after) throws IOException {
    return ask("/internal/crud/snapshot?table=" + encoded(table) + "&after=" + encoded(after));
  }

  private Answer ask(String path) throws IOException {
    HttpResponse<InputStream> response = send(asked(URI.create(host + path)));
    InputStream body = patience.limit(response.body(), Patience.Of.PAGE);
    boolean isCompressed =
        response
            .headers()
            .firstValue("Content-Encoding")
            .filter("gzip"::equalsIgnoreCase)
            .isPresent();
    return new Answer(
        response.statusCode(),
        name -> response.headers().firstValue(name),
        isCompressed ? new LazyGzip(body) : body);
  }

  private HttpRequest.Builder asked(URI uri) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(uri)
            .header("Accept", "application/json")
            .header("Accept-Encoding", "gzip")
            .header("User-Agent", "sheaf " + identity.self());
    identity.token().ifPresent(token -> request.header("Authorization", "Bearer " + token));
    return request;
  }

  /**
   * Opens a blob; empty when the peer has none of this name. What comes is for the reader to prove.
   *
   * @throws SheafException of kind UNAVAILABLE when the peer answers with an error
   */
  @Override
  public Optional<InputStream> blob(ContentId id) throws IOException {
    HttpResponse<InputStream> response =
        send(asked(URI.create(host + "/internal/blobs/" + id.hex())));
    if (response.statusCode() == TEMPORARY_REDIRECT) {
      response.body().close();
      URI elsewhere = location(response);
      response =
          send(HttpRequest.newBuilder(elsewhere).header("User-Agent", "sheaf " + identity.self()));
    }
    if (response.statusCode() == OK) {
      return Optional.of(patience.limit(response.body(), Patience.Of.BLOB));
    }
    response.body().close();
    if (response.statusCode() == NOT_FOUND) {
      return Optional.empty();
    }
    throw refused(id, response);
  }

  /** Where the bytes of a blob are to be had. */
  @FunctionalInterface
  public interface Place {
    /**
     * Opens them.
     *
     * @param offset the first one; there is such a one
     * @throws SheafException of kind UNAVAILABLE when the answer is an error
     */
    InputStream open(long offset) throws IOException;
  }

  /**
   * Asks for a blob and reads nothing of it yet; empty when the peer has none of this name.
   *
   * @throws SheafException of kind UNAVAILABLE when the peer answers with an error
   */
  public Optional<Place> find(ContentId id) throws IOException {
    URI here = URI.create(host + "/internal/blobs/" + id.hex());
    HttpResponse<InputStream> response = send(asked(here));
    response.body().close();
    return switch (response.statusCode()) {
      case TEMPORARY_REDIRECT -> {
        URI elsewhere = location(response);
        yield Optional.of(offset -> open(id, HttpRequest.newBuilder(elsewhere), offset));
      }
      case OK -> Optional.of(offset -> open(id, asked(here), offset));
      case NOT_FOUND -> Optional.empty();
      default -> throw refused(id, response);
    };
  }

  private InputStream open(ContentId id, HttpRequest.Builder request, long offset)
      throws IOException {
    request.setHeader("User-Agent", "sheaf " + identity.self());
    if (offset > 0) {
      request.setHeader("Range", "bytes=" + offset + "-");
    }
    HttpResponse<InputStream> response = send(request);
    InputStream body = patience.limit(response.body(), Patience.Of.BLOB);
    try {
      if (response.statusCode() == OK) {
        // Not all servers give parts.
        body.skipNBytes(offset);
        return body;
      }
      String range = response.headers().firstValue("Content-Range").orElse("");
      if (response.statusCode() == PARTIAL && range.startsWith("bytes " + offset + "-")) {
        return body;
      }
      throw refused(id, response);
    } catch (IOException | SheafException e) {
      body.close();
      throw e;
    }
  }

  private SheafException refused(ContentId id, HttpResponse<?> response) {
    return new SheafException(
        ErrorKind.UNAVAILABLE,
        "%s answered for blob %s with HTTP %d".formatted(host, id.hex(), response.statusCode()));
  }

  @Override
  public List<Wanted> packs(String repoId) throws IOException {
    try (Answer answer = ask("/internal/packs/" + encoded(repoId).replace("+", "%20"))) {
      if (answer.status() == NOT_FOUND) {
        return List.of();
      }
      if (answer.status() != OK) {
        throw new SheafException(
            ErrorKind.UNAVAILABLE,
            "%s answered for packs with HTTP %d".formatted(host, answer.status()));
      }
      return PackList.parse(answer.body().readNBytes(PackList.MOST_BYTES));
    }
  }

  private URI location(HttpResponse<?> response) {
    try {
      URI elsewhere = response.uri().resolve(response.headers().firstValue("Location").orElse(""));
      boolean isSafe = elsewhere.getScheme().equals("https") || host.startsWith("http:");
      if (isSafe && elsewhere.getHost() != null) {
        return elsewhere;
      }
    } catch (IllegalArgumentException e) {
      // Refused below.
    }
    throw new SheafException(
        ErrorKind.INVALID, host + " sends this site to a place from which it copies nothing");
  }

  private HttpResponse<InputStream> send(HttpRequest.Builder request) throws IOException {
    Duration most = patience.headers();
    Duration left = Deadline.current().map(Deadline::remaining).orElse(most);
    if (left.isZero()) {
      throw new IOException("no time is left to ask " + host);
    }
    request.timeout(left.compareTo(most) < 0 ? left : most);
    try {
      return client.send(request.build(), HttpResponse.BodyHandlers.ofInputStream());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while waiting for " + host, e);
    }
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, UTF_8);
  }
}
