package dev.sheaf.api;

import com.amazonaws.services.lambda.runtime.Context;
import com.amazonaws.services.lambda.runtime.RequestHandler;
import com.amazonaws.services.lambda.runtime.events.APIGatewayProxyRequestEvent;
import com.amazonaws.services.lambda.runtime.events.APIGatewayProxyResponseEvent;
import dev.sheaf.api.http.Api;
import dev.sheaf.api.wiring.ApiPorts;
import dev.sheaf.api.wiring.ApiWiring;
import dev.sheaf.repository.CatalogSchema;
import dev.sheaf.repository.Repos;
import dev.sheaf.storage.wiring.Rehearsal;
import dev.sheaf.storage.wiring.SnapStart;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * The api function: API Gateway's REST proxy events in, its answers out. One instance answers any
 * number of requests at a time.
 *
 * <p>From here: {@link GatewayEvents} turns an event into a request, {@link ApiRoutes} is the table
 * of what there is, {@link dev.sheaf.api.http.Api} runs a request through it.
 */
public final class ApiHandler
    implements RequestHandler<APIGatewayProxyRequestEvent, APIGatewayProxyResponseEvent> {
  private final Api api;

  /** As Lambda makes it: configured by the environment variables of the process. */
  public ApiHandler() {
    this(System.getenv());
    SnapStart.before(ApiHandler::rehearse);
  }

  /** Configured by a map in place of the process's environment variables. */
  public ApiHandler(Map<String, String> environment) {
    this(ApiWiring.ports(environment));
  }

  ApiHandler(ApiPorts ports) {
    this.api = new Api(ApiRoutes.of(ports), ports.nanoTime());
  }

  /**
   * Two requests, one that is refused by its token and one without any, and a repository looked for
   * in vain. Returns the status codes of the requests.
   */
  static List<Integer> rehearse() {
    try (Rehearsal aws = Rehearsal.start(CatalogSchema.migrations().latest())) {
      aws.useObjects();
      ApiPorts ports = ApiWiring.ports(aws.environment());
      ApiHandler handler = new ApiHandler(ports);
      // A stranger's request leaves the catalog alone.
      new Repos(ports.catalog().get()).find("rehearsal", "rehearsal");
      return Stream.of(Map.of("Authorization", "Bearer none"), Map.<String, String>of())
          .map(headers -> handler.api.answer(GatewayEvents.request(rehearsal(headers))))
          .map(response -> GatewayEvents.answer(response).getStatusCode())
          .toList();
    }
  }

  private static APIGatewayProxyRequestEvent rehearsal(Map<String, String> headers) {
    return new APIGatewayProxyRequestEvent()
        .withHttpMethod("GET")
        .withPath("/rehearsal/rehearsal/refs")
        .withHeaders(headers);
  }

  @Override
  public APIGatewayProxyResponseEvent handleRequest(
      APIGatewayProxyRequestEvent event, Context context) {
    return GatewayEvents.answer(api.answer(GatewayEvents.request(event)));
  }
}
