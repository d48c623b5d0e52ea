package dev.sheaf.infra;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import software.amazon.awscdk.assertions.Match;
import software.amazon.awscdk.assertions.Template;

/** How the API answers, what it logs and what it takes at once. */
@NeedsNode
class GatewayTest {
  private static final Template TEMPLATE = Synthesized.ofDefaultSite();

  /** {@code curl} accepts any type, and other clients name none: both want the bytes. */
  @Test
  void theApiAnswersBytesWhateverAClientAccepts() {
    TEMPLATE.hasResourceProperties(
        "AWS::ApiGateway::RestApi",
        Map.of(
            "BinaryMediaTypes",
            List.of(
                "*/*",
                "application/octet-stream",
                "application/x-git-packed-objects",
                "application/x-msgpack")));
    TEMPLATE.resourceCountIs("AWS::ApiGateway::Method", 2);
  }

  @Test
  void everyRequestIsLoggedWithoutItsHeaders() {
    JsonNode stage = Resources.only(TEMPLATE, "AWS::ApiGateway::Stage").path("Properties");
    assertThat(stage.at("/AccessLogSetting/DestinationArn").toString())
        .contains("GatewayAccessLog");
    assertThat(stage.at("/AccessLogSetting/Format").asText())
        .startsWith("{\"event\":\"access\",\"site\":\"main\",")
        .contains("$context.status", "$context.identity.sourceIp")
        .doesNotContain("header");
  }

  /** Another account may have a role for its logs already, which this would put in its shade. */
  @Test
  void theAccountsRoleForLogsStaysAndMayBeLeftToTheAccount() {
    JsonNode account = Resources.only(TEMPLATE, "AWS::ApiGateway::Account");
    assertThat(account.path("DeletionPolicy").asText()).isEqualTo("Retain");
    Template without = Synthesized.template("accountLogRole", "false");
    without.resourceCountIs("AWS::ApiGateway::Account", 0);
    without.hasResourceProperties(
        "AWS::ApiGateway::Stage", Map.of("AccessLogSetting", Match.anyValue()));
  }

  @Test
  void theApiIsThrottledWithinWhatAnAccountHas() {
    assertThat(throttling("10")).isEqualTo("[10,20]");
    assertThat(throttling("10000")).isEqualTo("[10000,5000]");
  }

  private static String throttling(String requestsPerSecond) {
    JsonNode settings =
        Resources.only(
                Synthesized.template("requestsPerSecond", requestsPerSecond),
                "AWS::ApiGateway::Stage")
            .at("/Properties/MethodSettings/0");
    return "[%s,%s]"
        .formatted(settings.path("ThrottlingRateLimit"), settings.path("ThrottlingBurstLimit"));
  }
}
