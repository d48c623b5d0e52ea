package dev.sheaf.api;

import com.amazonaws.services.lambda.runtime.Context;
import com.amazonaws.services.lambda.runtime.RequestHandler;
import com.amazonaws.services.lambda.runtime.events.APIGatewayProxyRequestEvent;
import com.amazonaws.services.lambda.runtime.events.APIGatewayProxyResponseEvent;
import dev.sheaf.api.http.Api;
import dev.sheaf.api.wiring.ApiPorts;
import dev.sheaf.api.wiring.ApiWiring;
import java.util.Map;

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
  }

  /** Configured by a map in place of the process's environment variables. */
  public ApiHandler(Map<String, String> environment) {
    this(ApiWiring.ports(environment));
  }

  ApiHandler(ApiPorts ports) {
    this.api = new Api(ApiRoutes.of(ports), ports.nanoTime());
  }

  @Override
  public APIGatewayProxyResponseEvent handleRequest(
      APIGatewayProxyRequestEvent event, Context context) {
    return GatewayEvents.answer(api.answer(GatewayEvents.request(event)));
  }
}
