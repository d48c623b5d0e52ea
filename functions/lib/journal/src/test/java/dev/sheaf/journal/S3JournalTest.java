package dev.sheaf.journal;

import dev.sheaf.localstack.servers.LocalServers;
import dev.sheaf.storage.ObjectStore;
import dev.sheaf.storage.wiring.Site;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.TestInstance;

/** The journal over the real S3 client against an S3 server in this process. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class S3JournalTest extends JournalContract {
  private LocalServers servers;
  private ObjectStore bucket;

  @BeforeAll
  void start() throws IOException {
    servers = LocalServers.builder().s3().start();
  }

  @BeforeEach
  void newBucket() throws IOException {
    Map<String, String> environment = new HashMap<>(servers.environment());
    environment.put("SHEAF_BUCKET", servers.newBucket());
    bucket = Site.from(environment).objects();
  }

  @AfterAll
  void stop() {
    servers.close();
  }

  @Override
  Journal openBackend(String namespace) {
    return Journal.open(bucket, Namespace.of(namespace), JournalOptions.forFunction());
  }
}
