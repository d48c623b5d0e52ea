package dev.sheaf.localstack.servers.s3.awssdk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicLong;
import org.gaul.s3proxy.S3ProxyException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The last of a disk is the database's, which gives up without it. */
class FullDiskTest {
  @TempDir private Path folder;

  private final AtomicLong usable = new AtomicLong(64L << 20);

  @Test
  void nothingIsTakenWhileThereIsNoRoomAndEverythingAfterwards() throws IOException {
    try (FolderVault vault = new FolderVault(folder, usable::get)) {
      take(vault);
      usable.decrementAndGet();
      assertThatThrownBy(() -> take(vault))
          .isInstanceOf(S3ProxyException.class)
          .hasMessageContaining("less than 64 MiB left; make room");
      usable.incrementAndGet();
      take(vault);
    }
  }

  private static void take(FolderVault vault) throws IOException {
    try (Body body = vault.receive(new ByteArrayInputStream(new byte[10]))) {
      assertThat(body.size()).isEqualTo(10);
    }
  }
}
