package dev.sheaf.localstack.servers.s3.awssdk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sheaf.localstack.servers.Clients;
import dev.sheaf.localstack.servers.LocalServers;
import java.io.IOException;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.ChecksumMode;
import software.amazon.awssdk.services.s3.model.S3Exception;

class S3ServerTest {
  private static S3Client s3;
  private static String bucket;

  @BeforeAll
  static void start() throws IOException {
    LocalServers servers = LocalServers.shared();
    s3 = Clients.s3(servers.s3().endpoint());
    bucket = servers.newBucket();
  }

  @Test
  void twoHundredIncrementsUnderIfMatchAreAllCounted() throws Exception {
    s3.putObject(p -> p.bucket(bucket).key("counter"), RequestBody.fromString("0"));
    try (ExecutorService workers = Executors.newFixedThreadPool(16)) {
      var done =
          IntStream.range(0, 200).mapToObj(i -> workers.submit(S3ServerTest::increment)).toList();
      for (Future<?> each : done) {
        each.get();
      }
    }
    String sum = s3.getObjectAsBytes(g -> g.bucket(bucket).key("counter")).asUtf8String();
    assertThat(sum).isEqualTo("200");
  }

  private static void increment() {
    while (true) {
      var present = s3.getObjectAsBytes(g -> g.bucket(bucket).key("counter"));
      String next = Integer.toString(Integer.parseInt(present.asUtf8String()) + 1);
      try {
        s3.putObject(
            p -> p.bucket(bucket).key("counter").ifMatch(present.response().eTag()),
            RequestBody.fromString(next));
        return;
      } catch (S3Exception e) {
        assertThat(e.statusCode()).isEqualTo(412);
      }
    }
  }

  @Test
  void keepsAChecksumAndRefusesAWrongOne() throws Exception {
    byte[] bytes = "hello".getBytes(java.nio.charset.StandardCharsets.UTF_8);
    String sha =
        Base64.getEncoder().encodeToString(MessageDigest.getInstance("SHA-256").digest(bytes));
    s3.putObject(
        p -> p.bucket(bucket).key("sum").checksumSHA256(sha), RequestBody.fromBytes(bytes));
    assertThat(
            s3.headObject(h -> h.bucket(bucket).key("sum").checksumMode(ChecksumMode.ENABLED))
                .checksumSHA256())
        .isEqualTo(sha);
    assertThatThrownBy(() ->
            s3.putObject(
                p -> p.bucket(bucket).key("lie").checksumSHA256(sha),
                RequestBody.fromString("other")))
        .isInstanceOfSatisfying(
            S3Exception.class,
            e -> {
              assertThat(e.statusCode()).isEqualTo(400);
              assertThat(e.awsErrorDetails().errorCode()).isEqualTo("BadDigest");
            });
  }
}
