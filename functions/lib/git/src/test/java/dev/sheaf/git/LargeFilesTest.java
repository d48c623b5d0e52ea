package dev.sheaf.git;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.eclipse.jgit.lib.Constants.OBJ_BLOB;

import com.sun.management.ThreadMXBean;
import dev.sheaf.bundle.ErrorKind;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.testing.InMemoryObjectStore;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.List;
import org.eclipse.jgit.internal.storage.dfs.DfsRepository;
import org.eclipse.jgit.lib.ObjectId;
import org.eclipse.jgit.lib.ObjectInserter;
import org.eclipse.jgit.lib.ObjectStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files that are larger than what may be in memory at a time. */
class LargeFilesTest {
  private static final int LENGTH = 60_000_000;
  private static final PackLimits LIMITS = new PackLimits(1 << 28, 1_000, 1 << 26, 100_000);
  private static final byte[] FILE = new byte[LENGTH];

  @TempDir Path temp;

  private final InMemoryObjectStore store = new InMemoryObjectStore();
  private final GitStorage storage = new GitStorage(store);

  @Test
  void aFileComesInAndIsReadBackWithoutEverBeingInMemory() throws IOException {
    byte[] pack = new TestPack().whole(OBJ_BLOB, FILE).bytes();
    ThreadMXBean memory = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long before = memory.getCurrentThreadAllocatedBytes();
    try (ReceivedPack received = receive(pack, List.of())) {
      assertThat(received.ids()).containsExactly(id());
      received.store(store, GitStorageContract.REPO, false);
      DfsRepository repository = storage.open(GitStorageContract.REPO, List.of(received.stored()));
      try (ObjectStream read = repository.open(id()).openStream()) {
        assertThat(read.getSize()).isEqualTo(LENGTH);
        byte[] buffer = new byte[1 << 16];
        long length = 0;
        for (int n = read.read(buffer); n >= 0; n = read.read(buffer)) {
          length += n;
        }
        assertThat(length).isEqualTo(LENGTH);
      }
    }
    assertThat(memory.getCurrentThreadAllocatedBytes() - before).isLessThan(LENGTH / 4);
  }

  /** The parser would take its base into memory, wherever that is. */
  @Test
  void aDeltaOfALargeFileIsRefusedByItsSize() throws IOException {
    TestPack both = new TestPack().whole(OBJ_BLOB, FILE);
    both.delta(id(), TestPack.copies(60_000, 1));
    refused(both.bytes(), List.of());

    StoredPack stored;
    try (ReceivedPack received = receive(new TestPack().whole(OBJ_BLOB, FILE).bytes(), List.of())) {
      received.store(store, GitStorageContract.REPO, false);
      stored = received.stored();
    }
    TestPack thin = new TestPack();
    thin.delta(id(), TestPack.copies(60_000, 1));
    refused(thin.bytes(), List.of(stored));
  }

  private void refused(byte[] pack, List<StoredPack> base) {
    assertThatThrownBy(() -> receive(pack, base).close())
        .isInstanceOfSatisfying(
            SheafException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.TOO_LARGE))
        .hasMessageContaining("60,000,000")
        .hasMessageContaining("core.bigFileThreshold");
    assertThat(temp).isEmptyDirectory();
  }

  private ReceivedPack receive(byte[] pack, List<StoredPack> base) {
    InputStream in = new ByteArrayInputStream(pack);
    return new PackIntake(temp, LIMITS).receive(in, storage.open(GitStorageContract.REPO, base));
  }

  private static ObjectId id() {
    try (ObjectInserter.Formatter formatter = new ObjectInserter.Formatter()) {
      return formatter.idFor(OBJ_BLOB, FILE);
    }
  }
}
