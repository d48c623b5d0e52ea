package dev.sheaf.localstack.servers.s3.awssdk;

import static dev.sheaf.localstack.servers.s3.awssdk.S3UnderTest.assertError;
import static dev.sheaf.localstack.servers.s3.awssdk.S3UnderTest.sha256;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.security.MessageDigest;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.s3.model.ChecksumMode;
import software.amazon.awssdk.services.s3.model.NoSuchKeyException;
import software.amazon.awssdk.services.s3.model.ObjectIdentifier;
import software.amazon.awssdk.services.s3.model.S3Exception;
import software.amazon.awssdk.services.s3.model.S3Object;

/** Objects as S3 keeps them: whole, in part, with their headers, copied and deleted. */
interface S3ObjectsContract extends S3UnderTest {
  @Test
  default void keepsAChecksumAndRefusesAWrongOne() {
    byte[] bytes = "hello".getBytes(UTF_8);
    String etag =
        s3().putObject(
                p -> p.bucket(BUCKET).key("sum").checksumSHA256(sha256(bytes)),
                RequestBody.fromBytes(bytes))
            .eTag();
    assertThat(etag).isEqualTo("\"5d41402abc4b2a76b9719d911017c592\"");
    var head = s3().headObject(h -> h.bucket(BUCKET).key("sum").checksumMode(ChecksumMode.ENABLED));
    assertThat(head.checksumSHA256()).isEqualTo(sha256(bytes));
    assertThat(head.lastModified()).isEqualTo(head.lastModified().truncatedTo(ChronoUnit.SECONDS));
    assertThat(s3().headObject(h -> h.bucket(BUCKET).key("sum")).checksumSHA256()).isNull();

    var refused =
        catchThrowableOfType(
            S3Exception.class,
            () ->
                s3().putObject(
                        p -> p.bucket(BUCKET).key("lie").checksumSHA256(sha256(bytes)),
                        RequestBody.fromString("other")));
    assertThat(refused.statusCode()).isEqualTo(400);
    assertThat(refused.awsErrorDetails().errorCode()).isEqualTo("BadDigest");
    assertThatThrownBy(() -> get("lie")).isInstanceOf(NoSuchKeyException.class);
  }

  @Test
  default void readsRanges() {
    put("digits", "0123456789");
    assertThat(range("bytes=2-4")).isEqualTo("234");
    assertThat(range("bytes=7-")).isEqualTo("789");
    assertThat(range("bytes=-3")).isEqualTo("789");
    assertThat(range("bytes=8-100")).isEqualTo("89");
    var answer =
        s3().getObjectAsBytes(g -> g.bucket(BUCKET).key("digits").range("bytes=2-4")).response();
    assertThat(answer.contentRange()).isEqualTo("bytes 2-4/10");
    assertThatThrownBy(() -> range("bytes=10-")).hasMessageContaining("416");
  }

  private String range(String range) {
    return s3().getObjectAsBytes(g -> g.bucket(BUCKET).key("digits").range(range)).asUtf8String();
  }

  @Test
  default void answersNotModified() {
    String etag = put("same", "x");
    var answer =
        catchThrowableOfType(
            S3Exception.class,
            () -> s3().getObjectAsBytes(g -> g.bucket(BUCKET).key("same").ifNoneMatch(etag)));
    assertThat(answer.statusCode()).isEqualTo(304);
    assertThat(
            s3().getObjectAsBytes(g -> g.bucket(BUCKET).key("same").ifNoneMatch("\"other\""))
                .asUtf8String())
        .isEqualTo("x");
  }

  @Test
  default void carriesHeadersMetadataAndOddKeys() {
    String key = "a b/+%/ä/\uE000😀/x";
    s3().putObject(
            p ->
                p.bucket(BUCKET)
                    .key(key)
                    .contentType("text/x")
                    .cacheControl("immutable")
                    .metadata(Map.of("who", "me")),
            RequestBody.fromString("odd"));
    var head = s3().headObject(h -> h.bucket(BUCKET).key(key));
    assertThat(head.contentType()).isEqualTo("text/x");
    assertThat(head.cacheControl()).isEqualTo("immutable");
    assertThat(head.metadata()).containsExactly(Map.entry("who", "me"));
    assertThat(get(key)).isEqualTo("odd");
    assertThat(list("", null, 1000).contents()).extracting(S3Object::key).containsExactly(key);
  }

