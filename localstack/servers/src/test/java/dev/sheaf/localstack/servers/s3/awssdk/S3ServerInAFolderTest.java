package dev.sheaf.localstack.servers.s3.awssdk;

import dev.sheaf.localstack.servers.LocalServers;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;

final class S3ServerInAFolderTest extends S3ServerContract {
  @TempDir private Path folder;

  @Override
  LocalServers.Builder place(LocalServers.Builder builder) {
    return builder.folder(folder);
  }
}
