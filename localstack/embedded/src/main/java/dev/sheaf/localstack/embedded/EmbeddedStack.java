package dev.sheaf.localstack.embedded;

import com.amazonaws.services.lambda.runtime.RequestHandler;
import com.amazonaws.services.lambda.runtime.events.APIGatewayProxyRequestEvent;
import com.amazonaws.services.lambda.runtime.events.APIGatewayProxyResponseEvent;
import com.amazonaws.services.lambda.runtime.events.SQSBatchResponse;
import com.amazonaws.services.lambda.runtime.events.SQSEvent;
import dev.sheaf.api.ApiHandler;
import dev.sheaf.bundle.ObjectKeys;
import dev.sheaf.bundleindex.BundleIndexHandler;
import dev.sheaf.localstack.embedded.gateway.RestGateway;
import dev.sheaf.localstack.embedded.queue.MissedUploads;
import dev.sheaf.localstack.embedded.queue.UploadNotifications;
import dev.sheaf.localstack.servers.LocalServers;
import dev.sheaf.localstack.servers.postgres.PostgresServer;
import dev.sheaf.localstack.servers.s3.awssdk.ObjectCreated;
import dev.sheaf.localstack.servers.sqs.SqsServer;
import dev.sheaf.repository.CatalogSchema;
import dev.sheaf.repository.history.Bundles;
import dev.sheaf.repository.job.Jobs;
import dev.sheaf.repository.token.TokenEntry;
import dev.sheaf.storage.catalog.Catalog;
import dev.sheaf.storage.wiring.Machine;
import dev.sheaf.storage.wiring.Site;
import java.io.IOException;
import java.net.BindException;
import java.net.URI;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.http.apache5.Apache5HttpClient;
import software.amazon.awssdk.http.apache5.ProxyConfiguration;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.sqs.SqsClient;

/**
 * A whole site in this JVM: what infra/ provisions, on the loopback interface.
 *
 * <pre>{@code
 * try (EmbeddedStack stack = EmbeddedStack.builder().start()) {
 *   stack.api(); stack.token(); ...
 * }
 * }</pre>
 */
public final class EmbeddedStack implements AutoCloseable {
  public static final String BUCKET = "sheaf";

  private final Parts parts = new Parts();
  private final Builder settings;
  private final LocalServers servers;
  private final WorkQueues queues;
  private final SiteToken token;
  private final RestGateway gateway;
  private final HostedFunctions functions;

  private EmbeddedStack(Builder settings) throws IOException {
    this.settings = settings;
    try {
      Path folder = settings.folder;
      Membership member = settings.member;
      if (folder != null && member == null) {
        parts.add(FolderLock.take(folder));
        EmbeddedSites.refuseFolderOfSeveral(folder);
      }
      gateway = parts.add(member == null ? bindGateway(settings.port) : member.gateway());
      AtomicReference<Consumer<ObjectCreated>> listener = new AtomicReference<>(created -> {});
      servers = parts.add(startServers(created -> listener.get().accept(created)));
      token = SiteToken.in(tokenFolder(), settings.tokens, new SecureRandom());
      servers.s3().createBucket(BUCKET);
      queues = WorkQueues.create(servers.sqs());
      if (folder != null) {
        releaseClaims();
      }
      SqsClient sqs = parts.add(sqsClient());
      functions = new HostedFunctions(settings, parts, queues, sqs, this::environment);
      startFunctions(sqs, listener);
    } catch (IOException | RuntimeException e) {
      close();
      throw e;
    }
  }

  /**
   * Takes the port of a site.
   *
   * @param port 0 picks a free one
   * @throws IOException a sentence when it is taken
   */
  static RestGateway bindGateway(int port) throws IOException {
    try {
      return RestGateway.bind(port, RestGateway.Settings.aws(Machine.CLOCK, Machine.IDS));
    } catch (BindException e) {
      throw new IOException(
          "port %d is taken: choose another one, or 0 for any that is free".formatted(port), e);
    }
  }

