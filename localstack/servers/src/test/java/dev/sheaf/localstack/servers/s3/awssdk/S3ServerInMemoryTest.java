package dev.sheaf.localstack.servers.s3.awssdk;

import dev.sheaf.localstack.servers.LocalServers;
import java.io.IOException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

final class S3ServerInMemoryTest
    implements S3ObjectsContract,
        S3ConditionsContract,
        S3ListingContract,
        S3MultipartContract,
        S3PresignedContract {

  private RunningS3 server;

  @BeforeEach
  void start() throws IOException {
    server = RunningS3.start(LocalServers.builder());
  }

  @AfterEach
  void stop() {
    server.close();
  }

  @Override
  public RunningS3 server() {
    return server;
  }
}
