package dev.sheaf.storage.s3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sheaf.bundle.Content;
import dev.sheaf.bundle.ContentId;
import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.storage.Deadline;
import dev.sheaf.storage.ObjectStore;
import dev.sheaf.storage.ObjectStore.Condition;
import dev.sheaf.storage.ObjectStore.Download;
import dev.sheaf.storage.ObjectStore.PutResult;
import dev.sheaf.storage.ObjectStore.Read;
import dev.sheaf.storage.ScriptedServer;
import dev.sheaf.storage.parallel.ParallelCalls;
import dev.sheaf.storage.wiring.Site;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** What the adapter makes of answers that a sound store gives only on bad days. */
@Timeout(60)
class S3FailuresTest {
  private static final String OK = "ETag: \"e\"";
  private static final Content BODY = Content.of(new byte[] {'h', 'e', 'l', 'l', 'o'});
  private static final ContentId ID =
      ContentId.parse("2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824");

  private ScriptedServer server;
  private ObjectStore store;

  @BeforeEach
  void start() throws IOException {
    server = new ScriptedServer();
    store =
        Site.from(
                Map.of(
                    "AWS_REGION", "eu-central-1",
                    "AWS_ACCESS_KEY_ID", "key",
                    "AWS_SECRET_ACCESS_KEY", "secret",
                    "AWS_ENDPOINT_URL_S3", server.url().toString(),
                    "SHEAF_BUCKET", "bucket"))
            .objects();
  }

  @AfterEach
  void stop() throws IOException {
    server.close();
  }

  @ParameterizedTest
  @CsvSource({
    "400, BadDigest, INVALID",
    "400, XAmzContentSHA256Mismatch, INVALID",
    "400, InvalidDigest, INVALID",
    "400, KeyTooLongError, INVALID",
    "400, EntityTooLarge, TOO_LARGE",
    "400, ExpiredToken, SITE",
    "400, SomethingNew, SITE",
    "403, AccessDenied, SITE",
    "404, NoSuchBucket, SITE",
    "405, MethodNotAllowed, SITE",
  })
  void tellsWhatTheCallerMustDo(int status, String code, ErrorKind kind) {
    // Twice each: on the short way, and on the SDK's, which is asked for the reason.
    server.thenS3Error(status, code).thenS3Error(status, code);
    assertKind(kind, () -> put(null, Condition.ALWAYS));
    assertThatThrownBy(
            () -> {
              server.thenS3Error(status, code).thenS3Error(status, code);
              put(null, Condition.ALWAYS);
            })
        .hasMessageContainingAll("s3://bucket/k", code, "scripted");
  }

  @Test
  void aMissingRightIsNamed() {
    for (int i = 0; i < 7; i++) { // All but the GET are asked again through the SDK.
      server.thenS3Error(403, "AccessDenied");
    }
    assertThatThrownBy(() -> put(ID, Condition.ALWAYS)).hasMessageEndingWith("s3:PutObject on it");
    assertThatThrownBy(() -> store.get("k", Read.WHOLE)).hasMessageEndingWith("s3:GetObject on it");
    assertThatThrownBy(() -> store.delete(List.of("k")))
        .hasMessageEndingWith("s3:DeleteObject on them");
    assertThatThrownBy(() -> store.list("k", null, null))
        .hasMessageEndingWith("allow the function's role s3:ListBucket on the bucket");
    server.thenS3Error(403, "SignatureDoesNotMatch");
    assertThatThrownBy(() -> store.get("k", Read.WHOLE))
        .hasMessageEndingWith("check the credentials and the clock");
  }

  /** The short way takes only what it understands; the SDK may know better. */
  @Test
  void anOddListingIsAskedForAgain() {
    String listing =
        "<ListBucketResult><IsTruncated>false</IsTruncated><Contents><Key>k</Key><Size>1</Size>"
            + "<ETag>e</ETag><LastModified>2026-07-04T10:00:00Z</LastModified></Contents>"
            + "</ListBucketResult>";
    String odd = listing.replace("<IsTruncated>false</IsTruncated>", "");
    server.then(200, "", odd).then(200, "", odd);
    assertThat(store.list("", null, null).objects())
        .extracting(ObjectStore.StoredObject::key)
        .containsExactly("k");
    assertThat(server.requests()).hasSize(2);
    server.then(200, "", listing);
    assertThat(store.list("", null, null).objects()).hasSize(1);
    assertThat(server.requests()).hasSize(3);
  }

