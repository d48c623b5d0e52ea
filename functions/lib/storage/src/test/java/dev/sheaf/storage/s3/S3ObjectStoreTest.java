package dev.sheaf.storage.s3;

import dev.sheaf.localstack.servers.LocalServers;
import dev.sheaf.storage.ObjectStore;
import dev.sheaf.storage.ObjectStoreContract;
import dev.sheaf.storage.PresignedRequests;
import dev.sheaf.storage.wiring.Site;
import java.net.URI;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The contract, by the real adapter against a local S3 server. */
class S3ObjectStoreTest extends ObjectStoreContract {
  @Override
  protected ObjectStore emptyStore() throws Exception {

    return Site.from(LocalServers.shared().newSite()).objects();
  }

  @Override
  protected int upload(
      ObjectStore store, ObjectStore.PresignedPut put, Map<String, String> headers, byte[] body)
      throws Exception {
    return PresignedRequests.put(put.url(), headers, body);
  }

  @Override
  protected byte @Nullable [] download(ObjectStore store, URI url) throws Exception {
    return PresignedRequests.get(url);
  }
}
