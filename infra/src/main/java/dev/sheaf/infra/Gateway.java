package dev.sheaf.infra;

import static java.util.Objects.requireNonNull;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import software.amazon.awscdk.RemovalPolicy;
import software.amazon.awscdk.services.apigateway.AccessLogField;
import software.amazon.awscdk.services.apigateway.AccessLogFormat;
import software.amazon.awscdk.services.apigateway.EndpointConfiguration;
import software.amazon.awscdk.services.apigateway.EndpointType;
import software.amazon.awscdk.services.apigateway.LambdaIntegration;
import software.amazon.awscdk.services.apigateway.LogGroupLogDestination;
import software.amazon.awscdk.services.apigateway.Method;
import software.amazon.awscdk.services.apigateway.ProxyResourceOptions;
import software.amazon.awscdk.services.apigateway.RestApi;
import software.amazon.awscdk.services.apigateway.StageOptions;
import software.amazon.awscdk.services.logs.LogGroup;
import software.constructs.Construct;

/** The REST API: every path and method goes to one function, which does its own routing. */
final class Gateway extends Construct {
  /**
   * What API Gateway hands over as bytes, told by the first type that a client accepts. It takes
   * {@code *}{@code /*} for any type and for none, so that curl gets bytes too; request bodies then
   * come as base64. LocalStack knows literal types only.
   */
  static final List<String> BINARY_TYPES =
      List.of(
          "*/*",
          "application/octet-stream",
          "application/x-git-packed-objects",
          "application/x-msgpack");

  /** As many as an account may have waiting, unless AWS was asked for more. */
  private static final int MOST_BURST = 5_000;

  private final RestApi api;
  private final LogGroup accessLog;

  Gateway(Construct scope, Site site, SheafFunction function) {
    super(scope, "Gateway");
    this.accessLog =
        LogGroup.Builder.create(this, "AccessLog")
            .logGroupName("/aws/apigateway/" + site.resource("api"))
            .retention(site.logRetention())
            .removalPolicy(RemovalPolicy.DESTROY)
            .build();
    this.api =
        RestApi.Builder.create(this, "Api")
            .restApiName(site.resource("api"))
            .description("Sheaf site " + site.name())
            .endpointConfiguration(
                EndpointConfiguration.builder().types(List.of(EndpointType.REGIONAL)).build())
            .binaryMediaTypes(BINARY_TYPES)
            .cloudWatchRole(site.logRole())
            .cloudWatchRoleRemovalPolicy(site.logRole() ? RemovalPolicy.RETAIN : null)
            .deployOptions(stage(site))
            .build();
    // An output of its own; ours has a name that stays.
    api.getNode().tryRemoveChild("Endpoint");
    LambdaIntegration integration =
        LambdaIntegration.Builder.create(function.live())
            .proxy(true)
            .allowTestInvoke(false)
            .build();
    acceptBearerTokens(api.getRoot().addMethod("ANY", integration));
    acceptBearerTokens(
        requireNonNull(
            api.getRoot()
                .addProxy(
                    ProxyResourceOptions.builder()
                        .anyMethod(true)
                        .defaultIntegration(integration)
                        .build())
                .getAnyMethod()));
    Findings.accept(api, "APIG2", "One path takes every route; the function checks its input.");
    Findings.accept(
        api.getDeploymentStage(),
        "APIG3",
        "A firewall is a choice, and a cost, of whoever runs the site.");
    Findings.accept(
        api.getDeploymentStage(),
        "APIG6",
        "Access logs have each request; execution logs would hold bodies and tokens.");
    if (site.logRole()) {
      Findings.accept(
          api.getNode().findChild("CloudWatchRole"),
          "IAM4",
          "The policy that AWS made for this: API Gateway asks for no less, and the role is the"
              + " account's.");
    }
  }

  private static void acceptBearerTokens(Method method) {
    for (String rule : List.of("APIG4", "COG4")) {
      Findings.accept(
          method,
          rule,
          "The function checks bearer tokens itself: scopes are by repository, public ones need"
              + " none.");
    }
  }

  private StageOptions stage(Site site) {
    return StageOptions.builder()
        .stageName("live")
        .throttlingRateLimit(site.requestsPerSecond())
        .throttlingBurstLimit(Math.min(site.requestsPerSecond() * 2, MOST_BURST))
        .accessLogDestination(new LogGroupLogDestination(accessLog))
        .accessLogFormat(AccessLogFormat.custom(line(site)))
        .build();
  }

  /**
   * One line of JSON a request, no header of it among them: those hold tokens. {@code error} is
   * what API Gateway answered by itself, such as THROTTLED.
   */
  private static String line(Site site) {
    Map<String, String> fields = new LinkedHashMap<>();
    fields.put("event", "access");
    fields.put("site", site.name());
    fields.put("request", AccessLogField.contextRequestId());
    fields.put("time", AccessLogField.contextRequestTimeEpoch());
    fields.put("address", AccessLogField.contextIdentitySourceIp());
    fields.put("method", AccessLogField.contextHttpMethod());
    fields.put("path", AccessLogField.contextPath());
    fields.put("status", AccessLogField.contextStatus());
    fields.put("bytes", AccessLogField.contextResponseLength());
    fields.put("milliseconds", AccessLogField.contextResponseLatency());
    fields.put("error", AccessLogField.contextErrorResponseType());
    StringBuilder line = new StringBuilder();
    fields.forEach((name, value) ->
        line.append(line.isEmpty() ? "{" : ",").append("\"%s\":\"%s\"".formatted(name, value)));
    return line.append('}').toString();
  }

  RestApi api() {
    return api;
  }

  LogGroup accessLog() {
    return accessLog;
  }
}
