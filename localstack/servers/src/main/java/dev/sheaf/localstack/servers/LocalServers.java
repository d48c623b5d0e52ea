package dev.sheaf.localstack.servers;

import dev.sheaf.localstack.servers.postgres.PostgresServer;
import dev.sheaf.localstack.servers.s3.awssdk.ObjectCreated;
import dev.sheaf.localstack.servers.s3.awssdk.S3Server;
import java.io.IOException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Any of the local servers, started together and stopped together.
 *
 * <pre>{@code
 * try (LocalServers servers = LocalServers.builder().s3().catalog().start()) {
 *   S3Client s3 = ... servers.environment() ...
 * }
 * }</pre>
 *
 * <p>Tests use {@link #shared()}: one set per JVM, with a bucket and a database of its own for each
 * test class.
 */
public final class LocalServers implements AutoCloseable {
  public static final String REGION = "us-east-1";
  public static final String ACCESS_KEY_ID = "local";
  public static final String SECRET_ACCESS_KEY = "local-secret";
  public static final String ACCOUNT = "000000000000";

  private static @Nullable LocalServers shared;

  private final @Nullable S3Server s3;
  private final @Nullable PostgresServer postgres;
  private final Deque<AutoCloseable> started;
  private final AtomicInteger serial = new AtomicInteger();

  private LocalServers(
      @Nullable S3Server s3, @Nullable PostgresServer postgres, Deque<AutoCloseable> started) {
    this.s3 = s3;
    this.postgres = postgres;
    this.started = started;
  }

  public static Builder builder() {
    return new Builder();
  }

  /**
   * S3 and the catalog in memory, started at the first call and stopped when the JVM ends. For
   * tests: ask for a bucket or a database of your own.
   */
  public static synchronized LocalServers shared() {
    LocalServers present = shared;
    if (present == null) {
      try {
        present = builder().s3().catalog().start();
      } catch (IOException e) {
        throw new java.io.UncheckedIOException(e);
      }
      Runtime.getRuntime().addShutdownHook(new Thread(present::close, "stop local servers"));
      shared = present;
    }
    return present;
  }

  public S3Server s3() {
    return Objects.requireNonNull(s3, "the builder was not asked for s3()");
  }

  public PostgresServer postgres() {
    return Objects.requireNonNull(postgres, "the builder was not asked for catalog()");
  }

  /** Creates an empty bucket that no one else has. */
  public String newBucket() throws IOException {
    String name = "bucket-" + serial.incrementAndGet();
    s3().createBucket(name);
    return name;
  }

  /** Creates an empty database that no one else has. */
  public String newDatabase() throws IOException {
    String name = "test_" + serial.incrementAndGet();
    postgres().createDatabase(name);
    return name;
  }

  /** What an AWS SDK needs to reach these servers, by the SDK's own variable names. */
  public Map<String, String> environment() {
    Map<String, String> environment = new TreeMap<>();
    environment.put("AWS_REGION", REGION);
    environment.put("AWS_ACCESS_KEY_ID", ACCESS_KEY_ID);
    environment.put("AWS_SECRET_ACCESS_KEY", SECRET_ACCESS_KEY);
    if (s3 != null) {
      environment.put("AWS_ENDPOINT_URL_S3", s3.endpoint().toString());
    }
    return environment;
  }

  @Override
  public void close() {
    while (!started.isEmpty()) {
      try {
        started.pop().close();
      } catch (Exception e) {
        // The others must be stopped all the same.
        org.slf4j.LoggerFactory.getLogger(LocalServers.class).warn("a server did not stop", e);
      }
    }
  }

  /** Which servers to start, and how. */
  public static final class Builder {
    private boolean s3;
    private boolean catalog;
    private int s3Port;
    private @Nullable Path folder;
    private InstantSource clock = InstantSource.system();
    private Consumer<ObjectCreated> listener = created -> {};

    private Builder() {}

    /** Starts S3, on any free port. */
    public Builder s3() {
      s3 = true;
      return this;
    }

    /** Starts Postgres with the RDS Data API in front of it, on any free ports. */
    public Builder catalog() {
      catalog = true;
      return this;
    }

    /** The port of S3; 0 for any. */
    public Builder s3Port(int port) {
      s3Port = port;
      return this;
    }

    /** Keeps buckets and databases in a folder; without it all is gone at the end. */
    public Builder folder(Path kept) {
      folder = kept;
      return this;
    }

    /** Stamps what S3 stores. */
    public Builder clock(InstantSource source) {
      clock = source;
      return this;
    }

    /** Told of every object that S3 has stored, before the upload is answered. */
    public Builder onObjectCreated(Consumer<ObjectCreated> told) {
      listener = told;
      return this;
    }

    public LocalServers start() throws IOException {
      Deque<AutoCloseable> started = new ArrayDeque<>();
      Path kept = folder;
      PostgresServer postgres = null;
      if (catalog) {
        postgres =
            kept == null ? PostgresServer.temporary() : PostgresServer.in(kept.resolve("postgres"));
        started.push(postgres);
      }
      S3Server s3Server = null;
      if (s3) {
        s3Server =
            S3Server.start(
                new S3Server.Settings(
                    s3Port,
                    ACCESS_KEY_ID,
                    SECRET_ACCESS_KEY,
                    kept == null ? null : kept.resolve("s3"),
                    clock,
                    listener));
        started.push(s3Server);
      }
      return new LocalServers(s3Server, postgres, started);
    }
  }
}
