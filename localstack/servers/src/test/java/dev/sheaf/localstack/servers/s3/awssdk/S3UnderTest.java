package dev.sheaf.localstack.servers.s3.awssdk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.ListObjectsV2Response;
import software.amazon.awssdk.services.s3.model.S3Exception;

/**
 * What S3 promises and Sheaf builds on, asked of the server by AWS's own client: a contract for
 * each kind of operation, run in memory and in a folder.
 */
interface S3UnderTest {
  String BUCKET = RunningS3.BUCKET;

  RunningS3 server();

  default S3Client s3() {
    return server().client();
  }

  default String put(String key, String body) {
    return s3().putObject(p -> p.bucket(BUCKET).key(key), RequestBody.fromString(body)).eTag();
  }

  default String get(String key) {
    return s3().getObjectAsBytes(g -> g.bucket(BUCKET).key(key)).asUtf8String();
  }

  default ListObjectsV2Response list(String prefix, @Nullable String delimiter, int max) {
    return s3().listObjectsV2(
            l -> l.bucket(BUCKET).prefix(prefix).delimiter(delimiter).maxKeys(max));
  }

  static String sha256(byte[] bytes) {
    try {
      return Base64.getEncoder().encodeToString(MessageDigest.getInstance("SHA-256").digest(bytes));
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError(e);
    }
  }

  static void assertError(ThrowingCallable call, int status, String code) {
    S3Exception refused = catchThrowableOfType(S3Exception.class, call);
    assertThat(refused).as(code).isNotNull();
    assertThat(refused.awsErrorDetails().errorCode()).isEqualTo(code);
    assertThat(refused.statusCode()).isEqualTo(status);
  }
}
