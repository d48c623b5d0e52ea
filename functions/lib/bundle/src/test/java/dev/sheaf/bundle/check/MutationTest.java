package dev.sheaf.bundle.check;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sheaf.bundle.Content;
import dev.sheaf.bundle.ContentId;
import dev.sheaf.bundle.Samples;
import dev.sheaf.bundle.Seeds;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.bundle.Vectors;
import dev.sheaf.bundle.codec.BundleWriter;
import dev.sheaf.bundle.codec.ObjectEncoder;
import dev.sheaf.bundle.codec.RawObject;
import dev.sheaf.bundle.history.IdDialect;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Damaged bundles: the answer is a {@link SheafException} or a finding, never another exception,
 * and neither memory nor files grow.
 */
final class MutationTest {
  private static final int MUTATIONS = 25;
  private static final long MAX_ALLOCATED = 100L << 20;
  private static final com.sun.management.ThreadMXBean THREADS =
      (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();

  @TempDir Path directory;

  @ParameterizedTest(name = "seed {0}")
  @MethodSource("dev.sheaf.bundle.Seeds#seeds")
  void damageIsRefused(long seed) throws IOException {
    RandomGenerator random = Seeds.random(seed);
    for (byte[] wire : bundles(random)) {
      for (int i = 0; i < MUTATIONS; i++) {
        survive(mutated(wire, random));
      }
    }
    try (Stream<Path> left = Files.list(directory)) {
      assertThat(left).isEmpty();
    }
  }

  private void survive(byte[] wire) throws IOException {
    long before = THREADS.getCurrentThreadAllocatedBytes();
    try {
      Expected.inspect(wire, directory);
    } catch (SheafException e) {
      assertThat(e.getMessage()).isNotBlank();
    }
    assertThat(Expected.verify(wire, directory).findings()).isNotNull();
    assertThat(THREADS.getCurrentThreadAllocatedBytes() - before).isLessThan(MAX_ALLOCATED);
  }

  private List<byte[]> bundles(RandomGenerator random) throws IOException {
    List<byte[]> bundles = new ArrayList<>();
    Vectors.NAMES.forEach(name -> bundles.add(Vectors.bundle(name)));
    Samples sample = Samples.random(random, IdDialect.PREFIXED, 10);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    write(sample, BundleWriter.to(out, IdDialect.PREFIXED));
    bundles.add(out.toByteArray());
    return bundles;
  }

  private void write(Samples sample, BundleWriter writer) throws IOException {
    try (ObjectEncoder encoder = new ObjectEncoder(1, directory)) {
      writer.history(sample.history(), sample.objects().size());
      for (Map.Entry<ContentId, byte[]> object : sample.objects().entrySet()) {
        Content content = Content.of(object.getValue());
        writer.object(encoder.encode(new RawObject(object.getKey(), content, null)));
      }
      writer.finish();
    }
  }

  /** One to four changes: bits, bytes that mean much in MessagePack, pieces lost or repeated. */
  private static byte[] mutated(byte[] wire, RandomGenerator random) {
    byte[] bytes = wire.clone();
    for (int i = random.nextInt(4); i >= 0; i--) {
      int at = random.nextInt(bytes.length);
      int piece = Math.min(random.nextInt(64), bytes.length - at);
      switch (random.nextInt(5)) {
        case 0 -> bytes[at] ^= (byte) (1 << random.nextInt(8));
        case 1 -> bytes[at] = (byte) (0xc0 + random.nextInt(0x20));
        case 2 -> bytes = without(bytes, at, piece);
        case 3 -> bytes = repeated(bytes, at, piece);
        default -> {
          for (int b = 0; b < piece; b++) {
            bytes[at + b] = (byte) random.nextInt();
          }
        }
      }
      if (bytes.length == 0) {
        return bytes;
      }
    }
    return random.nextInt(10) == 0 ? Arrays.copyOf(bytes, random.nextInt(bytes.length)) : bytes;
  }

  private static byte[] without(byte[] bytes, int at, int length) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(bytes, 0, at);
    out.write(bytes, at + length, bytes.length - at - length);
    return out.toByteArray();
  }

  private static byte[] repeated(byte[] bytes, int at, int length) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(bytes, 0, at + length);
    out.write(bytes, at, bytes.length - at);
    return out.toByteArray();
  }
}
