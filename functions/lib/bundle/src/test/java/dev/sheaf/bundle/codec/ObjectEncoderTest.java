package dev.sheaf.bundle.codec;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sheaf.bundle.Content;
import dev.sheaf.bundle.ContentId;
import dev.sheaf.bundle.FileContent;
import dev.sheaf.bundle.Seeds;
import dev.sheaf.bundle.history.Ids;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Objects that are compressed one by one, and come back on any thread. */
final class ObjectEncoderTest {
  private static final int MIB = 1 << 20;
  @TempDir Path directory;

  @Test
  void whatGainsNothingStaysRaw() throws IOException {
    byte[] noise = new byte[1000];
    Seeds.random(1).nextBytes(noise);
    try (ObjectEncoder encoder = new ObjectEncoder(3, directory)) {
      assertThat(encoder.encode(raw(noise)).encoding()).isEqualTo(Encoding.RAW);
      assertThat(encoder.encode(raw(new byte[0])).encoding()).isEqualTo(Encoding.RAW);
      assertThat(encoder.encode(raw(new byte[1000])).encoding()).isEqualTo(Encoding.ZSTD);
    }
  }

  @Test
  void largeObjectsAreCompressedInFiles() throws IOException {
    byte[] large = new byte[40 * MIB];
    RandomGenerator random = Seeds.random(3);
    for (int i = 0; i < large.length; i += 3) {
      large[i] = (byte) random.nextInt();
    }
    Path file = Files.write(directory.resolve("large"), large);
    ContentId id = Ids.object(large);
    try (ObjectEncoder encoder = new ObjectEncoder(3, directory)) {
      WireObject encoded =
          encoder.encode(new RawObject(id, new FileContent(file, large.length), null));
      assertThat(encoded.encoding()).isEqualTo(Encoding.ZSTD);
      assertThat(encoded.wire()).isInstanceOf(FileContent.class);
      received(encoded).decode(object -> assertThat(Ids.object(object.content())).isEqualTo(id));
    }
    Files.delete(file);
    try (Stream<Path> left = Files.list(directory)) {
      assertThat(left).isEmpty();
    }
  }

  @Test
  void objectsDecodeInParallelAndRepeatedly() throws IOException {
    List<ReceivedObject> objects = new ArrayList<>();
    try (ObjectEncoder encoder = new ObjectEncoder(3, directory)) {
      for (int i = 0; i < 100; i++) {
        objects.add(
            received(encoder.encode(raw(("line " + i + "\n").repeat(50 * i).getBytes(UTF_8)))));
      }
    }
    objects.addAll(List.copyOf(objects));
    assertThat(objects.parallelStream().filter(ObjectEncoderTest::isSound)).hasSize(200);
  }

  private static boolean isSound(ReceivedObject object) {
    boolean[] sound = {false};
    try {
      object.decode(raw -> sound[0] = Ids.object(raw.content()).equals(raw.id()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return sound[0];
  }

  private static RawObject raw(byte[] content) {
    return new RawObject(Ids.object(content), Content.of(content), null);
  }

  private ReceivedObject received(WireObject object) {
    return new ReceivedObject(
        object,
        BundleLimits.DEFAULT,
        new Spool(directory, BundleLimits.DEFAULT.memoryBytes()),
        new InflationBudget(
            new WireInput(InputStream.nullInputStream(), false), BundleLimits.DEFAULT));
  }
}
