package dev.sheaf.cli.restore;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sheaf.bundle.Content;
import dev.sheaf.bundle.FileContent;
import dev.sheaf.testing.RandomisedTest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import org.eclipse.jgit.lib.Constants;
import org.eclipse.jgit.lib.ObjectId;
import org.eclipse.jgit.lib.Repository;
import org.eclipse.jgit.storage.file.FileRepositoryBuilder;
import org.junit.jupiter.api.io.TempDir;

class PackFileTest {
  @TempDir Path folder;

  @RandomisedTest(seeds = 5)
  void gitReadsWhatWasWritten(long seed) throws IOException {
    Random random = new Random(seed);
    Map<ObjectId, byte[]> written = new LinkedHashMap<>();
    RepositoryFolder repository =
        RepositoryFolder.create(Files.createDirectories(folder.resolve("r")), true);
    Path packs = Files.createDirectories(repository.objects().resolve("pack"));
    try (PackFile pack = new PackFile(folder.resolve("pack"));
        ObjectPacker packer = new ObjectPacker(folder)) {
      ObjectPacker.Base base = ObjectPacker.Base.NONE;
      byte[] content = new byte[0];
      for (int i = 0; i < 120; i++) {
        content = random.nextInt(10) == 0 ? noise(random) : edited(content, random);
        Content shared = inFileAtTimes(content, random);
        ObjectId id = packer.name(Constants.OBJ_BLOB, shared);
        pack.append(packer.pack(id, Constants.OBJ_BLOB, shared, base));
        pack.append(packer.pack(id, Constants.OBJ_BLOB, shared, ObjectPacker.Base.NONE));
        base = ObjectPacker.Base.of(id, Content.of(content));
        written.put(id, content);
        if (random.nextInt(10) == 0) {
          assertThat(pack.read(id)).isEqualTo(content);
        }
      }
      assertThat(pack.size()).isEqualTo(written.size());
      pack.finish(packs);
    }
    try (Repository git =
        new FileRepositoryBuilder().setGitDir(repository.gitFolder().toFile()).build()) {
      for (Map.Entry<ObjectId, byte[]> object : written.entrySet()) {
        assertThat(git.open(object.getKey()).getCachedBytes(Integer.MAX_VALUE))
            .isEqualTo(object.getValue());
      }
    }
  }

  private Content inFileAtTimes(byte[] content, Random random) throws IOException {
    if (random.nextInt(5) != 0) {
      return Content.of(content);
    }
    Path file = Files.write(Files.createTempFile(folder, "content-", null), content);
    return new FileContent(file, content.length);
  }

  private static byte[] noise(Random random) {
    byte[] noise = new byte[random.nextInt(400_000)];
    random.nextBytes(noise);
    return noise;
  }

  private static byte[] edited(byte[] content, Random random) {
    byte[] edited = Arrays.copyOf(content, content.length + random.nextInt(50));
    for (int i = 0; i < 5 && edited.length > 0; i++) {
      edited[random.nextInt(edited.length)] = (byte) random.nextInt();
    }
    return edited;
  }
}
