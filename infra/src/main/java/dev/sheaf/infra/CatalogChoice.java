package dev.sheaf.infra;

import java.util.Optional;
import java.util.Set;

/** Which database a site keeps its catalog in. */
sealed interface CatalogChoice {

  /** The name of the database inside the cluster. */
  String database();

  /** Whether each question that nobody waits for costs the minutes until it pauses again. */
  default boolean mayPause() {
    return this instanceof Aurora aurora && aurora.pauses();
  }

  /**
   * A new Aurora PostgreSQL Serverless v2 cluster of one writer.
   *
   * @param leastCapacity in Aurora capacity units; 0 lets it pause
   * @param mostCapacity in Aurora capacity units
   * @param pauseAfterMinutes without a connection
   */
  record Aurora(String database, double leastCapacity, double mostCapacity, int pauseAfterMinutes)
      implements CatalogChoice {

    boolean pauses() {
      return leastCapacity == 0;
    }

    /**
     * How many connections Aurora allows, rather less than more: it counts from the greatest
     * memory, and stays at 2,000 for a cluster that begins small.
     */
    int connections() {
      return (int) Math.min(mostCapacity * 189, leastCapacity <= 0.5 ? 2_000 : 5_000);
    }
  }

  /**
   * A cluster that exists, with the Data API enabled, and the database in it.
   *
   * @param endpoint of the Data API, if it is not AWS's own
   */
  record Existing(String database, String cluster, Access access, Optional<String> endpoint)
      implements CatalogChoice {}

  /** Who a site is in a cluster that exists. */
  sealed interface Access {
    /**
     * The stack makes a role of its own.
     *
     * @param secret of a user who may make roles and owns the database; read at deploys alone
     */
    record Master(String secret) implements Access {}

    /**
     * Somebody has made a role, which owns its tables.
     *
     * @param secret of the role
     */
    record Role(String secret) implements Access {}
  }

  /** What Postgres keeps for itself, and what no statement could name without quotes. */
  Set<String> RESERVED =
      Set.of(
          ("all analyse analyze and any array as asc asymmetric both case cast check collate column"
                  + " constraint create current_catalog current_date current_role current_time"
                  + " current_timestamp current_user default deferrable desc distinct do else end"
                  + " except false fetch for foreign from grant group having in initially intersect"
                  + " into lateral leading limit localtime localtimestamp not null offset on only or"
                  + " order placing primary references returning select session_user some symmetric"
                  + " system_user table then to trailing true union unique user using variadic when"
                  + " where window with postgres rdsadmin template0 template1")
              .split(" "));

  static CatalogChoice from(Context context) {
    String database =
        context.text("catalogDatabase", "[a-z][a-z0-9_]{0,62}", DATABASE_NAMES).orElse("sheaf");
    if (RESERVED.contains(database)) {
      throw Context.invalid("catalogDatabase", database, DATABASE_NAMES);
    }
    return context
        .text("catalogArn", CLUSTER, "the ARN of a cluster")
        .<CatalogChoice>map(cluster -> existing(context, database, cluster))
        .orElseGet(() -> aurora(context, database));
  }

  String DATABASE_NAMES =
      "1 to 63 of a-z, 0-9 and _, a letter first, no word that Postgres reserves";

  String CLUSTER = "arn:aws[a-z-]*:rds:[a-z0-9-]+:[0-9]{12}:cluster:[A-Za-z0-9-]{1,63}";

  String SECRET =
      "arn:aws[a-z-]*:secretsmanager:[a-z0-9-]+:[0-9]{12}:secret:[A-Za-z0-9/_+=.@!-]{1,519}";

  private static Aurora aurora(Context context, String database) {
    double least = context.capacity("catalogLeastCapacity", 0, 0);
    double most = context.capacity("catalogMostCapacity", 4, 1);
    if (least > most) {
      throw new InvalidContextException(
          "Context value sheaf:catalogLeastCapacity is above sheaf:catalogMostCapacity.");
    }
    // Asked for only where it means something: elsewhere it is refused as unknown.
    int pause = least > 0 ? 0 : context.whole("catalogPauseAfterMinutes", 10, 5, 1440);
    return new Aurora(database, least, most, pause);
  }

  private static Existing existing(Context context, String database, String cluster) {
    return new Existing(
        database,
        cluster,
        access(context),
        context.text("catalogEndpoint", "https?://\\S+", "an http or https URL"));
  }

  private static Access access(Context context) {
    Optional<String> master = context.text("catalogMasterSecretArn", SECRET, "the ARN of a secret");
    Optional<String> role = context.text("catalogRoleSecretArn", SECRET, "the ARN of a secret");
    if (master.isPresent() == role.isPresent()) {
      throw new InvalidContextException(
          "With sheaf:catalogArn set one of two context values: sheaf:catalogMasterSecretArn (the"
              + " ARN of the secret of a user who makes a role for the site, once a deploy) or"
              + " sheaf:catalogRoleSecretArn (the ARN of the secret of a role that exists).");
    }
    return master
        .<Access>map(Access.Master::new)
        .orElseGet(() -> new Access.Role(role.orElseThrow()));
  }
}
