package dev.sheaf.localstack.servers.s3.awssdk;

import dev.sheaf.localstack.servers.LocalServers;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

final class S3ServerInAFolderTest
    implements S3ObjectsContract,
        S3ConditionsContract,
        S3ListingContract,
        S3MultipartContract,
        S3PresignedContract {
  @TempDir private Path folder;
  private RunningS3 server;

  @BeforeEach
  void start() throws IOException {
    server = RunningS3.start(LocalServers.builder().folder(folder));
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
