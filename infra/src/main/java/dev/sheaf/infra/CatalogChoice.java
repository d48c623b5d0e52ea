package dev.sheaf.infra;

import java.util.Optional;

/** Which database a site keeps its catalog in. */
sealed interface CatalogChoice {

  /** The name of the database inside the cluster. */
  String database();

  /**
   * A new Aurora PostgreSQL Serverless v2 cluster of one writer.
   *
   * @param leastCapacity in Aurora capacity units; 0 lets it pause
   * @param mostCapacity in Aurora capacity units
   * @param pauseAfterMinutes without a connection
   */
  record Aurora(String database, double leastCapacity, double mostCapacity, int pauseAfterMinutes)
      implements CatalogChoice {}

  /**
   * A cluster that exists, with the Data API enabled.
   *
   * @param endpoint of the Data API, if it is not AWS's own
   */
  record Existing(String database, String cluster, String secret, Optional<String> endpoint)
      implements CatalogChoice {}

  static CatalogChoice from(Context context) {
    String database =
        context
            .text("catalogDatabase", "[a-z_][a-z0-9_]{0,62}", "a lower-case database name")
            .orElse("sheaf");
    return context
        .text("catalogArn", "arn:[a-z-]+:rds:\\S+:cluster:\\S+", "the ARN of a cluster")
        .<CatalogChoice>map(cluster -> existing(context, database, cluster))
        .orElseGet(() -> aurora(context, database));
  }

  private static Aurora aurora(Context context, String database) {
    Aurora aurora =
        new Aurora(
            database,
            context.capacity("catalogLeastCapacity", 0, 0),
            context.capacity("catalogMostCapacity", 4, 1),
            context.whole("catalogPauseAfterMinutes", 10, 5, 1440));
    if (aurora.leastCapacity() > aurora.mostCapacity()) {
      throw new InvalidContextException(
          "Context value sheaf:catalogLeastCapacity is above sheaf:catalogMostCapacity.");
    }
    return aurora;
  }

  private static Existing existing(Context context, String database, String cluster) {
    return new Existing(
        database,
        cluster,
        context.required(
            "catalogSecretArn", "arn:[a-z-]+:secretsmanager:\\S+", "the ARN of its secret"),
        context.text("catalogEndpoint", "https?://\\S+", "an http or https URL"));
  }
}