  @Test
  void triesAgainWhatIsTransient() {
    server.thenS3Error(503, "SlowDown").thenS3Error(500, "InternalError");
    server.then(ScriptedServer.HANG_UP).then(200, OK, "");
    assertThat(put(null, Condition.ALWAYS)).isEqualTo(new PutResult.Written("\"e\""));
    assertThat(server.requests()).hasSize(4);
  }

  @Test
  void givesUpAfterFiveAttempts() {
    for (int i = 0; i < 6; i++) {
      server.thenS3Error(503, "SlowDown");
    }
    assertKind(ErrorKind.UNAVAILABLE, () -> store.get("k", Read.WHOLE));
    assertThat(server.requests()).hasSize(5);
  }

  @Test
  void aConditionThatFailsAtARetryMayBeItsOwnDoing() {
    server.then(ScriptedServer.HANG_UP).thenS3Error(412, "PreconditionFailed");
    assertKind(ErrorKind.UNAVAILABLE, () -> put(null, Condition.IF_ABSENT));
    server.then(ScriptedServer.HANG_UP).thenS3Error(412, "PreconditionFailed");
    assertKind(ErrorKind.UNAVAILABLE, () -> put(null, new Condition.IfMatch("\"a\"")));
    server.thenS3Error(412, "PreconditionFailed");
    assertThat(put(null, Condition.IF_ABSENT)).isEqualTo(new PutResult.ConditionFailed());
  }

  @Test
  void anObjectThatIsThereIsThereHoweverItCame() {
    // Twice: the short way tries, too.
    server.then(ScriptedServer.HANG_UP).then(ScriptedServer.HANG_UP);
    server.thenS3Error(412, "PreconditionFailed");
    assertThat(put(ID, Condition.IF_ABSENT)).isEqualTo(new PutResult.ConditionFailed());
  }

  @Test
  void aRaceOfAPointerFailsItsCondition() {
    server.thenS3Error(409, "SomethingElse");
    assertThat(put(null, new Condition.IfMatch("\"a\"")))
        .isEqualTo(new PutResult.ConditionFailed());
  }

  @Test
  void aRaceIsTriedAgain() {
    server.thenS3Error(409, "ConditionalRequestConflict").then(200, OK, "");
    assertThat(put(null, Condition.ALWAYS)).isInstanceOf(PutResult.Written.class);
  }

  @Test
  void aRaceDoesNotProveThatAnObjectIsThere() {
    for (int i = 0; i < 2; i++) {
      server.thenS3Error(409, "SomethingElse");
    }
    assertKind(ErrorKind.UNAVAILABLE, () -> put(ID, Condition.IF_ABSENT));
  }

  @Test
  void sendsNoMoreThanNeeded() {
    server.then(200, OK, "").then(200, OK, "");
    put(null, Condition.ALWAYS);
    put(ID, Condition.IF_ABSENT);
    for (ScriptedServer.Request request : server.requests()) {
      assertThat(request.line()).isEqualTo("PUT /bucket/k");
      assertThat(request.body()).isEqualTo("hello");
      assertThat(request.headers())
          .doesNotContainKeys("expect", "x-amz-trailer", "transfer-encoding");
      assertThat(request.headers().keySet()).noneMatch(name -> name.contains("crc"));
      assertThat(request.header("content-length")).isEqualTo("5");
      assertThat(request.header("content-type")).isEqualTo("text/plain");
      assertThat(request.header("x-amz-content-sha256")).isEqualTo(ID.hex());
    }
    assertThat(server.requests().getFirst().headers()).doesNotContainKey("x-amz-checksum-sha256");
    assertThat(server.requests().getLast().header("x-amz-checksum-sha256")).isEqualTo(ID.base64());
    assertThat(server.requests().getLast().header("if-none-match")).isEqualTo("*");
  }

  @Test
  void aBodyThatEndsEarlyIsAnErrorNotShortData() {
    server.then(
        "HTTP/1.1 200 X\r\nETag: \"e\"\r\nContent-Length: 10\r\nConnection: close\r\n\r\nhello");
    try (Download download = store.get("k", Read.WHOLE).orElseThrow()) {
      assertThatThrownBy(() -> download.body().readAllBytes()).isInstanceOf(IOException.class);
    }
  }

  @Test
  void doesNotHashWhatItReads() throws IOException {
    String lie = ContentId.parse("00".repeat(32)).base64();
    server.then(200, OK + "\r\nx-amz-checksum-sha256: " + lie, "hello");
    try (Download download = store.get("k", Read.WHOLE).orElseThrow()) {
      assertThat(download.object().sha256()).isEqualTo(ContentId.parse("00".repeat(32)));
      assertThat(download.body().readAllBytes()).hasSize(5);
    }
    assertThat(server.requests().getFirst().header("x-amz-checksum-mode")).isEqualTo("ENABLED");
  }

