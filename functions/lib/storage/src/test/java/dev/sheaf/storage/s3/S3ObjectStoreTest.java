package dev.sheaf.storage.s3;

import dev.sheaf.localstack.servers.LocalServers;
import dev.sheaf.storage.ObjectDeleteContract;
import dev.sheaf.storage.ObjectListContract;
import dev.sheaf.storage.ObjectReadContract;
import dev.sheaf.storage.ObjectStore;
import dev.sheaf.storage.ObjectWriteContract;
import dev.sheaf.storage.PresignContract;
import dev.sheaf.storage.PresignedRequests;
import dev.sheaf.storage.wiring.Site;
import java.net.URI;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;

/** The contracts, by the real adapter against a local S3 server. */
class S3ObjectStoreTest
    implements ObjectWriteContract,
        ObjectReadContract,
        ObjectListContract,
        ObjectDeleteContract,
        PresignContract {
  private ObjectStore store;

  @BeforeEach
  final void makeStore() {
    store = Site.from(environment()).objects();
  }

  /** Of a site with an empty bucket. */
  Map<String, String> environment() {
    return LocalServers.shared().newSite();
  }

  @Override
  public ObjectStore store() {
    return store;
  }

  @Override
  public int upload(ObjectStore.PresignedPut put, Map<String, String> headers, byte[] body)
      throws Exception {
    return PresignedRequests.put(put.url(), headers, body);
  }

  @Override
  public byte @Nullable [] download(URI url) throws Exception {
    return PresignedRequests.get(url);
  }
}
