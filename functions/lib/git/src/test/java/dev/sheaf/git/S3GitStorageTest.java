package dev.sheaf.git;

import dev.sheaf.localstack.servers.LocalServers;
import dev.sheaf.storage.ObjectStore;
import dev.sheaf.storage.wiring.Site;
import java.io.IOException;

/** By the real adapter, against a local S3 server. */
class S3GitStorageTest extends GitStorageContract {
  @Override
  ObjectStore emptyStore() throws IOException {
    return Site.from(LocalServers.shared().newSite()).objects();
  }
}
