package dev.sheaf.storage.wiring;

import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The configuration of a site, read once from environment variables. Values that only some
 * functions have are optional here; whoever needs one asks through {@code require...}, whose error
 * names the variable.
 *
 * @param bucket {@code SHEAF_BUCKET}
 * @param catalogArn {@code SHEAF_CATALOG_ARN}, the Aurora cluster
 * @param catalogSecretArn {@code SHEAF_CATALOG_SECRET_ARN}
 * @param catalogDatabase {@code SHEAF_CATALOG_DATABASE}, by default {@code sheaf}
 * @param queueUrl {@code SHEAF_QUEUE_URL}, the queue of bundle-index
 * @param deadLetterUrl {@code SHEAF_DEAD_LETTER_URL}, the queue of uploads that were given up
 * @param followQueueUrl {@code SHEAF_FOLLOW_QUEUE_URL}, the queue of peer-sync
 * @param tokens {@code SHEAF_TOKENS}: {@code file:/path}, or the ARN or name of a secret
 * @param self {@code SHEAF_SELF}, this site's own URL
 * @param peers {@code SHEAF_PEERS}, URLs of other sites, separated by commas
 * @param peerTokens {@code SHEAF_PEER_TOKENS}: {@code file:/path}, or the ARN or name of a secret;
 *     what this site shows each of them
 * @param replication {@code SHEAF_REPLICATION}, number of sites that keep a bundle, 3 by default
 * @param contentCacheMaxBytes {@code SHEAF_CONTENT_CACHE_MAX_BYTES}: bundles up to this size are
 *     readable at once; 4 MiB by default
 * @param putSlots {@code SHEAF_PUT_SLOTS}: PUTs in flight, 100 by default
 * @param staleClaim {@code SHEAF_STALE_CLAIM_SECONDS}: a job that has run for longer may be taken
 *     over, since its worker must be dead; 16 minutes by default, longer than a function can run
 * @param retryAfter {@code SHEAF_RETRY_AFTER_SECONDS}: pause before a job that failed is tried
 *     again; 20 seconds by default, twice as long the second time
 */
public record SiteConfig(
    String bucket,
    Optional<String> catalogArn,
    Optional<String> catalogSecretArn,
    String catalogDatabase,
    Optional<String> queueUrl,
    Optional<String> deadLetterUrl,
    Optional<String> followQueueUrl,
    Optional<String> tokens,
    Optional<URI> self,
    List<URI> peers,
    Optional<String> peerTokens,
    int replication,
    long contentCacheMaxBytes,
    int putSlots,
    Duration staleClaim,
    Duration retryAfter) {

  private static final long DEFAULT_CONTENT_CACHE = 4L << 20;

  public SiteConfig {
    peers = List.copyOf(peers);
  }

  /**
   * Reads and checks every variable.
   *
   * @throws dev.sheaf.bundle.SheafException of kind {@code INVALID} naming the variable at fault
   */
  public static SiteConfig from(Map<String, String> variables) {
    Environment env = new Environment(variables);
    return new SiteConfig(
        env.required("SHEAF_BUCKET", "the name of the site's bucket"),
        env.text("SHEAF_CATALOG_ARN"),
        env.text("SHEAF_CATALOG_SECRET_ARN"),
        env.text("SHEAF_CATALOG_DATABASE").orElse("sheaf"),
        env.text("SHEAF_QUEUE_URL"),
        env.text("SHEAF_DEAD_LETTER_URL"),
        env.text("SHEAF_FOLLOW_QUEUE_URL"),
        env.text("SHEAF_TOKENS"),
        env.uri("SHEAF_SELF"),
        peers(env),
        env.text("SHEAF_PEER_TOKENS"),
        (int) env.number("SHEAF_REPLICATION", 3, 1, 100),
        env.number("SHEAF_CONTENT_CACHE_MAX_BYTES", DEFAULT_CONTENT_CACHE, 0, 1L << 30),
        (int) env.number("SHEAF_PUT_SLOTS", 100, 1, 1_000),
        Duration.ofSeconds(env.number("SHEAF_STALE_CLAIM_SECONDS", 960, 1, 86_400)),
        Duration.ofSeconds(env.number("SHEAF_RETRY_AFTER_SECONDS", 20, 1, 300)));
  }

  private static List<URI> peers(Environment env) {
    return env.text("SHEAF_PEERS").stream()
        .flatMap(list -> Stream.of(list.split(",")))
        .map(String::strip)
        .filter(peer -> !peer.isEmpty())
        .map(peer ->
            Environment.parse("SHEAF_PEERS", peer, "http or https URLs", Environment::httpUri))
        .toList();
  }
}