  @Test
  default void refusesAKeyThatIsTooLong() {
    put("k".repeat(1024), "x");
    assertThatThrownBy(() -> put("k".repeat(1025), "x"))
        .hasMessageContaining("Your key is too long");
  }

  @Test
  default void deletesOneAndMany() {
    List.of("a", "b", "c", "d").forEach(key -> put(key, key));
    s3().deleteObject(d -> d.bucket(BUCKET).key("a"));
    s3().deleteObject(d -> d.bucket(BUCKET).key("a"));
    var gone = List.of("b", "c", "never there");
    var answer =
        s3().deleteObjects(d ->
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
  default void storesWhatIsTooLargeForTheHeap() {
    byte[] large = new byte[20 << 20];
    new Random(1).nextBytes(large);
    s3().putObject(p -> p.bucket(BUCKET).key("big"), RequestBody.fromBytes(large));
    assertThat(s3().getObjectAsBytes(g -> g.bucket(BUCKET).key("big")).asByteArray())
        .isEqualTo(large);
    String end = "bytes=" + (large.length - 10) + "-";
    assertThat(s3().getObjectAsBytes(g -> g.bucket(BUCKET).key("big").range(end)).asByteArray())
        .isEqualTo(Arrays.copyOfRange(large, large.length - 10, large.length));
  }

  @Test
  default void copies() {
    put("from", "content");
    s3().copyObject(c ->
        c.sourceBucket(BUCKET).sourceKey("from").destinationBucket(BUCKET).destinationKey("to"));
    assertThat(get("to")).isEqualTo("content");
  }

  @Test
  default void tellsWhatWasStored() {
    String etag = put("dir/ä", "hello");
    put("dir/ä", "again");
    assertThat(server().created()).hasSize(2);
    ObjectCreated first = server().created().getFirst();
    assertThat(first.event()).isEqualTo("ObjectCreated:Put");
    assertThat(first.bucket()).isEqualTo(BUCKET);
    assertThat(first.key()).isEqualTo("dir/ä");
    assertThat(first.size()).isEqualTo(5);
    assertThat("\"" + first.etag() + "\"").isEqualTo(etag);
    assertThat(server().created().get(1).sequencer()).isGreaterThan(first.sequencer());
  }

  @Test
  default void countsRequests() {
    put("a", "x");
    server().servers().s3().resetRequests();
    put("a", "y");
    get("a");
    get("a");
    list("", null, 10);
    s3().headObject(h -> h.bucket(BUCKET).key("a"));
    assertThatThrownBy(() -> get("absent")).isInstanceOf(NoSuchKeyException.class);
    assertThat(server().servers().s3().requests())
        .isEqualTo(Map.of("PUT", 1L, "GET", 3L, "LIST", 1L, "HEAD", 1L));
  }

  /** XML 1.0 has no way to say it: real S3 answers so too. */
  @Test
  default void aBatchDeleteOfAKeyThatXmlCannotSayIsMalformed() {
    for (String key : List.of("x\u0001", "x\uffff")) {
      put(key, "x");
      put("other", "x");
      List<ObjectIdentifier> both =
          Stream.of("other", key).map(k -> ObjectIdentifier.builder().key(k).build()).toList();
      assertError(
          () -> s3().deleteObjects(d -> d.bucket(BUCKET).delete(b -> b.objects(both))),
          400,
          "MalformedXML");
      assertThat(get("other")).isEqualTo("x");
      s3().deleteObject(d -> d.bucket(BUCKET).key(key));
      assertThatThrownBy(() -> get(key)).isInstanceOf(NoSuchKeyException.class);
    }
  }

  @Test
  default void etagsAreMd5() throws Exception {
    byte[] md5 = MessageDigest.getInstance("MD5").digest("x".getBytes(UTF_8));
    assertThat(put("md5", "x")).isEqualTo("\"" + HexFormat.of().formatHex(md5) + "\"");
  }
}
