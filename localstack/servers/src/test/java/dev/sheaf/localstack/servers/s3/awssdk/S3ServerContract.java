package dev.sheaf.localstack.servers.s3.awssdk;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.sheaf.localstack.servers.Clients;
import dev.sheaf.localstack.servers.LocalServers;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.ChecksumAlgorithm;
import software.amazon.awssdk.services.s3.model.ChecksumMode;
import software.amazon.awssdk.services.s3.model.CommonPrefix;
import software.amazon.awssdk.services.s3.model.CompletedPart;
import software.amazon.awssdk.services.s3.model.ListObjectsV2Response;
import software.amazon.awssdk.services.s3.model.NoSuchKeyException;
import software.amazon.awssdk.services.s3.model.ObjectIdentifier;
import software.amazon.awssdk.services.s3.model.S3Exception;
import software.amazon.awssdk.services.s3.model.S3Object;
import software.amazon.awssdk.services.s3.presigner.S3Presigner;
import software.amazon.awssdk.services.s3.presigner.model.PresignedPutObjectRequest;

/** What S3 promises and Sheaf builds on, asked of the server by AWS's own client. */
abstract class S3ServerContract {
  private static final String BUCKET = "bucket";

  private final List<ObjectCreated> created = new CopyOnWriteArrayList<>();
  private LocalServers servers;
  private S3Client s3;

  /** Says where the server keeps its objects. */
  abstract LocalServers.Builder place(LocalServers.Builder builder);

  @BeforeEach
  void start() throws IOException {
    servers = place(LocalServers.builder().s3().onObjectCreated(created::add)).start();
    servers.s3().createBucket(BUCKET);
    s3 = Clients.s3(servers);
  }

  @AfterEach
  void stop() {
    s3.close();
    servers.close();
  }

  private String put(String key, String body) {
    return s3.putObject(p -> p.bucket(BUCKET).key(key), RequestBody.fromString(body)).eTag();
  }

  private String get(String key) {
    return s3.getObjectAsBytes(g -> g.bucket(BUCKET).key(key)).asUtf8String();
  }

