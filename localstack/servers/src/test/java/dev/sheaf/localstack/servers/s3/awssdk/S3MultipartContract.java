package dev.sheaf.localstack.servers.s3.awssdk;

import static dev.sheaf.localstack.servers.s3.awssdk.S3UnderTest.assertError;
import static dev.sheaf.localstack.servers.s3.awssdk.S3UnderTest.sha256;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.s3.model.ChecksumAlgorithm;
import software.amazon.awssdk.services.s3.model.ChecksumMode;
import software.amazon.awssdk.services.s3.model.CompletedPart;

/** Uploads in parts, and what is refused of them. */
interface S3MultipartContract extends S3UnderTest {
  @Test
  default void joinsAMultipartUpload() {
    byte[] first = new byte[5 << 20];
    Arrays.fill(first, (byte) 'a');
    byte[] second = "the rest".getBytes(UTF_8);
    String upload =
        s3().createMultipartUpload(c ->
                c.bucket(BUCKET)
                    .key("large")
                    .contentType("text/large")
                    .checksumAlgorithm(ChecksumAlgorithm.SHA256))
            .uploadId();
    var parts = List.of(part(upload, 1, first), part(upload, 2, second));
    var done =
        s3().completeMultipartUpload(c ->
            c.bucket(BUCKET).key("large").uploadId(upload).multipartUpload(m -> m.parts(parts)));
    assertThat(done.eTag()).endsWith("-2\"");
    var object = s3().getObjectAsBytes(g -> g.bucket(BUCKET).key("large"));
    assertThat(object.asByteArray()).startsWith(first).endsWith(second);
    assertThat(object.response().contentType()).isEqualTo("text/large");
    assertThat(
            s3().headObject(h -> h.bucket(BUCKET).key("large").checksumMode(ChecksumMode.ENABLED))
                .checksumSHA256())
        .as("a checksum of checksums, which is not the object's")
        .endsWith("-2");
    assertThat(server().created())
        .extracting(ObjectCreated::event)
        .containsExactly("ObjectCreated:CompleteMultipartUpload");
  }

  private CompletedPart part(String upload, int number, byte[] bytes) {
    var answer =
        s3().uploadPart(
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
  default void partsOutOfOrderOrNamedTwiceAreRefused() {
    String upload = begin();
    byte[] full = new byte[5 << 20];
    CompletedPart one = part(upload, 1, full);
    CompletedPart two = part(upload, 2, full);
    assertError(() -> complete(upload, two, one), 400, "InvalidPartOrder");
    assertError(() -> complete(upload, one, two, two), 400, "InvalidPartOrder");
    assertError(() -> complete(upload, one, one), 400, "InvalidPartOrder");
    complete(upload, one, two);
    assertThat(s3().headObject(h -> h.bucket(BUCKET).key("large")).contentLength())
        .isEqualTo(2L * full.length);
  }

  @Test
  default void wrongChecksumsOfPartsAreRefused() {
    String upload = begin();
    byte[] bytes = "part".getBytes(UTF_8);
    String wrong = sha256("other".getBytes(UTF_8));
    assertError(
        () ->
            s3().uploadPart(
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
    return s3().createMultipartUpload(
            c -> c.bucket(BUCKET).key("large").checksumAlgorithm(ChecksumAlgorithm.SHA256))
        .uploadId();
  }

  private void complete(String upload, CompletedPart... parts) {
    s3().completeMultipartUpload(c ->
        c.bucket(BUCKET).key("large").uploadId(upload).multipartUpload(m -> m.parts(parts)));
  }
}
