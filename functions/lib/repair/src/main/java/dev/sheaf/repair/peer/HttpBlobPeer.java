package dev.sheaf.repair.peer;

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
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandler;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpResponse.BodySubscriber;
import java.net.http.HttpResponse.BodySubscribers;
import java.net.http.HttpResponse.ResponseInfo;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;

/**
 * A peer over HTTP: {@code HEAD <site>/internal/blobs/<id>} says whether it has the bytes, {@code
 * GET <site>/internal/blobs/<id>} says where the bytes are, and they come from there in pieces, all
 * of one revision. A pull is bounded by its progress ({@link Listening}): a minute without a byte
 * ends it, and however slow a line is, what still comes is waited for.
 */
public final class HttpBlobPeer implements BlobPeer {
  private static final int PIECE = 8 << 20;

  private final HttpClient http;
  private final String site;
  private final Optional<String> token;
  private final Path folder;
  private final LongSupplier ticker;
  private final BooleanSupplier isShortOfTime;

  /**
   * @param http follows no redirects: the token is the site's alone
   * @param token what this site shows to it
   * @param folder for what is pulled
   * @param ticker a monotonic clock in nanoseconds
   */
  public HttpBlobPeer(
      HttpClient http, String site, Optional<String> token, Path folder, LongSupplier ticker) {
    this(http, site, token, folder, ticker, () -> false);
  }

  private HttpBlobPeer(
      HttpClient http,
      String site,
      Optional<String> token,
      Path folder,
      LongSupplier ticker,
      BooleanSupplier isShortOfTime) {
    if (http.followRedirects() != HttpClient.Redirect.NEVER) {
      throw new IllegalArgumentException("a redirect would take the token elsewhere");
    }
    this.http = http;
    this.site = site;
    this.token = token;
    this.folder = folder;
    this.ticker = ticker;
    this.isShortOfTime = isShortOfTime;
  }

  @Override
  public BlobPeer within(BooleanSupplier isOver) {
    return new HttpBlobPeer(http, site, token, folder, ticker, isOver);
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
      HttpResponse<Void> answer = send(listening(), question(id).HEAD(), BodyHandlers.discarding());
      return switch (answer.statusCode()) {
        case 200 -> held(answer);
        case 404 -> new Holding.HasNot();
        default -> new Holding.NoAnswer("HTTP " + answer.statusCode());
      };
    } catch (Listening.SilenceException e) {
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
    Listening listening = listening();
    try {
      HttpResponse<Void> answer = send(listening, question(id), BodyHandlers.discarding());
      return switch (answer.statusCode()) {
        case 307 -> download(id, location(answer), listening);
        case 404 -> new Answer.HasNot();
        case 503 -> new Answer.Busy();
        case 507 -> new Answer.Full();
        default -> new Answer.NoAnswer("HTTP " + answer.statusCode());
      };
    } catch (Listening.OutOfTimeException e) {
      return new Answer.OutOfTime();
    } catch (Listening.SilenceException e) {
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
            listening(),
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

  private Answer download(ContentId id, URI location, Listening listening) throws IOException {
    Path file = Files.createTempFile(folder, "pulled-", null);
    boolean isWhole = false;
    try (OutputStream out = Files.newOutputStream(file)) {
      long size = copy(id, location, listening, out);
      isWhole = true;
      return new Answer.Bytes(new FileContent(file, size));
    } finally {
      if (!isWhole) {
        Files.delete(file);
      }
    }
  }

  /** Where the bytes are is told for some minutes; whoever takes longer asks again. */
  private long copy(ContentId id, URI first, Listening listening, OutputStream out)
      throws IOException {
    URI location = first;
    long askedAgainAt = 0;
    Optional<String> etag = Optional.empty();
    long at = 0;
    while (true) {
      HttpRequest.Builder request =
          HttpRequest.newBuilder(location).header("Range", "bytes=" + at + "-" + (at + PIECE - 1));
      etag.ifPresent(seen -> request.header("If-Match", seen));
      Piece piece = new Piece(out);
      HttpResponse<Void> answer = send(listening, request, piece::handle);
      int status = answer.statusCode();
      if (status == 416 && at == 0) {
        return 0; // an empty object has no first byte
      }
      if (status == 403 && at > askedAgainAt) {
        askedAgainAt = at;
        location = location(send(listening, question(id), BodyHandlers.discarding()));
        continue;
      }
      if (status != 206) {
        throw new IOException("HTTP " + status + " of bytes from " + at);
      }
      at += piece.length;
      if (at >= total(answer) || piece.length == 0) {
        return at;
      }
      etag = answer.headers().firstValue("ETag");
    }
  }

  /** Goes to the disk as it comes. */
  private static final class Piece {
    private final OutputStream out;
    private int length;

    Piece(OutputStream out) {
      this.out = out;
    }

    /** Of anything else than a piece nothing is kept. */
    BodySubscriber<Void> handle(ResponseInfo info) {
      return info.statusCode() == 206
          ? BodySubscribers.ofByteArrayConsumer(some -> some.ifPresent(this::append))
          : BodySubscribers.discarding();
    }

    private void append(byte[] bytes) {
      if (length + bytes.length > PIECE) {
        throw new SheafException(ErrorKind.TOO_LARGE, "more bytes than were asked for");
      }
      try {
        out.write(bytes);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
      length += bytes.length;
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

  private Listening listening() {
    return new Listening(ticker, isShortOfTime);
  }

  private <T> HttpResponse<T> send(
      Listening listening, HttpRequest.Builder request, BodyHandler<T> body) throws IOException {
    listening.heard();
    return listening.await(
        http.sendAsync(
            request.build(),
            info -> {
              listening.heard();
              return new Heard<>(body.apply(info), listening);
            }));
  }

  /** Passes on what comes, and says that something came. */
  private record Heard<T>(BodySubscriber<T> body, Listening listening)
      implements BodySubscriber<T> {
    @Override
    public CompletionStage<T> getBody() {
      return body.getBody();
    }

    @Override
    public void onSubscribe(Flow.Subscription subscription) {
      body.onSubscribe(subscription);
    }

    @Override
    public void onNext(List<ByteBuffer> bytes) {
      listening.heard();
      body.onNext(bytes);
    }

    @Override
    public void onError(Throwable failure) {
      body.onError(failure);
    }

    @Override
    public void onComplete() {
      body.onComplete();
    }
  }
}
