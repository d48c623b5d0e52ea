package dev.sheaf.storage.wiring;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The address that the short way goes to is the one that the SDK would go to. */
class BucketUrlTest {
  @ParameterizedTest
  @CsvSource({
    "sheaf-site,         us-east-1,      ",
    "sheaf-site,         eu-central-1,   ",
    "sheaf-site,         ap-southeast-2, ",
    "sheaf-site,         mx-central-1,   ",
    "sheaf-site,         cn-north-1,     ",
    "sheaf-site,         us-gov-west-1,  ",
    "a.bucket.with.dots, eu-central-1,   ",
    "sheaf-site,         us-east-1,      http://127.0.0.1:9000",
    "sheaf-site,         us-east-1,      http://127.0.0.1:9000/",
    "sheaf-site,         us-east-1,      https://store.example/below",
    "a.bucket.with.dots, us-east-1,      http://127.0.0.1:9000",
  })
  void isTheOneBySdkRules(String bucket, String region, @Nullable String endpoint) {
    Map<String, String> variables =
        new HashMap<>(
            Map.of("AWS_REGION", region, "AWS_ACCESS_KEY_ID", "k", "AWS_SECRET_ACCESS_KEY", "s"));
    if (endpoint != null) {
      variables.put("AWS_ENDPOINT_URL_S3", endpoint);
    }
    AwsClients clients = new AwsClients(variables, 1);
    assertThat(clients.bucketUrl(bucket)).isEqualTo(clients.bucketUrlBySdk(bucket));
  }
}
