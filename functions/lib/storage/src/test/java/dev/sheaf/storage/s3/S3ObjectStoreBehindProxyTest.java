package dev.sheaf.storage.s3;

import java.util.Map;

/** The contracts once more, all of it through the SDK: behind a proxy there is no short way. */
class S3ObjectStoreBehindProxyTest extends S3ObjectStoreTest {
  @Override
  Map<String, String> environment() {
    Map<String, String> environment = super.environment();
    environment.put("HTTPS_PROXY", "http://proxy.invalid:3128"); // This process has no proxy.
    return environment;
  }
}
