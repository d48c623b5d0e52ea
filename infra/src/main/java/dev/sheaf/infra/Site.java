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
 * @param bundlesColdAfterDays uploaded bundles move to infrequent access; 0 for never
 * @param bundlesExpireAfterDays uploaded bundles are deleted, and clones are served by the fetch
 *     route alone; 0 for never
 * @param packsExpireAfterDays prepared answers of large fetches are deleted
 * @param indexConcurrency how many bundles are indexed at a time
 * @param compactionEveryMinutes time between two runs of the compaction function
 * @param requestsPerSecond the API answers 429 above it
 * @param logRetention of every log group
 * @param retain whether bucket and database outlive the stack
 * @param selfUrl the address that clients use, if it is not API Gateway's own
 * @param alarmTopic ARN of an SNS topic that every alarm notifies
 */
record Site(
    String name,
    String architecture,
    CatalogChoice catalog,
    int bundlesColdAfterDays,
    int bundlesExpireAfterDays,
    int packsExpireAfterDays,
    int indexConcurrency,
    int compactionEveryMinutes,
    int requestsPerSecond,
    RetentionDays logRetention,
    boolean retain,
    Optional<String> selfUrl,
    Optional<String> alarmTopic) {

  /** CloudWatch keeps logs for certain numbers of days only. */
  private static final Map<String, RetentionDays> RETENTIONS = retentions();

  private static final String URL = "https?://[^\\s/]+(/\\S*)?";

  static Site from(Node node) {
    @SuppressWarnings("unchecked")
    Map<String, ?> values = (Map<String, ?>) node.getAllContext();
    return from(new Context(values));
  }

  static Site from(Context context) {
    Site site =
        new Site(
            context
                .text("site", "[a-z][a-z0-9-]{0,18}[a-z0-9]", "2 to 20 of a-z, 0-9 and -")
                .orElse("main"),
            context.oneOf("architecture", "arm64", "arm64", "x86_64"),
            CatalogChoice.from(context),
            // S3 takes nothing younger than 30 days into infrequent access.
            context.days("bundlesColdAfterDays", 0, 30),
            context.days("bundlesExpireAfterDays", 0, 1),
            context.whole("packsExpireAfterDays", 1, 1, 365),
            context.whole("indexConcurrency", 10, 2, 1000),
            context.whole("compactionEveryMinutes", 5, 1, 1440),
            context.whole("requestsPerSecond", 500, 1, 10_000),
            logRetention(context),
            context.flag("retain", true),
            context.text("selfUrl", URL, "an http or https URL"),
            context.text("alarmTopic", "arn:[a-z-]+:sns:\\S+", "the ARN of an SNS topic"));
    context.refuseUnknown();
    return site;
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

  RemovalPolicy removal() {
    return retain ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY;
  }
}
