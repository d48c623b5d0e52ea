package dev.sheaf.storage.wiring;

import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.storage.ObjectStore;
import dev.sheaf.storage.Once;
import dev.sheaf.storage.catalog.Catalog;
import dev.sheaf.storage.queue.JobQueue;
import dev.sheaf.storage.queue.SqsJobQueue;
import dev.sheaf.storage.rds.DataApiCatalog;
import dev.sheaf.storage.s3.S3ObjectStore;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * A site as a function sees it: its configuration, and every port on its real adapter. Made once a
 * process; clients are built when first asked for and live as long as the process does. Until then
 * no class of theirs is loaded: archives leave out the clients that their function does not use.
 */
public final class Site {
  /** Beside the PUT slots: a streaming GET, Data API calls, the queue. */
  private static final int FURTHER_CONNECTIONS = 28;

  private final SiteConfig config;
  private final Supplier<ObjectStore> objects;
  private final Supplier<Catalog> catalog;
  private final Supplier<JobQueue> queue;
  private final Supplier<JobQueue> deadLetters;
  private final Supplier<JobQueue> followQueue;
  private final Supplier<Secrets> secrets;

  private Site(SiteConfig config, AwsClients clients) {
    this.config = config;
    this.objects = once(() -> objectStore(clients));
    this.catalog = once(() -> catalog(clients));
    this.queue = once(() -> queue(clients, "SHEAF_QUEUE_URL", config.queueUrl()));
    this.deadLetters = once(() -> queue(clients, "SHEAF_DEAD_LETTER_URL", config.deadLetterUrl()));
    this.followQueue =
        once(() -> queue(clients, "SHEAF_FOLLOW_QUEUE_URL", config.followQueueUrl()));
    this.secrets = once(() -> new Secrets(once(clients::secretsManager)));
  }

  /**
   * Reads the configuration of a site.
   *
   * @param environment {@code SHEAF_*}, {@code AWS_*}: the process's variables, or a map in their
   *     place
   * @throws SheafException of kind {@code INVALID} naming the variable at fault
   */
  public static Site from(Map<String, String> environment) {
    SiteConfig config = SiteConfig.from(environment);
    return new Site(config, new AwsClients(environment, config.putSlots() + FURTHER_CONNECTIONS));
  }

  /** The configuration as read. */
  public SiteConfig config() {
    return config;
  }

  /** The site's bucket. */
  public ObjectStore objects() {
    return objects.get();
  }

  /** The site's catalog; needs {@code SHEAF_CATALOG_ARN} and {@code SHEAF_CATALOG_SECRET_ARN}. */
  public Catalog catalog() {
    return catalog.get();
  }

  /** The queue of bundle-index; needs {@code SHEAF_QUEUE_URL}. */
  public JobQueue queue() {
    return queue.get();
  }

  /** The queue of uploads that were given up; needs {@code SHEAF_DEAD_LETTER_URL}. */
  public JobQueue deadLetters() {
    return deadLetters.get();
  }

  /** The queue of peer-sync; needs {@code SHEAF_FOLLOW_QUEUE_URL}. */
  public JobQueue followQueue() {
    return followQueue.get();
  }

  /** Reader of secrets such as {@code SHEAF_TOKENS}. */
  public Secrets secrets() {
    return secrets.get();
  }

  private ObjectStore objectStore(AwsClients clients) {
    String bucket = config.bucket();
    return new S3ObjectStore(clients::s3, clients::presigner, clients.direct(bucket), bucket);
  }

  private Catalog catalog(AwsClients clients) {
    DataApiCatalog.Database database =
        new DataApiCatalog.Database(
            required("SHEAF_CATALOG_ARN", config.catalogArn()),
            required("SHEAF_CATALOG_SECRET_ARN", config.catalogSecretArn()),
            config.catalogDatabase());
    return new DataApiCatalog(clients.rdsData(), database, Machine.SLEEPER);
  }

  private static JobQueue queue(AwsClients clients, String name, Optional<String> url) {
    return new SqsJobQueue(clients.sqs(), required(name, url));
  }

  private static String required(String name, Optional<String> value) {
    return value.orElseThrow(() ->
        new SheafException(
            ErrorKind.INVALID,
            "environment variable " + name + " is not set, and this function needs it"));
  }

  private static <T> Supplier<T> once(Supplier<T> maker) {
    return new Once<>(maker);
  }
}
