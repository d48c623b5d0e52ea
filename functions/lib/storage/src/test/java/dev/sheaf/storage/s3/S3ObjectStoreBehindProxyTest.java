package dev.sheaf.storage.s3;

import dev.sheaf.localstack.servers.LocalServers;
import dev.sheaf.storage.ObjectStore;
import dev.sheaf.storage.wiring.Site;
import java.util.Map;

/** The contract once more, all of it through the SDK: behind a proxy there is no short way. */
class S3ObjectStoreBehindProxyTest extends S3ObjectStoreTest {
  @Override
  protected ObjectStore emptyStore() throws Exception {
    Map<String, String> environment = LocalServers.shared().newSite();
    environment.put("HTTPS_PROXY", "http://proxy.invalid:3128"); // This process has no proxy.
    return Site.from(environment).objects();
  }
}
