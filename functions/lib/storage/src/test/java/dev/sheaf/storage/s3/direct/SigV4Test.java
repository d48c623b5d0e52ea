package dev.sheaf.storage.s3.direct;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sheaf.bundle.ContentId;
import java.net.URI;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentials;
import software.amazon.awssdk.auth.credentials.AwsSessionCredentials;
import software.amazon.awssdk.http.ContentStreamProvider;
import software.amazon.awssdk.http.SdkHttpMethod;
import software.amazon.awssdk.http.SdkHttpRequest;
import software.amazon.awssdk.http.auth.aws.signer.AwsV4HttpSigner;
import software.amazon.awssdk.http.auth.spi.signer.HttpSigner;

class SigV4Test {
  /** "Example: PUT Object" of Amazon's S3 API reference, "Signature Calculations: Header". */
  @Test
  void signsAmazonsExample() {
    SortedMap<String, String> headers =
        new TreeMap<>(
            Map.of(
                "date", "Fri, 24 May 2013 00:00:00 GMT",
                "host", "examplebucket.s3.amazonaws.com",
                "x-amz-storage-class", "REDUCED_REDUNDANCY"));
    new SigV4("us-east-1")
        .sign(
            Target.of("PUT", "/test%24file.text"),
            headers,
            ContentId.parse("44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072"),
            AwsBasicCredentials.create(
                "AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"),
            Instant.parse("2013-05-24T00:00:00Z"));
    assertThat(headers)
        .containsEntry("x-amz-date", "20130524T000000Z")
        .containsEntry(
            "authorization",
            "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request,"
                + " SignedHeaders=date;host;x-amz-content-sha256;x-amz-date;x-amz-storage-class,"
                + " Signature=98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd");
  }

  /** "Example: GET Bucket (List Objects)", from the same page. */
  @Test
  void signsAmazonsExampleOfAQuery() {
    SortedMap<String, String> headers =
        new TreeMap<>(Map.of("host", "examplebucket.s3.amazonaws.com"));
    new SigV4("us-east-1")
        .sign(
            Target.get("/", new TreeMap<>(Map.of("prefix", "J", "max-keys", "2"))),
            headers,
            ContentId.parse("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
            AwsBasicCredentials.create(
                "AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"),
            Instant.parse("2013-05-24T00:00:00Z"));
    assertThat(headers.get("authorization"))
        .endsWith("Signature=34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7");
  }

  @Test
  void signsAsTheSdkDoes() {
    SigV4 signer = new SigV4("eu-central-1");
    AwsCredentials session = AwsSessionCredentials.create("key", "secret", "to/ken==");
    AwsCredentials other = AwsBasicCredentials.create("key 2", "another");
    Instant day = Instant.parse("2026-03-01T23:59:59Z");
    for (AwsCredentials credentials : new AwsCredentials[] {session, other, session}) {
      for (Instant now : new Instant[] {day, day.plusSeconds(1), day}) {
        assertSignsAsTheSdk(signer, credentials, now);
      }
    }
  }

  private static String queryOf(Map<String, String> parameters) {
    return Target.get("/", new TreeMap<>(parameters)).query();
  }

  private static void assertSignsAsTheSdk(SigV4 signer, AwsCredentials credentials, Instant now) {
    ContentId hello =
        ContentId.parse("2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824");
    Map<String, String> query = Map.of("prefix", "a b/+ü%~&=", "delimiter", "/", "list-type", "2");
    Target target = new Target("PUT", "/bucket/a%20b%2B%C3%BC", queryOf(query));
    Map<String, String> plain =
        Map.of("content-type", "text/plain", "if-none-match", "*", "content-length", "5");

    SortedMap<String, String> ours = new TreeMap<>(plain);
    ours.put("host", "127.0.0.1:9000");
    signer.sign(target, ours, hello, credentials, now);

    SdkHttpRequest.Builder request =
        SdkHttpRequest.builder()
            .method(SdkHttpMethod.PUT)
            .uri(URI.create("http://127.0.0.1:9000" + target.path()));
    query.forEach(request::putRawQueryParameter);
    plain.forEach(request::putHeader);
    var theirs =
        AwsV4HttpSigner.create()
            .sign(r ->
                r.identity(credentials)
                    .request(request.build())
                    .payload(ContentStreamProvider.fromUtf8String("hello"))
                    .putProperty(AwsV4HttpSigner.REGION_NAME, "eu-central-1")
                    .putProperty(AwsV4HttpSigner.SERVICE_SIGNING_NAME, "s3")
                    .putProperty(AwsV4HttpSigner.DOUBLE_URL_ENCODE, false)
                    .putProperty(AwsV4HttpSigner.NORMALIZE_PATH, false)
                    .putProperty(HttpSigner.SIGNING_CLOCK, Clock.fixed(now, ZoneOffset.UTC)));
    assertThat(ours.get("authorization"))
        .isEqualTo(theirs.request().firstMatchingHeader("Authorization").orElseThrow());
  }
}
