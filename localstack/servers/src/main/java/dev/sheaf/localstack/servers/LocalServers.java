package dev.sheaf.localstack.servers;

import dev.sheaf.localstack.servers.access.Credentials;
import dev.sheaf.localstack.servers.access.Endpoint;
import dev.sheaf.localstack.servers.access.PrivateFiles;
import dev.sheaf.localstack.servers.access.Signatures;
import dev.sheaf.localstack.servers.access.StackSecrets;
import dev.sheaf.localstack.servers.dataapi.DataApiLimits;
import dev.sheaf.localstack.servers.dataapi.DataApiServer;
import dev.sheaf.localstack.servers.postgres.PostgresServer;
import dev.sheaf.localstack.servers.postgres.PostgresServer.SiteDatabase;
import dev.sheaf.localstack.servers.s3.awssdk.ObjectCreated;
import dev.sheaf.localstack.servers.s3.awssdk.S3Server;
import dev.sheaf.localstack.servers.sqs.SqsServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

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
  public static final String ACCOUNT = "000000000000";
  public static final String CATALOG_ARN =
      "arn:aws:rds:" + REGION + ":" + ACCOUNT + ":cluster:local";

  /** The database that exists from the start. */
  public static final String DATABASE = "sheaf";

  private static final Logger log = LoggerFactory.getLogger(LocalServers.class);
  private static final String NO_CATALOG = "the builder was not asked for catalog()";
  private static @Nullable LocalServers shared;

  private final StackSecrets secrets;
  private final @Nullable S3Server s3;
  private final @Nullable Catalog catalog;
  private final @Nullable SqsServer sqs;
  private final AtomicInteger serial = new AtomicInteger();

  private LocalServers(
      StackSecrets secrets,
      @Nullable S3Server s3,
      @Nullable Catalog catalog,
      @Nullable SqsServer sqs) {
    this.secrets = secrets;
    this.s3 = s3;
    this.catalog = catalog;
    this.sqs = sqs;
  }

  /**
   * The catalog.
   *
   * @param isOurs whether Postgres was started here, and stops with the rest
   */
  private record Catalog(
      PostgresServer postgres, boolean isOurs, SiteDatabase database, DataApiServer dataApi)
      implements AutoCloseable {
    @Override
    public void close() throws IOException {
      try {
        dataApi.close();
      } finally {
        if (isOurs) {
          postgres.close();
        }
      }
    }
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
        throw new UncheckedIOException(e);
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
    return Objects.requireNonNull(catalog, NO_CATALOG).postgres();
  }

  /** The database that exists from the start. */
  public SiteDatabase database() {
    return Objects.requireNonNull(catalog, NO_CATALOG).database();
  }

  public DataApiServer dataApi() {
    return Objects.requireNonNull(catalog, NO_CATALOG).dataApi();
  }

  public SqsServer sqs() {
    return Objects.requireNonNull(sqs, "the builder was not asked for sqs()");
  }

  /** What requests to S3, SQS and the Data API must be signed with: drawn at the start. */
  public Credentials credentials() {
    return secrets.credentials();
  }

  /** The ARN, drawn at the start, that requests to the Data API must name as their secret. */
  public String catalogSecretArn() {
    return catalogSecretArn(secrets);
  }

  /** The ARN of the catalog's secret, for stacks whose parts are not all started here. */
  public static String catalogSecretArn(StackSecrets secrets) {
    return "arn:aws:secretsmanager:%s:%s:secret:local-%s"
        .formatted(REGION, ACCOUNT, secrets.catalogSecret());
  }

  /** Creates an empty bucket that no one else has. */
  public String newBucket() throws IOException {
    String name = "bucket-" + serial.incrementAndGet();
    s3().createBucket(name);
    return name;
  }

  /** Creates an empty database that no one else has; the Data API serves it by its name. */
  public String newDatabase() throws IOException {
    String name = "test_" + serial.incrementAndGet();
    postgres().createDatabase(name);
    return name;
  }

  /** What an AWS SDK needs to reach these servers, by the SDK's own variable names. */
  public Map<String, String> environment() {
    Map<String, String> environment = new TreeMap<>();
    environment.put("AWS_REGION", REGION);
    environment.put("AWS_ACCESS_KEY_ID", credentials().accessKeyId());
    environment.put("AWS_SECRET_ACCESS_KEY", credentials().secretAccessKey());
    if (s3 != null) {
      environment.put("AWS_ENDPOINT_URL_S3", s3.endpoint().toString());
    }
    if (catalog != null) {
      environment.put("AWS_ENDPOINT_URL_RDS_DATA", catalog.dataApi().endpoint().toString());
    }
    if (sqs != null) {
      environment.put("AWS_ENDPOINT_URL_SQS", sqs.endpoint().toString());
    }
    return environment;
  }

  /** What the functions of a site read that has an empty bucket and an empty database. */
  public Map<String, String> newSite() {
    Map<String, String> site = environment();
    try {
      site.put("SHEAF_BUCKET", newBucket());
      site.put("SHEAF_CATALOG_DATABASE", newDatabase());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    site.put("SHEAF_CATALOG_ARN", CATALOG_ARN);
    site.put("SHEAF_CATALOG_SECRET_ARN", catalogSecretArn());
    return site;
  }

  /** Stops what was started; S3 and SQS first, for their requests may lead to the catalog. */
  @Override
  public void close() {
    close(s3);
    close(sqs);
    close(catalog);
  }

  private static void close(@Nullable AutoCloseable server) {
    try {
      if (server != null) {
        server.close();
      }
    } catch (Exception e) {
      // The others must be stopped all the same.
      log.warn("a server did not stop", e);
    }
  }

  /** Which servers to start, and how. Ports are any free ones unless said otherwise. */
  public static final class Builder {
    private boolean s3;
    private boolean catalog;
    private boolean sqs;
    private @Nullable PostgresServer sharedPostgres;
    private String site = "";
    private int s3Port;
    private @Nullable Path folder;
    private InstantSource clock = InstantSource.system();
    private RandomGenerator random = new SecureRandom();
    private DataApiLimits limits = DataApiLimits.AWS;
    private Consumer<ObjectCreated> listener = created -> {};

    private Builder() {}

    /** Starts S3. */
    public Builder s3() {
      s3 = true;
      return this;
    }

    /** Starts Postgres with the RDS Data API in front of it. */
    public Builder catalog() {
      catalog = true;
      return this;
    }

    /**
     * Starts the Data API before a Postgres that runs already, and goes on when these servers stop.
     *
     * @param siteName whose role and database they are, see {@link PostgresServer#createSite}
     */
    public Builder catalog(PostgresServer running, String siteName) {
      catalog = true;
      sharedPostgres = running;
      site = siteName;
      return this;
    }

    /** Starts SQS, without queues. */
    public Builder sqs() {
      sqs = true;
      return this;
    }

    /** The port of S3. */
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

    /** Makes secrets and transaction ids. */
    public Builder random(RandomGenerator source) {
      random = source;
      return this;
    }

    /** DataApiLimits of the Data API other than AWS's, for tests. */
    public Builder limits(DataApiLimits other) {
      limits = other;
      return this;
    }

    /** Told of every object that S3 has stored, before the upload is answered. */
    public Builder onObjectCreated(Consumer<ObjectCreated> told) {
      listener = told;
      return this;
    }

    /** Starts the chosen servers at the same time; when one fails, none is left. */
    public LocalServers start() throws IOException {
      StackSecrets secrets = secrets();
      Signatures signatures = new Signatures(secrets.credentials(), InstantSource.system());
      try (ExecutorService starters = Executors.newVirtualThreadPerTaskExecutor()) {
        Future<@Nullable Catalog> c =
            starters.submit(() -> catalog ? startCatalog(secrets, signatures) : null);
        Future<@Nullable SqsServer> q = starters.submit(() -> sqs ? startSqs(signatures) : null);
        Future<@Nullable S3Server> o = starters.submit(() -> s3 ? startS3(secrets) : null);
        try {
          return new LocalServers(secrets, o.get(), c.get(), q.get());
        } catch (ExecutionException e) {
          closeWhenStarted(c);
          closeWhenStarted(q);
          closeWhenStarted(o);
          throw e.getCause() instanceof IOException cause ? cause : new IOException(e.getCause());
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
          throw new IOException("interrupted while the local servers started", e);
        }
      }
    }

    private static <T extends @Nullable AutoCloseable> void closeWhenStarted(Future<T> future) {
      try {
        LocalServers.close(future.get());
      } catch (ExecutionException e) {
        log.debug("did not start: {}", e.getMessage());
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }

    private StackSecrets secrets() throws IOException {
      Path kept = folder;
      if (kept == null) {
        return StackSecrets.draw(random);
      }
      PrivateFiles.folder(kept);
      return StackSecrets.in(kept, random);
    }

    private Catalog startCatalog(StackSecrets secrets, Signatures signatures) throws IOException {
      PostgresServer shared = sharedPostgres;
      if (shared != null) {
        SiteDatabase database = shared.createSite(site);
        return new Catalog(shared, false, database, startDataApi(database, secrets, signatures));
      }
      PostgresServer own =
          folder == null
              ? PostgresServer.temporary()
              : PostgresServer.in(folder.resolve("postgres"));
      try {
        own.createDatabase(DATABASE);
        SiteDatabase database = new SiteDatabase(DATABASE, own::jdbcUrl);
        return new Catalog(own, true, database, startDataApi(database, secrets, signatures));
      } catch (IOException | RuntimeException e) {
        own.close();
        throw e;
      }
    }

    private DataApiServer startDataApi(
        SiteDatabase database, StackSecrets secrets, Signatures signatures) throws IOException {
      return DataApiServer.start(
          Endpoint.Listen.loopback(0),
          new DataApiServer.Cluster(
              CATALOG_ARN, catalogSecretArn(secrets), database.name(), database.jdbcUrls()),
          signatures,
          limits,
          random);
    }

    private S3Server startS3(StackSecrets secrets) throws IOException {
      return S3Server.start(
          new S3Server.Settings(
              s3Port,
              secrets.credentials(),
              folder == null ? null : folder.resolve("s3"),
              clock,
              listener));
    }

    private SqsServer startSqs(Signatures signatures) throws IOException {
      return SqsServer.start(0, REGION, ACCOUNT, signatures, InstantSource.system(), random);
    }
  }
}
