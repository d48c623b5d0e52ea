package dev.sheaf.infra;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import software.amazon.awscdk.RemovalPolicy;
import software.amazon.awscdk.services.logs.RetentionDays;
import software.constructs.Node;

/**
 * Everything that a deployment may choose. Plain values: reading them needs no Node.
 *
 * @param name tells sites of one account apart; part of every resource's name
 * @param architecture of the functions, by its name in Lambda
 * @param catalog the database
 * @param peering other sites, and the log that is kept for them
 * @param bundlesColdAfterDays uploaded bundles move to infrequent access; 0 for never
 * @param bundlesExpireAfterDays uploaded bundles are deleted, and clones are served by the fetch
 *     route alone; 0 for never
 * @param packsExpireAfterDays prepared answers of large fetches are deleted
 * @param indexConcurrency how many bundles are indexed at a time
 * @param compactionEveryMinutes time between two runs of the compaction function
 * @param repairEveryMinutes time between two cycles of the repair function
 * @param repairFromInventory whether repair reads a daily S3 Inventory in place of listing the
 *     bucket
 * @param requestsPerSecond the API answers 429 above it
 * @param logRetention of every log group
 * @param retain whether bucket and database outlive the stack
 * @param logRole whether the stack gives API Gateway its role for logs, a setting of the whole
 *     account
 * @param jobsKept how long jobs that are over are kept; empty for as long as compaction does by
 *     itself
 * @param alarmTopic ARN of an SNS topic that every alarm notifies
 */
record Site(
    String name,
    String architecture,
    CatalogChoice catalog,
    Peering peering,
    int bundlesColdAfterDays,
    int bundlesExpireAfterDays,
    int packsExpireAfterDays,
    int indexConcurrency,
    int compactionEveryMinutes,
    int repairEveryMinutes,
    boolean repairFromInventory,
    int requestsPerSecond,
    RetentionDays logRetention,
    boolean retain,
    boolean logRole,
    Optional<String> jobsKept,
    Optional<String> alarmTopic) {

  /** CloudWatch keeps logs for certain numbers of days only. */
  private static final Map<String, RetentionDays> RETENTIONS = retentions();

  /** The name of an Aurora cluster has neither two hyphens in a row nor one at its end. */
  private static final String NAMES =
      "2 to 20 of a-z, 0-9 and single -, a letter first and no - at the end";

  private static final String TOPIC =
      "arn:aws[a-z-]*:sns:[a-z0-9-]+:[0-9]{12}:[A-Za-z0-9_-]{1,256}";

  /**
   * An upload may wait for 14 days in the queue, and as long again among the dead letters: until
   * then somebody may still want it indexed.
   */
  private static final int LEAST_DAYS_OF_A_BUNDLE = 30;

  static Site from(Node node) {
    @SuppressWarnings("unchecked")
    Map<String, ?> values = (Map<String, ?>) node.getAllContext();
    return from(new Context(values));
  }

  static Site from(Context context) {
    CatalogChoice catalog = CatalogChoice.from(context);
    Site site =
        new Site(
            context.text("site", "(?!.*--)[a-z][a-z0-9-]{0,18}[a-z0-9]", NAMES).orElse("main"),
            context.oneOf("architecture", "arm64", "arm64", "x86_64"),
            catalog,
            Peering.from(context),
            // S3 takes nothing younger than 30 days into infrequent access.
            context.days("bundlesColdAfterDays", 0, 30),
            context.days("bundlesExpireAfterDays", 0, LEAST_DAYS_OF_A_BUNDLE),
            context.whole("packsExpireAfterDays", 1, 1, 365),
            context.whole("indexConcurrency", 10, 2, 1000),
            context.whole("compactionEveryMinutes", 5, 1, 1440),
            context.whole("repairEveryMinutes", catalog.mayPause() ? 360 : 60, 5, 1440),
            context.flag("repairFromInventory", false),
            context.whole("requestsPerSecond", 500, 1, 10_000),
            logRetention(context),
            context.flag("retain", true),
            context.flag("accountLogRole", true),
            context.duration("jobsKept"),
            context.text("alarmTopic", TOPIC, "the ARN of an SNS topic"));
    context.refuseUnknown();
    site.requireOrder();
    return site;
  }

  /** S3 refuses to move what it has deleted, or deletes on the same day. */
  private void requireOrder() {
    if (bundlesExpireAfterDays > 0 && bundlesColdAfterDays >= bundlesExpireAfterDays) {
      throw new InvalidContextException(
          "Context value sheaf:bundlesColdAfterDays is %d; it must be 0 (never) or less than"
                  .formatted(bundlesColdAfterDays)
              + " sheaf:bundlesExpireAfterDays, which is %d.".formatted(bundlesExpireAfterDays));
    }
  }

  private static RetentionDays logRetention(Context context) {
    String days =
        context.oneOf("logRetentionDays", "30", RETENTIONS.keySet().toArray(String[]::new));
    return Objects.requireNonNull(RETENTIONS.get(days));
  }

  /** The name of one of this site's resources. */
  String resource(String part) {
    return "sheaf-" + name + "-" + part;
  }

  /** The Postgres role of this site's functions; another site of the cluster has another. */
  String databaseRole() {
    return "sheaf_" + name.replace('-', '_');
  }

  private static Map<String, RetentionDays> retentions() {
    Map<String, RetentionDays> days = new LinkedHashMap<>();
    days.put("1", RetentionDays.ONE_DAY);
    days.put("3", RetentionDays.THREE_DAYS);
    days.put("7", RetentionDays.ONE_WEEK);
    days.put("14", RetentionDays.TWO_WEEKS);
    days.put("30", RetentionDays.ONE_MONTH);
    days.put("90", RetentionDays.THREE_MONTHS);
    days.put("180", RetentionDays.SIX_MONTHS);
    days.put("365", RetentionDays.ONE_YEAR);
    days.put("1827", RetentionDays.FIVE_YEARS);
    days.put("3653", RetentionDays.TEN_YEARS);
    return days;
  }

  /**
   * Of what has a name of its own: it outlives the stack, but not a first deploy that failed, or
   * the next one would find the name taken.
   */
  RemovalPolicy removal() {
    return retain ? RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE : RemovalPolicy.DESTROY;
  }
}