  private Path tokenFolder() {
    if (settings.folder != null) {
      return settings.folder;
    }
    return settings.member == null ? servers.postgres().folder() : settings.member.keys();
  }

  private LocalServers startServers(Consumer<ObjectCreated> listener) throws IOException {
    LocalServers.Builder builder = LocalServers.builder().s3().sqs().onObjectCreated(listener);
    if (settings.member == null) {
      builder.catalog();
    } else {
      builder.catalog(settings.member.postgres(), settings.member.site());
    }
    if (settings.folder != null) {
      builder.folder(settings.folder);
    }
    return builder.s3Port(settings.s3Port).start();
  }

  /** Whoever held a job died with the process that had the folder before: nobody waits for them. */
  private void releaseClaims() {
    Catalog catalog = Site.from(environment()).catalog();
    CatalogSchema.migrations().apply(catalog);
    new Jobs(catalog, Machine.CLOCK, Machine.IDS).releaseAll();
  }

  private void startFunctions(SqsClient sqs, AtomicReference<Consumer<ObjectCreated>> listener)
      throws IOException {
    UploadNotifications notifications =
        new UploadNotifications(
            sqs,
            queues.uploads().url().toString(),
            LocalServers.REGION,
            ObjectKeys.BUNDLES,
            Machine.IDS);
    listener.set(notifications);
    functions.start(gateway);
    notifications.announceConfiguration(BUCKET, Machine.CLOCK.instant());
    if (settings.folder != null) {
      Site site = Site.from(environment());
      new MissedUploads(site.objects(), new Bundles(site.catalog())).announce(notifications);
      functions.wakeAll();
    }
  }

  private SqsClient sqsClient() {
    return SqsClient.builder()
        .endpointOverride(servers.sqs().endpoint())
        .region(Region.of(LocalServers.REGION))
        .credentialsProvider(
            StaticCredentialsProvider.create(
                AwsBasicCredentials.create(
                    servers.credentials().accessKeyId(), servers.credentials().secretAccessKey())))
        .httpClientBuilder(
            Apache5HttpClient.builder()
                .proxyConfiguration(
                    ProxyConfiguration.builder().useEnvironmentVariableValues(false).build()))
        .build();
  }

  /** Follows the peers, as the schedule does every minute; nothing for a site without peers. */
  public void followPeers() throws InterruptedException {
    functions.followPeers();
  }

  public static Builder builder() {
    return new Builder();
  }

  /** Address of the HTTP API, such as {@code http://127.0.0.1:8420}. */
  public URI api() {
    return gateway.endpoint();
  }

  /** A token that opens everything. */
  public String token() {
    return token.text();
  }

  /** The file with the entries of all tokens, read again by the api from time to time. */
  public Path tokensFile() {
    return token.list();
  }

  /** The servers below. */
  public LocalServers servers() {
    return servers;
  }

  /** The queue of uploads. */
  public SqsServer.Queue queue() {
    return queues.uploads();
  }

  /** The environment variables that the functions have, and any other client of the site needs. */
  public Map<String, String> environment() {
    Map<String, String> environment = new TreeMap<>(servers.environment());
    environment.put("SHEAF_BUCKET", BUCKET);
    environment.put("SHEAF_CATALOG_ARN", LocalServers.CATALOG_ARN);
    environment.put("SHEAF_CATALOG_SECRET_ARN", servers.catalogSecretArn());
    environment.put("SHEAF_CATALOG_DATABASE", servers.database().name());
    environment.put("SHEAF_QUEUE_URL", queues.uploads().url().toString());
    environment.put("SHEAF_DEAD_LETTER_URL", queues.uploads().deadLetterUrl().toString());
    environment.put("SHEAF_FOLLOW_QUEUE_URL", queues.follows().url().toString());
    environment.put("SHEAF_RETRY_AFTER_SECONDS", Long.toString(settings.retryAfter.toSeconds()));
    environment.put("SHEAF_TOKENS", "file:" + token.list());
    environment.put("SHEAF_SELF", api().toString());
    environment.put("SHEAF_REPLICATION", Integer.toString(settings.replication));
    if (settings.member != null) {
      environment.putAll(settings.member.environment());
    }
    return environment;
  }