  @Test
  void aChecksumOfChecksumsNamesNothing() {
    String value = "x-amz-checksum-sha256: " + ID.base64();
    server.then(200, OK + "\r\n" + value + "\r\nx-amz-checksum-type: COMPOSITE", "");
    assertThat(store.head("k").orElseThrow().sha256()).isNull();
    server.then(200, OK + "\r\n" + value + "-2", "");
    assertThat(store.head("k").orElseThrow().sha256()).isNull();
    server.then(200, OK + "\r\n" + value + "\r\nx-amz-checksum-type: FULL_OBJECT", "");
    assertThat(store.head("k").orElseThrow().sha256()).isEqualTo(ID);
  }

  @Test
  void namesTheKeysThatAreNotDeleted() {
    String refused =
        "<DeleteResult><Error><Key>a</Key><Code>AccessDenied</Code><Message>no</Message></Error>"
            + "</DeleteResult>";
    // Twice: what the short way does not understand the SDK is asked for.
    server.then(200, "Content-Type: application/xml", refused);
    server.then(200, "Content-Type: application/xml", refused);
    assertThat(store.delete(java.util.List.of("a", "b")))
        .isEqualTo(Map.of("a", "AccessDenied: no"));
  }

  /** One such key in a request with others would have all of them refused, again and again. */
  @Test
  void keysThatXmlCannotCarryAreDeletedOneByOne() {
    server.then(200, "", "<DeleteResult/>").then(204, "", "").then(204, "", "");
    assertThat(store.delete(List.of("a", "b\u0001", "c&\r", "d\uffff"))).isEmpty();
    assertThat(server.requests())
        .extracting(ScriptedServer.Request::line)
        .containsExactly(
            "POST /bucket?delete=", "DELETE /bucket/b%01", "DELETE /bucket/d%EF%BF%BF");
    assertThat(server.requests().getFirst().body())
        .contains("<Key>a</Key>", "<Key>c&amp;&#13;</Key>")
        .doesNotContain("<Key>b", "<Key>d");
  }

  @Test
  void aKeyThatIsRefusedAloneIsNamed() {
    server.thenS3Error(403, "AccessDenied");
    assertThat(store.delete(List.of("b\u0001"))).containsOnlyKeys("b\u0001");
  }

  /** Every call of the port, to a server that never answers. */
  @ParameterizedTest
  @EnumSource
  @Timeout(20)
  void aDeadlineEndsEveryWait(Call call) {
    server.then(ScriptedServer.SILENCE).then(ScriptedServer.SILENCE);
    Deadline deadline =
        Deadline.in(Duration.ofMillis(300), InstantSource.system(), System::nanoTime);
    assertKind(ErrorKind.UNAVAILABLE, () -> deadline.run(() -> call.on(store)));
    assertThat(server.requests()).as("nothing is sent again").hasSize(1);
  }

  /** The calls of the port that send something. */
  enum Call {
    REQUIRE_BUCKET,
    PUT,
    PUT_NAMED,
    PUT_IF,
    GET_WHOLE,
    GET_UNLESS,
    GET_RANGE,
    GET_INTO_MEMORY,
    HEAD,
    LIST,
    DELETE,
    DELETE_ONE;

    void on(ObjectStore store) {
      switch (this) {
        case REQUIRE_BUCKET -> store.requireBucket();
        case PUT -> store.put("k", BODY, null, Condition.ALWAYS, "a/b");
        case PUT_NAMED -> store.put("k", BODY, ID, Condition.IF_ABSENT, "a/b");
        case PUT_IF -> store.put("k", BODY, null, new Condition.IfMatch("e"), "a/b");
        case GET_WHOLE -> store.get("k", Read.WHOLE);
        case GET_UNLESS -> store.get("k", Read.unless("e"));
        case GET_RANGE -> store.get("k", Read.range(1, 2));
        case GET_INTO_MEMORY -> store.getIntoMemory("k", null);
        case HEAD -> store.head("k");
        case LIST -> store.list("", null, null);
        case DELETE -> store.delete(List.of("k"));
        case DELETE_ONE -> store.delete(List.of("\u0001"));
      }
    }
  }

