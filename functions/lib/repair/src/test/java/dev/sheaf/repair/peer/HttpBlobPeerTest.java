package dev.sheaf.repair.peer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.sheaf.bundle.ContentId;
import dev.sheaf.bundle.FileContent;
import dev.sheaf.bundle.history.Ids;
import dev.sheaf.testing.ManualClock;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.http.HttpClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A peer and its store over HTTP, honest and otherwise. */
class HttpBlobPeerTest {
  private static final int PART = 400 << 10;

  @TempDir private Path folder;

  private final List<String> requests = new ArrayList<>();
  private byte[] content = new byte[20 << 20];
  private final ContentId id;

  @SuppressWarnings("NullAway.Init")
  private HttpServer server;

  private int status = 307;
  private String kept = "true";
  private boolean changes;

  /** How many requests of the store one redirect is good for. */
  private int lifetime = Integer.MAX_VALUE;

  private int served;
  private int cutAt = Integer.MAX_VALUE;

  /** What the store does after each so many bytes that it has sent. */
  private BytesSent pace = _ -> {};

  private BeforeAnswer beforePoint = () -> {};
  private boolean isEndless;

  private final ManualClock clock = new ManualClock();
  private final CountDownLatch isOver = new CountDownLatch(1);
  private volatile boolean isShortOfTime;

  HttpBlobPeerTest() throws IOException {
    new Random(3).nextBytes(content);
    id = Ids.object(content);
  }

  /** Ends when the peer is to answer. */
  @FunctionalInterface
  private interface BeforeAnswer {
    void run() throws IOException;
  }

  /** Goes on when it may go on sending. */
  @FunctionalInterface
  private interface BytesSent {
    void bytes(long sent) throws IOException;
  }

