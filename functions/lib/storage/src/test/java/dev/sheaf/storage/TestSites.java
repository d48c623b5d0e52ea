package dev.sheaf.storage;

import dev.sheaf.localstack.servers.LocalServers;
import dev.sheaf.storage.wiring.Site;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;

/** Sites on the local servers, wired as a function wires itself. */
public final class TestSites {
  private TestSites() {}

  /** A site with a bucket and a database of its own. */
  public static Site fresh() throws IOException {
    return Site.from(environment());
  }

  /** The variables of such a site. */
  public static Map<String, String> environment() throws IOException {
    LocalServers servers = LocalServers.shared();
    Map<String, String> environment = new HashMap<>(servers.environment());
    environment.put("SHEAF_BUCKET", servers.newBucket());
    environment.put("SHEAF_CATALOG_ARN", LocalServers.CATALOG_ARN);
    environment.put("SHEAF_CATALOG_SECRET_ARN", servers.catalogSecretArn());
    environment.put("SHEAF_CATALOG_DATABASE", servers.newDatabase());
    return environment;
  }
}
