package dev.sheaf.cli.git;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sheaf.bundle.ContentId;
import dev.sheaf.testing.RandomisedTest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import org.eclipse.jgit.lib.ObjectId;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BlobIdsTest {
  @TempDir Path folder;

  @RandomisedTest(seeds = 3)
  void keepsWhatWasAddedOverSeveralRuns(long seed) throws IOException {
    Path file = folder.resolve("sheaf").resolve("blob-ids");
    Random random = new Random(seed);
    Map<ObjectId, BlobIds.Blob> all = new HashMap<>();
    for (int run = 0; run < 3; run++) {
      BlobIds ids = BlobIds.load(file);
      for (int i = 0; i < 2000; i++) {
        ObjectId blob = blob(random);
        all.put(blob, sheafBlob(random));
        ids.add(blob, all.get(blob));
      }
      ids.save();
    }
    BlobIds loaded = BlobIds.load(file);
    all.forEach((blob, known) -> assertThat(loaded.find(blob)).isEqualTo(known));
    assertThat(loaded.find(blob(random))).isNull();
  }

  @Test
  void aDamagedRecordIsForgottenAndAHalfOneOverwritten() throws IOException {
    Path file = folder.resolve("blob-ids");
    Random random = new Random(1);
    ObjectId damaged = blob(random);
    ObjectId whole = blob(random);
    BlobIds.Blob known = sheafBlob(random);
    BlobIds ids = BlobIds.load(file);
    ids.add(damaged, known);
    ids.add(whole, known);
    ids.save();
    byte[] bytes = Files.readAllBytes(file);
    bytes[25] ^= 1;
    Files.write(file, Arrays.copyOf(bytes, bytes.length + 17));

    BlobIds again = BlobIds.load(file);
    assertThat(again.find(damaged)).isNull();
    assertThat(again.find(whole)).isEqualTo(known);
    ObjectId later = blob(random);
    again.add(later, known);
    again.save();
    assertThat(BlobIds.load(file).find(later)).isEqualTo(known);
  }

  private static ObjectId blob(Random random) {
    byte[] raw = new byte[20];
    random.nextBytes(raw);
    return ObjectId.fromRaw(raw);
  }

  private static BlobIds.Blob sheafBlob(Random random) {
    byte[] raw = new byte[32];
    random.nextBytes(raw);
    return new BlobIds.Blob(ContentId.ofBytes(raw), random.nextLong(1L << 40));
  }
}