  private static String sha256(byte[] bytes) {
    try {
      return Base64.getEncoder().encodeToString(MessageDigest.getInstance("SHA-256").digest(bytes));
    } catch (java.security.NoSuchAlgorithmException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void twoHundredIncrementsUnderIfMatchAreAllCounted() throws Exception {
    put("counter", "0");
    race(200, i -> increment());
    assertThat(get("counter")).isEqualTo("200");
  }

  private void increment() {
    while (true) {
      var present = s3.getObjectAsBytes(g -> g.bucket(BUCKET).key("counter"));
      String next = Integer.toString(Integer.parseInt(present.asUtf8String()) + 1);
      try {
        s3.putObject(
            p -> p.bucket(BUCKET).key("counter").ifMatch(present.response().eTag()),
            RequestBody.fromString(next));
        return;
      } catch (S3Exception e) {
        assertThat(e.statusCode()).isEqualTo(412);
      }
    }
  }

  @Test
  void ofManyCreatorsOneSucceeds() throws Exception {
    var winners = new CopyOnWriteArrayList<String>();
    race(
        40,
        i -> {
          try {
            s3.putObject(
                p -> p.bucket(BUCKET).key("once").ifNoneMatch("*"),
                RequestBody.fromString("writer " + i));
            winners.add("writer " + i);
          } catch (S3Exception e) {
            assertThat(e.statusCode()).isEqualTo(412);
          }
        });
    assertThat(winners).hasSize(1);
    assertThat(get("once")).isEqualTo(winners.getFirst());
  }

  private static void race(int times, java.util.function.IntConsumer action) throws Exception {
    try (ExecutorService workers = Executors.newFixedThreadPool(8)) {
      List<? extends Future<?>> done =
          IntStream.range(0, times).mapToObj(i -> workers.submit(() -> action.accept(i))).toList();
      for (Future<?> each : done) {
        each.get();
      }
    }
  }

  @Test
  void ifMatchOnNothingIsNotFound() {
    assertThatThrownBy(() ->
            s3.putObject(
                p -> p.bucket(BUCKET).key("absent").ifMatch("\"0\""), RequestBody.fromString("x")))
        .isInstanceOf(S3Exception.class)
        .extracting(e -> ((S3Exception) e).statusCode())
        .isEqualTo(404);
  }

  @Test
  void keepsAChecksumAndRefusesAWrongOne() {
    byte[] bytes = "hello".getBytes(UTF_8);
    String etag =
        s3.putObject(
                p -> p.bucket(BUCKET).key("sum").checksumSHA256(sha256(bytes)),
                RequestBody.fromBytes(bytes))
            .eTag();
    assertThat(etag).isEqualTo("\"5d41402abc4b2a76b9719d911017c592\"");
    var head = s3.headObject(h -> h.bucket(BUCKET).key("sum").checksumMode(ChecksumMode.ENABLED));
    assertThat(head.checksumSHA256()).isEqualTo(sha256(bytes));
    assertThat(head.lastModified()).isEqualTo(head.lastModified().truncatedTo(ChronoUnit.SECONDS));
    assertThat(s3.headObject(h -> h.bucket(BUCKET).key("sum")).checksumSHA256()).isNull();

    var refused =
        catchThrowableOfType(
            S3Exception.class,
            () ->
                s3.putObject(
                    p -> p.bucket(BUCKET).key("lie").checksumSHA256(sha256(bytes)),
                    RequestBody.fromString("other")));
    assertThat(refused.statusCode()).isEqualTo(400);
    assertThat(refused.awsErrorDetails().errorCode()).isEqualTo("BadDigest");
    assertThatThrownBy(() -> get("lie")).isInstanceOf(NoSuchKeyException.class);
  }

  @Test
  void readsRanges() {
    put("digits", "0123456789");
    assertThat(range("bytes=2-4")).isEqualTo("234");
    assertThat(range("bytes=7-")).isEqualTo("789");
    assertThat(range("bytes=-3")).isEqualTo("789");
    assertThat(range("bytes=8-100")).isEqualTo("89");
    var answer =
        s3.getObjectAsBytes(g -> g.bucket(BUCKET).key("digits").range("bytes=2-4")).response();
    assertThat(answer.contentRange()).isEqualTo("bytes 2-4/10");
    assertThatThrownBy(() -> range("bytes=10-")).hasMessageContaining("416");
  }

  private String range(String range) {
    return s3.getObjectAsBytes(g -> g.bucket(BUCKET).key("digits").range(range)).asUtf8String();
  }

  @Test
  void answersNotModified() {
    String etag = put("same", "x");
    var answer =
        catchThrowableOfType(
            S3Exception.class,
            () -> s3.getObjectAsBytes(g -> g.bucket(BUCKET).key("same").ifNoneMatch(etag)));
    assertThat(answer.statusCode()).isEqualTo(304);
    assertThat(
            s3.getObjectAsBytes(g -> g.bucket(BUCKET).key("same").ifNoneMatch("\"other\""))
                .asUtf8String())
        .isEqualTo("x");
  }

  @Test
  void carriesHeadersMetadataAndOddKeys() {
    String key = "a b/+%/ä/\uE000😀/x";
    s3.putObject(
        p ->
            p.bucket(BUCKET)
                .key(key)
                .contentType("text/x")
                .cacheControl("immutable")
                .metadata(java.util.Map.of("who", "me")),
        RequestBody.fromString("odd"));
    var head = s3.headObject(h -> h.bucket(BUCKET).key(key));
    assertThat(head.contentType()).isEqualTo("text/x");
    assertThat(head.cacheControl()).isEqualTo("immutable");
    assertThat(head.metadata()).containsExactly(java.util.Map.entry("who", "me"));
    assertThat(get(key)).isEqualTo("odd");
    assertThat(list("", null, 1000).contents()).extracting(S3Object::key).containsExactly(key);
  }

  @Test
  void refusesAKeyThatIsTooLong() {
    put("k".repeat(1024), "x");
    assertThatThrownBy(() -> put("k".repeat(1025), "x"))
        .hasMessageContaining("Your key is too long");
  }

  @Test
  void listsInUtf8OrderAndKeepsAnObjectBesideItsOwnFolder() {
    // U+FFFD sorts behind the surrogates of an emoji in UTF-16 and before it in UTF-8.
    List<String> inOrder = List.of("q", "q/x", "q/x/y", "z", "é", "\uFFFD", "😀");
    inOrder.reversed().forEach(key -> put(key, key));
    assertThat(list("", null, 1000).contents()).extracting(S3Object::key).isEqualTo(inOrder);
    assertThat(get("q/x")).isEqualTo("q/x");
    assertThat(get("q/x/y")).isEqualTo("q/x/y");
    ListObjectsV2Response folded = list("q/", "/", 1000);
    assertThat(folded.contents()).extracting(S3Object::key).containsExactly("q/x");
    assertThat(folded.commonPrefixes()).extracting(CommonPrefix::prefix).containsExactly("q/x/");
  }

  @Test
  void listsInPages() {
    for (int i = 0; i < 25; i++) {
      put("page/%03d".formatted(i), "x");
    }
    var pages =
        s3.listObjectsV2Paginator(l -> l.bucket(BUCKET).prefix("page/").maxKeys(10)).stream()
            .map(page -> page.contents().stream().map(S3Object::key).toList())
            .toList();
    assertThat(pages).extracting(List::size).containsExactly(10, 10, 5);
    assertThat(pages.stream().flatMap(List::stream).toList())
        .isEqualTo(IntStream.range(0, 25).mapToObj("page/%03d"::formatted).toList());
  }

  private ListObjectsV2Response list(
      String prefix, @org.jspecify.annotations.Nullable String delimiter, int max) {
    return s3.listObjectsV2(l -> l.bucket(BUCKET).prefix(prefix).delimiter(delimiter).maxKeys(max));
  }

  @Test
  void deletesOneAndMany() {
    List.of("a", "b", "c", "d").forEach(key -> put(key, key));
    s3.deleteObject(d -> d.bucket(BUCKET).key("a"));
    s3.deleteObject(d -> d.bucket(BUCKET).key("a"));
    var gone = List.of("b", "c", "never there");
    var answer =
        s3.deleteObjects(d ->
            d.bucket(BUCKET)
                .delete(x ->
                    x.objects(
                        gone.stream()
                            .map(key -> ObjectIdentifier.builder().key(key).build())
                            .toList())));
    assertThat(answer.errors()).isEmpty();
    assertThat(list("", null, 1000).contents()).extracting(S3Object::key).containsExactly("d");
  }

  @Test
  void joinsAMultipartUpload() {
    byte[] first = new byte[5 << 20];
    Arrays.fill(first, (byte) 'a');
    byte[] second = "the rest".getBytes(UTF_8);
    String upload =
        s3.createMultipartUpload(c ->
                c.bucket(BUCKET)
                    .key("large")
                    .contentType("text/large")
                    .checksumAlgorithm(ChecksumAlgorithm.SHA256))
            .uploadId();
    var parts = List.of(part(upload, 1, first), part(upload, 2, second));
    var done =
        s3.completeMultipartUpload(c ->
            c.bucket(BUCKET).key("large").uploadId(upload).multipartUpload(m -> m.parts(parts)));
    assertThat(done.eTag()).endsWith("-2\"");
    var object = s3.getObjectAsBytes(g -> g.bucket(BUCKET).key("large"));
    assertThat(object.asByteArray()).startsWith(first).endsWith(second);
    assertThat(object.response().contentType()).isEqualTo("text/large");
    assertThat(
            s3.headObject(h -> h.bucket(BUCKET).key("large").checksumMode(ChecksumMode.ENABLED))
                .checksumSHA256())
        .as("a checksum of checksums, which is not the object's")
        .endsWith("-2");
    assertThat(created)
        .extracting(ObjectCreated::event)
        .containsExactly("ObjectCreated:CompleteMultipartUpload");
  }

  private CompletedPart part(String upload, int number, byte[] bytes) {
    var answer =
        s3.uploadPart(
            u ->
                u.bucket(BUCKET)
                    .key("large")
                    .uploadId(upload)
                    .partNumber(number)
                    .checksumSHA256(sha256(bytes)),
            RequestBody.fromBytes(bytes));
    return CompletedPart.builder()
        .partNumber(number)
        .eTag(answer.eTag())
        .checksumSHA256(sha256(bytes))
        .build();
  }

  @Test
  void storesWhatIsTooLargeForTheHeap() {
    byte[] large = new byte[20 << 20];
    new java.util.Random(1).nextBytes(large);
    s3.putObject(p -> p.bucket(BUCKET).key("big"), RequestBody.fromBytes(large));
    assertThat(s3.getObjectAsBytes(g -> g.bucket(BUCKET).key("big")).asByteArray())
        .isEqualTo(large);
    String end = "bytes=" + (large.length - 10) + "-";
    assertThat(s3.getObjectAsBytes(g -> g.bucket(BUCKET).key("big").range(end)).asByteArray())
        .isEqualTo(Arrays.copyOfRange(large, large.length - 10, large.length));
  }

  @Test
  void copies() {
    put("from", "content");
    s3.copyObject(c ->
        c.sourceBucket(BUCKET).sourceKey("from").destinationBucket(BUCKET).destinationKey("to"));
    assertThat(get("to")).isEqualTo("content");
  }

  @Test
  void tellsWhatWasStored() {
    String etag = put("dir/ä", "hello");
    put("dir/ä", "again");
    assertThat(created).hasSize(2);
    ObjectCreated first = created.getFirst();
    assertThat(first.event()).isEqualTo("ObjectCreated:Put");
    assertThat(first.bucket()).isEqualTo(BUCKET);
    assertThat(first.key()).isEqualTo("dir/ä");
    assertThat(first.size()).isEqualTo(5);
    assertThat("\"" + first.etag() + "\"").isEqualTo(etag);
    assertThat(created.get(1).sequencer()).isGreaterThan(first.sequencer());
  }

  @Test
  void countsRequests() {
    put("a", "x");
    servers.s3().resetRequests();
    put("a", "y");
    get("a");
    get("a");
    list("", null, 10);
    s3.headObject(h -> h.bucket(BUCKET).key("a"));
    assertThatThrownBy(() -> get("absent")).isInstanceOf(NoSuchKeyException.class);
    assertThat(servers.s3().requests())
        .isEqualTo(java.util.Map.of("PUT", 1L, "GET", 3L, "LIST", 1L, "HEAD", 1L));
  }

  @Test
  void aPresignedUploadTakesExactlyTheBytesItNames() throws Exception {
    byte[] bytes = "bundle".getBytes(UTF_8);
    PresignedPutObjectRequest signed = presignedPut("up", bytes);
    assertThat(send(signed, signed.url().toURI(), bytes)).isEqualTo(200);
    assertThat(get("up")).isEqualTo("bundle");

    assertThat(send(signed, signed.url().toURI(), "bundlE".getBytes(UTF_8)))
        .as("other bytes of the same length")
        .isEqualTo(400);
    assertThat(send(signed, signed.url().toURI(), "longer bundle".getBytes(UTF_8)))
        .as("another length")
        .isEqualTo(403);
    URI otherKey = URI.create(signed.url().toString().replace("/up?", "/other?"));
    assertThat(send(signed, otherKey, bytes)).as("another key").isEqualTo(403);
    URI tampered = URI.create(signed.url().toString().replace("Expires=60", "Expires=6000"));
    assertThat(send(signed, tampered, bytes)).as("another lifetime").isEqualTo(403);
    assertThat(get("up")).isEqualTo("bundle");
    assertThatThrownBy(() -> get("other")).isInstanceOf(NoSuchKeyException.class);
  }

  private PresignedPutObjectRequest presignedPut(String key, byte[] bytes) {
    try (S3Presigner presigner = Clients.presigner(servers)) {
      return presigner.presignPutObject(p ->
          p.signatureDuration(Duration.ofSeconds(60))
              .putObjectRequest(o ->
                  o.bucket(BUCKET)
                      .key(key)
                      .contentLength((long) bytes.length)
                      .checksumSHA256(sha256(bytes))));
    }
  }

  private static int send(PresignedPutObjectRequest signed, URI url, byte[] bytes)
      throws Exception {
    var request = HttpRequest.newBuilder(url).PUT(HttpRequest.BodyPublishers.ofByteArray(bytes));
    signed
        .signedHeaders()
        .forEach((name, values) -> {
          if (!name.equalsIgnoreCase("host") && !name.equalsIgnoreCase("content-length")) {
            values.forEach(value -> request.header(name, value));
          }
        });
    try (HttpClient http = HttpClient.newHttpClient()) {
      return http.send(request.build(), HttpResponse.BodyHandlers.discarding()).statusCode();
    }
  }

  @Test
  void aPresignedReadWorksForItsKeyOnly() throws Exception {
    put("mine", "content");
    put("yours", "secret");
    try (S3Presigner presigner = Clients.presigner(servers);
        HttpClient http = HttpClient.newHttpClient()) {
      URI url =
          presigner
              .presignGetObject(p ->
                  p.signatureDuration(Duration.ofSeconds(60))
                      .getObjectRequest(g -> g.bucket(BUCKET).key("mine")))
              .url()
              .toURI();
      assertThat(body(http, url)).isEqualTo("200 content");
      assertThat(body(http, URI.create(url.toString().replace("/mine?", "/yours?"))))
          .startsWith("403 ");
      assertThat(body(http, URI.create(url.toString().replaceFirst("\\?.*", ""))))
          .as("unsigned")
          .startsWith("403 ");
    }
  }

  private static String body(HttpClient http, URI url) throws Exception {
    var answer =
        http.send(HttpRequest.newBuilder(url).build(), HttpResponse.BodyHandlers.ofString());
    return answer.statusCode() + " " + answer.body();
  }

  @Test
  void aSignatureHoldsHoweverThePathIsEncoded() throws Exception {
    String key = "t~ilde/ü/a+b//c";
    put(key, "content");
    assertThat(get(key)).isEqualTo("content");
    try (S3Presigner presigner = Clients.presigner(servers);
        HttpClient http = HttpClient.newHttpClient()) {
      String url =
          presigner
              .presignGetObject(p ->
                  p.signatureDuration(Duration.ofSeconds(60))
                      .getObjectRequest(g -> g.bucket(BUCKET).key(key)))
              .url()
              .toString();
      assertThat(url).contains("t~ilde/%C3%BC/a%2Bb//c");
      for (String other :
          List.of(
              "t~ilde/%C3%BC/a%2Bb//c",
              "t%7Eilde/%C3%BC/a%2Bb//c", "t%7eilde/%c3%bc/a%2bb//c", "%74~ilde/%C3%BC/a+b//c")) {
        URI same = URI.create(url.replace("t~ilde/%C3%BC/a%2Bb//c", other));
        assertThat(body(http, same)).as(other).isEqualTo("200 content");
      }
      assertThat(body(http, URI.create(url.replace("b//c", "b/c")))).startsWith("403 ");
    }
  }

  @Test
  void partsOutOfOrderOrNamedTwiceAreRefused() {
    String upload = begin();
    byte[] full = new byte[5 << 20];
    CompletedPart one = part(upload, 1, full);
    CompletedPart two = part(upload, 2, full);
    assertError(() -> complete(upload, two, one), 400, "InvalidPartOrder");
    assertError(() -> complete(upload, one, two, two), 400, "InvalidPartOrder");
    assertError(() -> complete(upload, one, one), 400, "InvalidPartOrder");
    complete(upload, one, two);
    assertThat(s3.headObject(h -> h.bucket(BUCKET).key("large")).contentLength())
        .isEqualTo(2L * full.length);
  }

  @Test
  void wrongChecksumsOfPartsAreRefused() {
    String upload = begin();
    byte[] bytes = "part".getBytes(UTF_8);
    String wrong = sha256("other".getBytes(UTF_8));
    assertError(
        () ->
            s3.uploadPart(
                u ->
                    u.bucket(BUCKET)
                        .key("large")
                        .uploadId(upload)
                        .partNumber(1)
                        .checksumSHA256(wrong),
                RequestBody.fromBytes(bytes)),
        400,
        "BadDigest");
    CompletedPart one = part(upload, 1, bytes);
    CompletedPart claimed = one.toBuilder().checksumSHA256(wrong).build();
    assertError(() -> complete(upload, claimed), 400, "InvalidPart");
    CompletedPart otherEtag = one.toBuilder().eTag("\"" + "0".repeat(32) + "\"").build();
    assertError(() -> complete(upload, otherEtag), 400, "InvalidPart");
    complete(upload, one);
    assertThat(get("large")).isEqualTo("part");
  }

  private String begin() {
    return s3.createMultipartUpload(
            c -> c.bucket(BUCKET).key("large").checksumAlgorithm(ChecksumAlgorithm.SHA256))
        .uploadId();
  }

  private void complete(String upload, CompletedPart... parts) {
    s3.completeMultipartUpload(
        c -> c.bucket(BUCKET).key("large").uploadId(upload).multipartUpload(m -> m.parts(parts)));
  }

  private static void assertError(
      org.assertj.core.api.ThrowableAssert.ThrowingCallable call, int status, String code) {
    S3Exception refused = catchThrowableOfType(S3Exception.class, call);
    assertThat(refused).as(code).isNotNull();
    assertThat(refused.awsErrorDetails().errorCode()).isEqualTo(code);
    assertThat(refused.statusCode()).isEqualTo(status);
  }

  @Test
  void commonPrefixesAreInTheOrderOfTheirBytes() {
    List<String> prefixes = List.of("p/a/", "p/a&<b>/", "p/\uff5e/", "p/\ud83d\ude00/");
    prefixes.forEach(prefix -> put(prefix + "x", "x"));
    List<String> sorted = List.of("p/a&<b>/", "p/a/", "p/\uff5e/", "p/\ud83d\ude00/");
    assertThat(list("p/", "/", 10).commonPrefixes())
        .extracting(CommonPrefix::prefix)
        .containsExactlyElementsOf(sorted);
    assertThat(
            s3.listObjectsV2(l ->
                    l.bucket(BUCKET)
                        .prefix("p/")
                        .delimiter("/")
                        .encodingType(software.amazon.awssdk.services.s3.model.EncodingType.URL))
                .commonPrefixes())
        .extracting(CommonPrefix::prefix)
        .containsExactlyElementsOf(sorted);
  }

  /** XML 1.0 has no way to say it: real S3 answers so too. */
  @Test
  void aBatchDeleteOfAKeyThatXmlCannotSayIsMalformed() {
    for (String key : List.of("x\u0001", "x\uffff")) {
      put(key, "x");
      put("other", "x");
      List<ObjectIdentifier> both =
          java.util.stream.Stream.of("other", key)
              .map(k -> ObjectIdentifier.builder().key(k).build())
              .toList();
      assertError(
          () -> s3.deleteObjects(d -> d.bucket(BUCKET).delete(b -> b.objects(both))),
          400,
          "MalformedXML");
      assertThat(get("other")).isEqualTo("x");
      s3.deleteObject(d -> d.bucket(BUCKET).key(key));
      assertThatThrownBy(() -> get(key)).isInstanceOf(NoSuchKeyException.class);
    }
  }

  @Test
  void etagsAreMd5() throws Exception {
    byte[] md5 = MessageDigest.getInstance("MD5").digest("x".getBytes(UTF_8));
    assertThat(put("md5", "x")).isEqualTo("\"" + HexFormat.of().formatHex(md5) + "\"");
  }
}
