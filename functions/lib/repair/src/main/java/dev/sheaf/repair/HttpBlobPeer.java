package dev.sheaf.repair;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.sheaf.bundle.ContentId;
import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.FileContent;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.repository.WantedPacks.Wanted;
import dev.sheaf.repository.git.PackList;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandler;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * A peer over HTTP: {@code HEAD <site>/internal/blobs/<id>} says whether it has the bytes, {@code
 * GET <site>/internal/blobs/<id>} says where the bytes are, and they come from there in pieces, all
 * of one revision. A pull is bounded by its progress: a piece that does not come within a minute
 * ends it, however large the whole is.
 */
public final class HttpBlobPeer implements BlobPeer {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final int PIECE = 8 << 20;

  private final HttpClient http;
  private final String site;
  private final Optional<String> token;
  private final Path folder;

  /**
   * @param http follows no redirects: the token is the site's alone
   * @param token what this site shows to it
   * @param folder for what is pulled
   */
  public HttpBlobPeer(HttpClient http, String site, Optional<String> token, Path folder) {
    if (http.followRedirects() != HttpClient.Redirect.NEVER) {
      throw new IllegalArgumentException("a redirect would take the token elsewhere");
    }
    this.http = http;
    this.site = site;
    this.token = token;
    this.folder = folder;
  }

  @Override
  public String site() {
    return site;
  }

  private HttpRequest.Builder question(ContentId id) {
    return asked("/internal/blobs/" + id.hex());
  }

  private HttpRequest.Builder asked(String path) {
    HttpRequest.Builder question = HttpRequest.newBuilder(URI.create(site + path));
    token.ifPresent(shown -> question.header("Authorization", "Bearer " + shown));
    return question;
  }

  @Override
  public Holding holds(ContentId id) {
    try {
      HttpResponse<Void> answer = send(question(id).HEAD(), BodyHandlers.discarding());
      return switch (answer.statusCode()) {
        case 200 -> held(answer);
        case 404 -> new Holding.HasNot();
        default -> new Holding.NoAnswer("HTTP " + answer.statusCode());
      };
    } catch (SilenceException e) {
      return new Holding.Silent(String.valueOf(e.getMessage()));
    } catch (IOException | IllegalArgumentException e) {
      return new Holding.NoAnswer(String.valueOf(e.getMessage()));
    }
  }

  private static Holding held(HttpResponse<?> answer) {
    return new Holding.Has(
        answer.headers().firstValue("Sheaf-Blob-Kind").orElse(""),
        answer.headers().firstValueAsLong("Sheaf-Blob-Size").orElse(-1),
        answer.headers().firstValue("Sheaf-Blob-Kept").orElse("").equals("true"));
  }

  @Override
  public Answer fetch(ContentId id) {
    try {
      HttpResponse<Void> answer = send(question(id), BodyHandlers.discarding());
      return switch (answer.statusCode()) {
        case 307 -> download(id, location(answer));
        case 404 -> new Answer.HasNot();
        case 503 -> new Answer.Busy();
        case 507 -> new Answer.Full();
        default -> new Answer.NoAnswer("HTTP " + answer.statusCode());
      };
    } catch (SilenceException e) {
      return new Answer.Silent(String.valueOf(e.getMessage()));
    } catch (IOException | IllegalArgumentException e) {
      return new Answer.NoAnswer(String.valueOf(e.getMessage()));
    }
  }

  @Override
  public List<Wanted> packs(String repoId) throws IOException {
    HttpRequest.Builder question =
        asked("/internal/packs/" + URLEncoder.encode(repoId, UTF_8).replace("+", "%20"));
    ByteArrayOutputStream list = new ByteArrayOutputStream();
    HttpResponse<Void> answer =
        send(
            question,
            BodyHandlers.ofByteArrayConsumer(some -> some.ifPresent(bytes -> append(list, bytes))));
    return switch (answer.statusCode()) {
      case 200 -> PackList.parse(list.toByteArray());
      case 404 -> List.of();
      default -> throw new IOException("HTTP " + answer.statusCode());
    };
  }

  private static void append(ByteArrayOutputStream list, byte[] bytes) {
    if (list.size() + bytes.length > PackList.MOST_BYTES) {
      throw new SheafException(ErrorKind.TOO_LARGE, "a list of packs that has no end");
    }
    list.writeBytes(bytes);
  }

  private static URI location(HttpResponse<?> answer) {
    return URI.create(answer.headers().firstValue("Location").orElse(""));
  }

  private Answer download(ContentId id, URI location) throws IOException {
    Path file = Files.createTempFile(folder, "pulled-", null);
    boolean isWhole = false;
    try (OutputStream out = Files.newOutputStream(file)) {
      long size = copy(id, location, out);
      isWhole = true;
      return new Answer.Bytes(new FileContent(file, size));
    } finally {
      if (!isWhole) {
        Files.delete(file);
      }
    }
  }

  /** Where the bytes are is told for some minutes; whoever takes longer asks again. */
  private long copy(ContentId id, URI first, OutputStream out) throws IOException {
    URI location = first;
    long askedAgainAt = 0;
    Optional<String> etag = Optional.empty();
    long at = 0;
    while (true) {
      HttpRequest.Builder piece =
          HttpRequest.newBuilder(location).header("Range", "bytes=" + at + "-" + (at + PIECE - 1));
      etag.ifPresent(seen -> piece.header("If-Match", seen));
      HttpResponse<byte[]> answer = send(piece, BodyHandlers.ofByteArray());
      int status = answer.statusCode();
      if (status == 416 && at == 0) {
        return 0; // an empty object has no first byte
      }
      if (status == 403 && at > askedAgainAt) {
        askedAgainAt = at;
        location = location(send(question(id), BodyHandlers.discarding()));
        continue;
      }
      if (status != 206) {
        throw new IOException("HTTP " + status + " of bytes from " + at);
      }
      out.write(answer.body());
      at += answer.body().length;
      if (at >= total(answer) || answer.body().length == 0) {
        return at;
      }
      etag = answer.headers().firstValue("ETag");
    }
  }

  private static long total(HttpResponse<?> answer) throws IOException {
    String range = answer.headers().firstValue("Content-Range").orElse("");
    try {
      return Long.parseLong(range.substring(range.lastIndexOf('/') + 1));
    } catch (NumberFormatException e) {
      throw new IOException("Content-Range '" + range + "' names no length", e);
    }
  }

  private <T> HttpResponse<T> send(HttpRequest.Builder request, BodyHandler<T> body)
      throws IOException {
    CompletableFuture<HttpResponse<T>> answer = http.sendAsync(request.build(), body);
    try {
      return answer.get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      answer.cancel(true);
      throw new SilenceException("nothing came for " + PATIENCE.toSeconds() + " seconds", e);
    } catch (ExecutionException e) {
      throw new SilenceException(String.valueOf(e.getCause()), e);
    } catch (InterruptedException e) {
      answer.cancel(true);
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
  }

  /** Nothing came, or there is no way. */
  private static final class SilenceException extends IOException {
    private static final long serialVersionUID = 1;

    SilenceException(String message, Throwable cause) {
      super(message, cause);
    }
  }
}
