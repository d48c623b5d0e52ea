package dev.sheaf.storage.s3;

import dev.sheaf.storage.ObjectStore;
import dev.sheaf.storage.ObjectStoreContract;
import dev.sheaf.storage.PresignedRequests;
import dev.sheaf.storage.TestSites;
import java.net.URI;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The contract, by the real adapter against a local S3 server. */
class S3ObjectStoreTest extends ObjectStoreContract {
  @Override
  protected ObjectStore emptyStore() throws Exception {

    return TestSites.fresh().objects();
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