  @Test
  @Timeout(20)
  void aDeadlineEndsTheReadingOfABodyThatStalls() throws Exception {
    server.then("HTTP/1.1 200 X\r\nETag: \"e\"\r\nContent-Length: 9\r\n\r\nhalf");
    Deadline.in(Duration.ofMillis(500), InstantSource.system(), System::nanoTime)
        .call(() -> {
          try (Download download = store.get("k", Read.WHOLE).orElseThrow()) {
            assertThatThrownBy(() -> download.body().readAllBytes())
                .isInstanceOf(IOException.class);
            return download;
          }
        });
  }

  @Test
  void readsIntoMemoryWhatIsThereWhatIsNotAndWhatIsKnown() throws IOException {
    String facts = "ETag: \"e\"\r\nLast-Modified: Sat, 04 Jul 2026 10:00:00 GMT";
    server.then(200, facts, "hello");
    assertThat(store.getIntoMemory("k", null).orElseThrow().body().readAllBytes())
        .asString()
        .isEqualTo("hello");
    server.then("HTTP/1.1 304 X\r\n" + facts + "\r\n\r\n");
    assertThat(store.getIntoMemory("k", "\"e\"").orElseThrow().notModified()).isTrue();
    assertThat(server.requests().getLast().header("if-none-match")).isEqualTo("\"e\"");
    server.thenS3Error(404, "NoSuchKey");
    assertThat(store.getIntoMemory("k", null)).isEmpty();
    assertThat(server.requests()).as("none is asked again").hasSize(3);
    server.thenS3Error(404, "NoSuchBucket").thenS3Error(404, "NoSuchBucket");
    assertKind(ErrorKind.SITE, () -> store.getIntoMemory("k", null));
  }

  @Test
  void aDeadlineThatHasPassedSendsNothing() {
    AtomicReference<Instant> now = new AtomicReference<>(Instant.EPOCH);
    Deadline deadline = new Deadline(Instant.EPOCH.plusSeconds(10), now::get);
    now.set(Instant.EPOCH.plusSeconds(10));
    assertKind(ErrorKind.UNAVAILABLE, () -> deadline.call(() -> put(ID, Condition.ALWAYS)));
    assertThat(server.requests()).isEmpty();
  }

  @Test
  void aDeadlineThatPassesMeanwhileStopsTheRetries() {
    AtomicReference<Instant> now = new AtomicReference<>(Instant.EPOCH);
    Deadline deadline =
        new Deadline(
            Instant.EPOCH.plus(Duration.ofHours(1)),
            () -> {
              // Thawed after the first attempt.
              return server.requests().isEmpty() ? now.get() : Instant.EPOCH.plusSeconds(9_999);
            });
    server.thenS3Error(503, "SlowDown").then(200, OK, "");
    assertKind(ErrorKind.UNAVAILABLE, () -> deadline.call(() -> put(null, Condition.ALWAYS)));
    assertThat(server.requests()).hasSize(1);
  }

  @Test
  void anInterruptEndsAWait() throws InterruptedException {
    CountDownLatch ended = new CountDownLatch(1);
    AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
    AtomicReference<@Nullable Boolean> flag = new AtomicReference<>();
    server.then(ScriptedServer.SILENCE);
    Thread caller =
        Thread.ofVirtual()
            .start(() -> {
              try {
                store.head("k");
              } catch (RuntimeException e) {
                failure.set(e);
              }
              flag.set(Thread.currentThread().isInterrupted());
              ended.countDown();
            });
    while (server.requests().isEmpty()) {
      Thread.onSpinWait();
    }
    caller.interrupt();
    ended.await();
    assertThat(failure.get())
        .isInstanceOfSatisfying(
            SheafException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.UNAVAILABLE));
    assertThat(flag.get()).isTrue();
  }

  @Test
  void aFailedPutStopsTheOthersAtOnce() {
    int slots = 20;
    for (int i = 0; i < slots; i++) {
      server.then(ScriptedServer.SILENCE);
    }
    assertThatThrownBy(
            () -> {
              try (ParallelCalls<PutResult> calls = new ParallelCalls<>(slots + 1)) {
                for (int i = 0; i < slots; i++) {
                  calls.submit(() -> put(ID, Condition.IF_ABSENT));
                }
                while (server.requests().size() < slots) {
                  Thread.onSpinWait();
                }
                calls.submit(() -> {
                  throw new IllegalStateException("one failed");
                });
                calls.results();
              }
            })
        .hasMessage("one failed");
    assertThat(server.requests()).hasSize(slots);
  }

  private PutResult put(@Nullable ContentId id, Condition condition) {
    return store.put("k", BODY, id, condition, "text/plain");
  }

  private static void assertKind(ErrorKind kind, ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(SheafException.class, e -> assertThat(e.kind()).isEqualTo(kind));
  }
}
