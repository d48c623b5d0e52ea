package dev.sheaf.localstack.servers.s3.awssdk;

import dev.sheaf.localstack.servers.access.Credentials;
import java.io.IOException;
import java.net.BindException;
import java.net.URI;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Map;
import java.util.function.Consumer;
import org.gaul.s3proxy.S3Proxy;
import org.gaul.s3proxy.auth.AuthenticationType;
import org.jspecify.annotations.Nullable;

/**
 * An S3 endpoint on the loopback interface, path style, one pair of credentials (signature version
 * 4, presigned URLs included).
 */
public final class S3Server implements AutoCloseable {
  private final S3Proxy proxy;
  private final BucketBlobStore store;
  private final Buckets buckets;
  private final RequestCounter counter;

  private S3Server(S3Proxy proxy, BucketBlobStore store, Buckets buckets, RequestCounter counter) {
    this.proxy = proxy;
    this.store = store;
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
    S3Proxy proxy =
        S3Proxy.builder()
            .blobStore(store)
            .awsAuthentication(
                AuthenticationType.AWS_V4,
                settings.credentials().accessKeyId(),
                settings.credentials().secretAccessKey())
            .endpoint(URI.create("http://127.0.0.1:" + settings.port()))
            .stopTimeout(0)
            .build();
    FormUploads.admit(proxy);
    try {
      proxy.start();
    } catch (IOException e) {
      throw e.getCause() instanceof BindException
          ? new IOException("port " + settings.port() + " for S3 is taken: choose another one", e)
          : e;
    } catch (Exception e) {
      throw new IOException("the S3 server does not start: " + e.getMessage(), e);
    }
    return new S3Server(proxy, store, buckets, counter);
  }

  /** Such as {@code http://127.0.0.1:41234}. */
  public URI endpoint() {
    return URI.create("http://127.0.0.1:" + proxy.getPort());
  }

  /** Creates a bucket unless it exists. */
  public void createBucket(String name) throws IOException {
    buckets.create(name);
  }

  /**
   * Tells the listener of every object that is stored under a prefix, as if it had just been put:
   * for whoever may have lost what it was told before a crash.
   */
  public void announceAgain(String bucket, String prefix) {
    store.announceAgain(bucket, prefix);
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
    try {
      proxy.stop();
    } catch (Exception e) {
      throw new IOException("the S3 server does not stop: " + e.getMessage(), e);
    }
  }
}
