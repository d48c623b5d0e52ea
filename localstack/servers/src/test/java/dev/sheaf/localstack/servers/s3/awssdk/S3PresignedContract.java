package dev.sheaf.localstack.servers.s3.awssdk;

import static dev.sheaf.localstack.servers.s3.awssdk.S3UnderTest.sha256;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sheaf.localstack.servers.Clients;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.services.s3.model.NoSuchKeyException;
import software.amazon.awssdk.services.s3.presigner.S3Presigner;
import software.amazon.awssdk.services.s3.presigner.model.PresignedPutObjectRequest;

/** What a signed URL lets its holder do, and nothing besides. */
interface S3PresignedContract extends S3UnderTest {
  @Test
  default void aPresignedUploadTakesExactlyTheBytesItNames() throws Exception {
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
    try (S3Presigner presigner = Clients.presigner(server().servers())) {
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
  default void aPresignedReadWorksForItsKeyOnly() throws Exception {
    put("mine", "content");
    put("yours", "secret");
    try (S3Presigner presigner = Clients.presigner(server().servers());
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
  default void aSignatureHoldsHoweverThePathIsEncoded() throws Exception {
    String key = "t~ilde/ü/a+b//c";
    put(key, "content");
    assertThat(get(key)).isEqualTo("content");
    try (S3Presigner presigner = Clients.presigner(server().servers());
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
}
