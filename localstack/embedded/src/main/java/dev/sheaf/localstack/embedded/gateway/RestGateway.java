package dev.sheaf.localstack.embedded.gateway;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.sheaf.localstack.embedded.lambda.LocalFunction;
import dev.sheaf.localstack.embedded.lambda.Outcome;
import dev.sheaf.localstack.servers.access.LocalPrograms;
import java.io.IOException;
import java.net.BindException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.UriCompliance;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.thread.QueuedThreadPool;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A REST API on the loopback interface that gives every request to one function. */
public final class RestGateway implements AutoCloseable {
  /** What infra/ lists. */
  public static final Set<String> BINARY_TYPES =
      Set.of("*/*", "application/octet-stream", "application/x-msgpack");

  private static final Logger log = LoggerFactory.getLogger(RestGateway.class);
  private static final int REQUEST_BYTES = 10 * 1024 * 1024;

  private final Server server;
  private final ServerConnector connector;
  private final Settings settings;
  private final ExecutorService invocations = Executors.newVirtualThreadPerTaskExecutor();

  /**
   * How the gateway behaves.
   *
   * @param patience after which a client is told 504, whatever the function does; the same time
   *     again is given to the client, to send its request
   * @param requestIds names each request
   */
  public record Settings(
      Set<String> binaryTypes,
      Duration patience,
      InstantSource clock,
      Supplier<String> requestIds) {
    /** As AWS and infra/ have it. */
    public static Settings aws(InstantSource clock, Supplier<String> requestIds) {
      return new Settings(BINARY_TYPES, Duration.ofSeconds(29), clock, requestIds);
    }
  }

  private RestGateway(Server server, ServerConnector connector, Settings settings) {
    this.server = server;
    this.connector = connector;
    this.settings = settings;
  }

  /**
   * Takes a port, without serving yet: a site must know its own address before its functions start.
   *
   * @param port 0 picks a free one
   * @throws BindException when the port is taken
   */
  public static RestGateway bind(int port, Settings settings) throws IOException {
    QueuedThreadPool threads = new QueuedThreadPool();
    threads.setName("gateway");
    threads.setDaemon(true);
    threads.setVirtualThreadsExecutor(Executors.newVirtualThreadPerTaskExecutor());
    Server server = new Server(threads);
    HttpConfiguration http = new HttpConfiguration();
    http.setSendServerVersion(false);
    // Encoded slashes and dots are the function's business.
    http.setUriCompliance(UriCompliance.UNSAFE);
    ServerConnector connector = new ServerConnector(server, new HttpConnectionFactory(http));
    connector.setHost("127.0.0.1");
    connector.setPort(port);
    connector.setIdleTimeout(2 * settings.patience().toMillis());
    connector.addBean(new SlowHeads(connector.getScheduler(), settings.patience()));
    server.addConnector(connector);
    server.setStopTimeout(0);
    try {
      connector.open();
    } catch (IOException e) {
      throw e.getCause() instanceof BindException cause ? cause : e;
    }
    return new RestGateway(server, connector, settings);
  }

  /** Serves requests by the function from now on. */
  public void serve(LocalFunction function) throws IOException {
    server.setHandler(new LocalPrograms(new ToFunction(function)));
    try {
      server.start();
    } catch (Exception e) {
      throw new IOException("the gateway does not start: " + e.getMessage(), e);
    }
  }

  /** Such as {@code http://127.0.0.1:8420}. */
  public URI endpoint() {
    return URI.create("http://127.0.0.1:" + connector.getLocalPort());
  }

  @Override
  public void close() throws IOException {
    invocations.shutdownNow();
    try {
      server.stop();
      connector.close();
    } catch (Exception e) {
      throw new IOException("the gateway does not stop: " + e.getMessage(), e);
    }
  }

  private final class ToFunction extends Handler.Abstract {
    private final LocalFunction function;
    private final MediaTypes types = new MediaTypes(settings.binaryTypes());

    ToFunction(LocalFunction function) {
      this.function = function;
    }

    @Override
    public boolean handle(Request request, Response response, Callback callback) {
      String id = settings.requestIds().get();
      response.getHeaders().put("x-amzn-RequestId", id);
      byte[] body;
      try {
        body = new BoundedBody(REQUEST_BYTES, settings.patience()).read(request);
      } catch (BoundedBody.TooLongException e) {
        refuseToRead(response, callback, 413, "Request Too Long");
        return true;
      } catch (TimeoutException e) {
        refuseToRead(response, callback, 408, "Request body took too long");
        return true;
      } catch (IOException e) {
        // Nobody is there to be told, and a client that goes away is no news.
        refuseToRead(response, callback, 400, "Request body broke off");
        return true;
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        refuseToRead(response, callback, 503, "Service Unavailable");
        return true;
      }
      String event = new ProxyEvent(request, types).json(body, id, settings.clock().instant());
      Future<Outcome> invocation = invocations.submit(() -> function.invoke(event));
      try {
        Outcome outcome = invocation.get(settings.patience().toMillis(), TimeUnit.MILLISECONDS);
        answer(request, response, callback, outcome);
      } catch (TimeoutException e) {
        refuse(response, callback, 504, "Endpoint request timed out");
      } catch (ExecutionException e) {
        log.error("the gateway failed", e);
        refuse(response, callback, 500, "Internal server error");
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        refuse(response, callback, 503, "Service Unavailable");
      }
      return true;
    }

    private void answer(Request request, Response response, Callback callback, Outcome outcome) {
      if (!(outcome instanceof Outcome.Answer answered)) {
        boolean tooLarge =
            outcome instanceof Outcome.Failure failure
                && failure.type().equals("RequestEntityTooLargeException");
        refuse(
            response,
            callback,
            tooLarge ? 413 : 502,
            tooLarge ? "Request Too Long" : "Internal server error");
        return;
      }
      try {
        boolean binary = types.isBinaryAnswer(request.getHeaders().get(HttpHeader.ACCEPT));
        send(response, callback, ProxyAnswer.parse(answered.json(), binary));
      } catch (IOException e) {
        log.error("malformed Lambda proxy response: {}", e.getMessage());
        refuse(response, callback, 502, "Internal server error");
      }
    }

    private static void send(Response response, Callback callback, ProxyAnswer answer) {
      response.setStatus(answer.status());
      answer.headers().forEach(header -> response.getHeaders().add(header.name(), header.value()));
      if (!response.getHeaders().contains(HttpHeader.CONTENT_TYPE)) {
        response.getHeaders().put(HttpHeader.CONTENT_TYPE, "application/json");
      }
      response.write(true, answer.body().bytes(), callback);
    }

    /** What is left of the request is not read: the connection ends with the answer. */
    private static void refuseToRead(
        Response response, Callback callback, int status, String message) {
      response.getHeaders().put(HttpHeader.CONNECTION, "close");
      refuse(response, callback, status, message);
    }

    private static void refuse(Response response, Callback callback, int status, String message) {
      response.setStatus(status);
      response.getHeaders().put(HttpHeader.CONTENT_TYPE, "application/json");
      ByteBuffer body = ByteBuffer.wrap(("{\"message\":\"" + message + "\"}").getBytes(UTF_8));
      response.write(true, body, callback);
    }
  }
}
