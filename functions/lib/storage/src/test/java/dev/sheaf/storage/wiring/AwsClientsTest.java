package dev.sheaf.storage.wiring;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.awscore.AwsClient;
import software.amazon.awssdk.core.SdkServiceClientConfiguration;
import software.amazon.awssdk.core.client.config.ClientOverrideConfiguration;

/** What all clients have in common. */
class AwsClientsTest {
  private final AwsClients clients =
      new AwsClients(
          Map.of(
              "AWS_REGION", "eu-central-1",
              "AWS_ACCESS_KEY_ID", "key",
              "AWS_SECRET_ACCESS_KEY", "secret"),
          1);

  /** A first limit that came late met code that was compiled without; see CALL_TIMEOUT. */
  @Test
  void everyRequestHasALimit() {
    assertThat(clients())
        .allSatisfy(client -> assertThat(settings(client).apiCallTimeout()).isPresent());
  }

  @Test
  void theLimitLeavesAServicesOwnSettings() {
    assertThat(Stream.of(clients.s3(), clients.rdsData()))
        .allSatisfy(client ->
            assertThat(settings(client).retryStrategy().orElseThrow().maxAttempts()).isEqualTo(5));
    assertThat(settings(clients.s3()).executionInterceptors())
        .extracting(interceptor -> interceptor.getClass().getSimpleName())
        .contains("DeadlineGuard");
  }

  private List<AwsClient> clients() {
    return List.of(clients.s3(), clients.rdsData(), clients.sqs(), clients.secretsManager());
  }

  private static ClientOverrideConfiguration settings(AwsClient client) {
    SdkServiceClientConfiguration configuration = client.serviceClientConfiguration();
    return configuration.overrideConfiguration();
  }
}
