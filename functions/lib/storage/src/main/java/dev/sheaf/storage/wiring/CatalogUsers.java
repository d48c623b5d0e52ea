package dev.sheaf.storage.wiring;

import dev.sheaf.storage.catalog.Catalog;
import dev.sheaf.storage.rds.DataApiCatalog;
import java.util.Map;

/**
 * A catalog as two of its users see it: the master of its cluster, and the role that the site's
 * functions are. For the function that makes the one by the other; it needs no bucket.
 */
public final class CatalogUsers {
  private static final int CONNECTIONS = 2;

  private final Environment env;
  private final AwsClients clients;

  private CatalogUsers(Map<String, String> environment) {
    this.env = new Environment(environment);
    this.clients = new AwsClients(environment, CONNECTIONS);
  }

  /**
   * Reads which catalog, and who: {@code SHEAF_CATALOG_ARN}, {@code SHEAF_CATALOG_DATABASE}, {@code
   * SHEAF_CATALOG_SECRET_ARN} (the master's), {@code SHEAF_CATALOG_ROLE} and {@code
   * SHEAF_CATALOG_ROLE_SECRET_ARN}. Makes no request.
   */
  public static CatalogUsers from(Map<String, String> environment) {
    return new CatalogUsers(environment);
  }

  /** The name of the role. */
  public String role() {
    return env.required("SHEAF_CATALOG_ROLE", "the name of the role of the site's functions");
  }

  /** The catalog as its master. */
  public Catalog asMaster() {
    return as(env.required("SHEAF_CATALOG_SECRET_ARN", "the ARN of the master's secret"));
  }

  /** The catalog as the role. */
  public Catalog asRole() {
    return as(roleSecretArn());
  }

  /** The text of the role's secret, as it is now. */
  public String roleSecret() {
    return new Secrets(clients::secretsManager).read(roleSecretArn());
  }

  private String roleSecretArn() {
    return env.required("SHEAF_CATALOG_ROLE_SECRET_ARN", "the ARN of the role's secret");
  }

  private Catalog as(String secretArn) {
    DataApiCatalog.Database database =
        new DataApiCatalog.Database(
            env.required("SHEAF_CATALOG_ARN", "the ARN of the cluster"),
            secretArn,
            env.required("SHEAF_CATALOG_DATABASE", "the name of the database"));
    return new DataApiCatalog(clients.rdsData(), database, Machine.SLEEPER);
  }
}