  @BeforeEach
  void start() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    server.createContext("/internal/blobs/", this::point);
    server.createContext("/store/", this::store);
    server.start();
  }

  @AfterEach
  void stop() {
    isOver.countDown();
    server.stop(0);
  }

  private String site() {
    return "http://127.0.0.1:" + server.getAddress().getPort();
  }

  private void point(HttpExchange exchange) throws IOException {
    beforePoint.run();
    served = 0;
    requests.add(
        exchange.getRequestURI() + " " + exchange.getRequestHeaders().getFirst("Authorization"));
    exchange.getResponseHeaders().add("Location", site() + "/store/blob?signature=x");
    if (exchange.getRequestMethod().equals("HEAD")) {
      exchange.getResponseHeaders().add("Sheaf-Blob-Kind", "bundle");
      exchange.getResponseHeaders().add("Sheaf-Blob-Size", "20000000");
      exchange.getResponseHeaders().add("Sheaf-Blob-Kept", kept);
    }
    exchange.sendResponseHeaders(status, -1);
    exchange.close();
  }

  private void store(HttpExchange exchange) throws IOException {
    String range = exchange.getRequestHeaders().getFirst("Range");
    String match = exchange.getRequestHeaders().getFirst("If-Match");
    requests.add(
        range + " " + match + " " + exchange.getRequestHeaders().getFirst("Authorization"));
    int from = Integer.parseInt(range.substring("bytes=".length(), range.indexOf('-')));
    int to =
        isEndless
            ? content.length
            : Math.min(
                content.length, Integer.parseInt(range.substring(range.indexOf('-') + 1)) + 1);
    if (served++ >= lifetime) {
      exchange.sendResponseHeaders(403, -1);
    } else if (from > 0 && (changes || from >= cutAt)) {
      exchange.sendResponseHeaders(changes ? 412 : 503, -1);
    } else {
      exchange.getResponseHeaders().add("ETag", "\"one\"");
      exchange
          .getResponseHeaders()
          .add("Content-Range", "bytes %d-%d/%d".formatted(from, to - 1, content.length));
      exchange.sendResponseHeaders(206, to - from);
      for (int at = from; at < to; at += PART) {
        exchange.getResponseBody().write(content, at, Math.min(PART, to - at));
        exchange.getResponseBody().flush();
        pace.bytes(Math.min(at + PART, to));
      }
    }
    exchange.close();
  }

  private HttpBlobPeer peer() {
    HttpClient http = HttpClient.newBuilder().followRedirects(HttpClient.Redirect.NEVER).build();
    return new HttpBlobPeer(http, site(), Optional.of("secret"), folder, clock);
  }

  private BlobPeer.Answer fetch() {
    return peer().within(() -> isShortOfTime).fetch(id);
  }

  /** Sends nothing more. */
  private void stall() throws IOException {
    try {
      isOver.await();
    } catch (InterruptedException e) {
      throw new IOException(e);
    }
  }

  /** Until what was sent has come: it lies in a file by then. */
  private void come(long bytes) throws IOException {
    while (lying() < bytes) {
      Thread.onSpinWait();
    }
  }

  private long lying() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.mapToLong(file -> file.toFile().length()).sum();
    }
  }

  /** However slow it is: a part every 59 seconds, none of which is nothing. */
  @Test
  void aSlowPeerIsWaitedForAsLongAsBytesCome() throws IOException {
    pace =
        sent -> {
          come(sent);
          clock.advance(Duration.ofSeconds(59));
        };
    FileContent pulled = ((BlobPeer.Answer.Bytes) fetch()).content();
    assertThat(Arrays.equals(Files.readAllBytes(pulled.path()), content)).isTrue();
    assertThat(clock.elapsed()).as("of a piece alone").isGreaterThan(Duration.ofMinutes(18));
  }

  @Test
  void aPeerThatStallsIsGivenUpAfterAMinuteWithoutAByte() {
    pace =
        sent -> {
          if (sent > 10 << 20) {
            come(sent);
            clock.advance(Duration.ofSeconds(60));
            stall();
          }
        };
    assertThat(fetch()).isEqualTo(new BlobPeer.Answer.Silent("nothing came for 60 seconds"));
    assertThat(folder).isEmptyDirectory();
  }

  @Test
  void nobodyIsWaitedForLongerThanThereIsTime() {
    pace =
        sent -> {
          if (sent > 10 << 20) {
            isShortOfTime = true;
            stall();
          }
        };
    assertThat(fetch()).isEqualTo(new BlobPeer.Answer.OutOfTime());
    assertThat(folder).isEmptyDirectory();
  }

  @Test
  void aPullEndsAfterAnHourHoweverManyBytesCome() {
    pace =
        sent -> {
          come(sent);
          clock.advance(Duration.ofSeconds(59));
          if (clock.elapsed().compareTo(Duration.ofMinutes(60)) >= 0) {
            stall();
          }
        };
    content = new byte[70 * PART];
    assertThat(fetch())
        .isEqualTo(new BlobPeer.Answer.NoAnswer("it was not through after 60 minutes"));
    assertThat(folder).isEmptyDirectory();
  }

  /** It says neither where the bytes are nor that it has not got them. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aPeerThatTakesAQuestionAndNeverAnswersIsSilent(boolean isTimeUp) {
    beforePoint =
        () -> {
          if (isTimeUp) {
            isShortOfTime = true;
          } else {
            clock.advance(Duration.ofSeconds(60));
          }
          stall();
        };
    assertThat(fetch())
        .isEqualTo(
            isTimeUp
                ? new BlobPeer.Answer.OutOfTime()
                : new BlobPeer.Answer.Silent("nothing came for 60 seconds"));
    assertThat(peer().within(() -> isTimeUp).holds(id))
        .isEqualTo(
            isTimeUp
                ? new BlobPeer.Holding.NoAnswer("the time was up while it was answering")
                : new BlobPeer.Holding.Silent("nothing came for 60 seconds"));
  }

  /** As from a store that knows nothing of ranges: it would fill the disk. */
  @Test
  void moreBytesThanWereAskedForAreRefused() {
    isEndless = true;
    assertThat(fetch())
        .isInstanceOfSatisfying(
            BlobPeer.Answer.NoAnswer.class,
            answer -> assertThat(answer.why()).contains("more bytes than were asked for"));
    assertThat(folder).isEmptyDirectory();
  }

  @Test
  void bytesComeInPiecesOfOneRevision() throws IOException {
    FileContent pulled = ((BlobPeer.Answer.Bytes) fetch()).content();
    assertThat(pulled.size()).isEqualTo(content.length);
    assertThat(Arrays.equals(Files.readAllBytes(pulled.path()), content)).isTrue();
    assertThat(requests)
        .containsExactly(
            "/internal/blobs/" + id.hex() + " Bearer secret",
            "bytes=0-8388607 null null",
            "bytes=8388608-16777215 \"one\" null",
            "bytes=16777216-25165823 \"one\" null");
  }

  /** Of a large thing on a slow line: it goes on where it was, with the same revision. */
  @Test
  void aUrlThatHasRunOutIsAskedForAgain() throws IOException {
    lifetime = 1;
    FileContent pulled = ((BlobPeer.Answer.Bytes) fetch()).content();
    assertThat(Arrays.equals(Files.readAllBytes(pulled.path()), content)).isTrue();
    assertThat(requests.stream().filter(request -> request.startsWith("/internal"))).hasSize(3);
    assertThat(requests.getLast()).isEqualTo("bytes=16777216-25165823 \"one\" null");
    lifetime = 0;
    assertThat(fetch()).isEqualTo(new BlobPeer.Answer.NoAnswer("HTTP 403 of bytes from 0"));
  }

  @Test
  void whatItHasNotGotItSays() {
    status = 404;
    assertThat(fetch()).isEqualTo(new BlobPeer.Answer.HasNot());
    assertThat(folder).isEmptyDirectory();
  }

  @ParameterizedTest
  @ValueSource(ints = {200, 401, 403, 500, 502})
  void anythingElseIsNoAnswer(int other) {
    status = other;
    assertThat(fetch()).isEqualTo(new BlobPeer.Answer.NoAnswer("HTTP " + other));
  }

  @Test
  void busyAndFullAreToldApart() {
    status = 503;
    assertThat(fetch()).isEqualTo(new BlobPeer.Answer.Busy());
    status = 507;
    assertThat(fetch()).isEqualTo(new BlobPeer.Answer.Full());
  }

  @Test
  void twoRevisionsAreNeverMixed() {
    changes = true;
    assertThat(fetch()).isEqualTo(new BlobPeer.Answer.NoAnswer("HTTP 412 of bytes from 8388608"));
    assertThat(folder).as("nothing is left behind").isEmptyDirectory();
  }

  @Test
  void aPullThatBreaksOffLeavesNothing() {
    cutAt = 8 << 20;
    assertThat(fetch()).isInstanceOf(BlobPeer.Answer.NoAnswer.class);
    assertThat(folder).isEmptyDirectory();
  }

  private BlobPeer.Holding holds() {
    return peer().holds(id);
  }

  /** One HEAD, which moves no bytes. Whoever does not say that it keeps them does not. */
  @Test
  void saysWhatItHolds() {
    status = 200;
    assertThat(holds()).isEqualTo(new BlobPeer.Holding.Has("bundle", 20_000_000, true));
    assertThat(requests).containsExactly("/internal/blobs/" + id.hex() + " Bearer secret");
    kept = "";
    assertThat(holds()).isEqualTo(new BlobPeer.Holding.Has("bundle", 20_000_000, false));
    status = 404;
    assertThat(holds()).isEqualTo(new BlobPeer.Holding.HasNot());
    status = 307;
    assertThat(holds()).isEqualTo(new BlobPeer.Holding.NoAnswer("HTTP 307"));
    server.stop(0);
    assertThat(holds()).isInstanceOf(BlobPeer.Holding.Silent.class);
  }

  @Test
  void aPeerThatIsDownIsSilent() {
    server.stop(0);
    assertThat(fetch()).isInstanceOf(BlobPeer.Answer.Silent.class);
  }

  @Test
  void aRedirectDoesNotTakeTheTokenAlong() {
    HttpClient follows =
        HttpClient.newBuilder().followRedirects(HttpClient.Redirect.ALWAYS).build();
    assertThatThrownBy(() -> new HttpBlobPeer(follows, site(), Optional.empty(), folder, clock))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
