package dev.sheaf.localstack.servers.s3.awssdk;

import dev.sheaf.localstack.servers.access.Credentials;
import dev.sheaf.localstack.servers.access.Endpoint;
import jakarta.servlet.DispatcherType;
import jakarta.servlet.http.HttpServlet;
import java.io.IOException;
import java.lang.reflect.Field;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.EnumSet;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import org.eclipse.jetty.ee10.servlet.FilterHolder;
import org.eclipse.jetty.ee10.servlet.ServletContextHandler;
import org.eclipse.jetty.ee10.servlet.ServletHolder;
import org.eclipse.jetty.http.HttpCompliance;
import org.eclipse.jetty.http.UriCompliance;
import org.eclipse.jetty.server.HttpConfiguration;
import org.gaul.s3proxy.S3Proxy;
import org.gaul.s3proxy.auth.AuthenticationType;
import org.jspecify.annotations.Nullable;

/**
 * An S3 endpoint on the loopback interface, path style, one pair of credentials (signature version
 * 4, presigned URLs included).
 */
public final class S3Server implements AutoCloseable {
  private static final Duration IDLE_CONNECTION = Duration.ofSeconds(60);

  private final Endpoint endpoint;
  private final Buckets buckets;
  private final RequestCounter counter;

  private S3Server(Endpoint endpoint, Buckets buckets, RequestCounter counter) {
    this.endpoint = endpoint;
    this.buckets = buckets;
    this.counter = counter;
  }

  /**
   * How to start a server.
   *
   * @param port 0 picks a free one
   * @param folder where buckets are kept; null keeps them in memory. A server must be the only one
   *     on its folder.
   * @param clock stamps LastModified
   * @param listener told of every object after it was stored and before the upload is answered
   */
  public record Settings(
      int port,
      Credentials credentials,
      @Nullable Path folder,
      InstantSource clock,
      Consumer<ObjectCreated> listener) {}

  /**
   * Starts a server.
   *
   * @throws IOException when the port is taken or the folder cannot be read
   */
  public static S3Server start(Settings settings) throws IOException {
    Buckets buckets = new Buckets(settings.folder());
    RequestCounter counter = new RequestCounter();
    BucketBlobStore store =
        new BucketBlobStore(buckets, settings.clock(), counter, settings.listener());
    ServletContextHandler servlets = new ServletContextHandler();
    servlets.addFilter(
        new FilterHolder(new StricterProtocol()), "/*", EnumSet.of(DispatcherType.REQUEST));
    servlets.addServlet(new ServletHolder(protocol(settings, store)), "/*");
    Endpoint endpoint =
        Endpoint.start(
            "S3", Endpoint.Listen.loopback(settings.port()), IDLE_CONNECTION, servlets, legacy());
    return new S3Server(endpoint, buckets, counter);
  }

  /** Keys may look like nothing that belongs into a path. */
  private static HttpConfiguration legacy() {
    HttpConfiguration http = new HttpConfiguration();
    http.setHttpCompliance(HttpCompliance.LEGACY);
    http.setUriCompliance(UriCompliance.LEGACY);
    http.setHeaderCacheCaseSensitive(true);
    return http;
  }

  /**
   * S3Proxy's servlet, without the server that it comes with: that one offers no way to look at
   * requests before it does.
   */
  private static HttpServlet protocol(Settings settings, BucketBlobStore store) {
    S3Proxy proxy =
        S3Proxy.builder()
            .blobStore(store)
            .awsAuthentication(
                AuthenticationType.AWS_V4,
                settings.credentials().accessKeyId(),
                settings.credentials().secretAccessKey())
            .endpoint(URI.create("http://127.0.0.1:" + settings.port()))
            .build();
    try {
      Field handler = S3Proxy.class.getDeclaredField("handler");
      handler.setAccessible(true);
      return (HttpServlet) Objects.requireNonNull(handler.get(proxy));
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("this S3Proxy is not the one that is known here", e);
    }
  }

  /** Such as {@code http://127.0.0.1:41234}. */
  public URI endpoint() {
    return endpoint.uri();
  }

  /** Creates a bucket unless it exists. */
  public void createBucket(String name) throws IOException {
    buckets.create(name);
  }

  /**
   * How many requests of each kind came in since the start or the last reset: PUT, GET, HEAD, LIST
   * (one per page), COPY, DELETE, DELETE_MANY, MULTIPART (each request of a multipart upload).
   */
  public Map<String, Long> requests() {
    return counter.snapshot();
  }

  /** Begins to count anew. */
  public void resetRequests() {
    counter.reset();
  }

  /** Stops serving; what a folder holds stays. */
  @Override
  public void close() throws IOException {
    endpoint.close();
  }
}