  /** The place of one of several sites in this JVM: see {@link EmbeddedSites}. */
  record Membership(
      String site,
      PostgresServer postgres,
      RestGateway gateway,
      Path keys,
      Map<String, String> environment) {}

  /** Stops everything; what is kept in a folder stays there. */
  @Override
  public void close() {
    parts.close();
  }

  /** How to start a stack. */
  public static final class Builder {
    private @Nullable Path folder;
    private int port;
    private int s3Port;
    private List<TokenEntry> tokens = List.of();
    private @Nullable Membership member;
    Duration retryAfter = Duration.ofSeconds(5);
    Duration compactionEvery = Duration.ofMinutes(5);
    Duration wakeEvery = Duration.ofMinutes(1);
    Duration repairEvery = Duration.ofHours(1);
    private int replication = 3;
    Duration peerSyncEvery = Duration.ofMinutes(1);
    Function<Map<String, String>, RequestHandler<SQSEvent, SQSBatchResponse>> index =
        BundleIndexHandler::new;
    Function<
            Map<String, String>,
            RequestHandler<APIGatewayProxyRequestEvent, APIGatewayProxyResponseEvent>>
        api = ApiHandler::new;

    private Builder() {}

    /** Keeps everything in a folder; without it all is gone at the end. */
    public Builder folder(Path kept) {
      folder = kept;
      return this;
    }

    /** The port of the API; 0, as without this, picks a free one. */
    public Builder port(int number) {
      port = number;
      return this;
    }

    /** The port of S3; 0, as without this, picks a free one. */
    public Builder s3Port(int number) {
      s3Port = number;
      return this;
    }

    /** Further tokens, beside the one that opens everything. */
    public Builder tokens(List<TokenEntry> entries) {
      tokens = List.copyOf(entries);
      return this;
    }

    /** Makes it one of several sites, whose peers have these tokens for it. */
    Builder member(Membership place, List<TokenEntry> peers) {
      member = place;
      return tokens(Stream.concat(tokens.stream(), peers.stream()).toList());
    }

    /** When a message or a job that failed is tried again, in whole seconds, one at least. */
    public Builder retryAfter(Duration pause) {
      retryAfter = pause;
      return this;
    }

    /** How many of several sites keep each muse bundle. */
    public Builder replication(int sites) {
      replication = sites;
      return this;
    }

    /** Time between two cycles of the repair function. */
    public Builder repairEvery(Duration pause) {
      repairEvery = pause;
      return this;
    }

    /** Time between two runs of the compaction function. */
    public Builder compactionEvery(Duration pause) {
      compactionEvery = pause;
      return this;
    }

    /** Time between two runs of the peer-sync function, where there are peers. */
    public Builder peerSyncEvery(Duration pause) {
      peerSyncEvery = pause;
      return this;
    }

    /** Other functions in place of the real ones, for tests of the stack itself. */
    Builder functions(
        Function<Map<String, String>, RequestHandler<SQSEvent, SQSBatchResponse>> indexHandler,
        Function<
                Map<String, String>,
                RequestHandler<APIGatewayProxyRequestEvent, APIGatewayProxyResponseEvent>>
            apiHandler) {
      index = indexHandler;
      api = apiHandler;
      return this;
    }

    /**
     * Starts the stack.
     *
     * @throws IOException a sentence for whoever started it: a port that is taken, a folder in use
     */
    public EmbeddedStack start() throws IOException {
      return new EmbeddedStack(this);
    }
  }
}
