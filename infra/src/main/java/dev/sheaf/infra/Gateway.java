package dev.sheaf.infra;

import java.util.List;
import software.amazon.awscdk.services.apigateway.EndpointConfiguration;
import software.amazon.awscdk.services.apigateway.EndpointType;
import software.amazon.awscdk.services.apigateway.LambdaIntegration;
import software.amazon.awscdk.services.apigateway.ProxyResourceOptions;
import software.amazon.awscdk.services.apigateway.RestApi;
import software.amazon.awscdk.services.apigateway.StageOptions;
import software.constructs.Construct;

/** The REST API: every path and method goes to one function, which does its own routing. */
final class Gateway extends Construct {
  /** API Gateway hands these over as bytes; whatever else comes it takes for text. */
  private static final List<String> BINARY_TYPES =
      List.of("application/octet-stream", "application/x-msgpack");

  private final RestApi api;

  Gateway(Construct scope, Site site, SheafFunction function) {
    super(scope, "Gateway");
    this.api =
        RestApi.Builder.create(this, "Api")
            .restApiName(site.resource("api"))
            .description("Sheaf site " + site.name())
            .endpointConfiguration(
                EndpointConfiguration.builder().types(List.of(EndpointType.REGIONAL)).build())
            .binaryMediaTypes(BINARY_TYPES)
            // A setting of the whole account, not of this site.
            .cloudWatchRole(false)
            .deployOptions(
                StageOptions.builder()
                    .stageName("live")
                    .throttlingRateLimit(site.requestsPerSecond())
                    .throttlingBurstLimit(site.requestsPerSecond() * 2)
                    .build())
            .build();
    // An output of its own; ours has a name that stays.
    api.getNode().tryRemoveChild("Endpoint");
    LambdaIntegration integration =
        LambdaIntegration.Builder.create(function.live())
            .proxy(true)
            .allowTestInvoke(false)
            .build();
    api.getRoot().addMethod("ANY", integration);
    api.getRoot()
        .addProxy(
            ProxyResourceOptions.builder().anyMethod(true).defaultIntegration(integration).build());
  }

  RestApi api() {
    return api;
  }
}
