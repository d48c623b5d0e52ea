package dev.sheaf.localstack.servers.s3.awssdk;

import dev.sheaf.localstack.servers.Clients;
import dev.sheaf.localstack.servers.LocalServers;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import software.amazon.awssdk.services.s3.S3Client;

/**
 * A server with one bucket, and a client of it.
 *
 * @param created what the listener was told
 */
record RunningS3(LocalServers servers, S3Client client, List<ObjectCreated> created)
    implements AutoCloseable {
  static final String BUCKET = "bucket";

  /**
   * @param builder says where the server keeps its objects
   */
  static RunningS3 start(LocalServers.Builder builder) throws IOException {
    List<ObjectCreated> created = new CopyOnWriteArrayList<>();
    LocalServers servers = builder.s3().onObjectCreated(created::add).start();
    servers.s3().createBucket(BUCKET);
    return new RunningS3(servers, Clients.s3(servers), created);
  }

  @Override
  public void close() {
    client.close();
    servers.close();
  }
}
