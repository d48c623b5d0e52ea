package dev.sheaf.localstack.servers.s3.awssdk;

import dev.sheaf.localstack.servers.LocalServers;

final class S3ServerInMemoryTest extends S3ServerContract {
  @Override
  LocalServers.Builder place(LocalServers.Builder builder) {
    return builder;
  }
}
