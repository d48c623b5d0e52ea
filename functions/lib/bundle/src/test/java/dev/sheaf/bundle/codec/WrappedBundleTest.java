package dev.sheaf.bundle.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.github.luben.zstd.Zstd;
import dev.sheaf.bundle.Content;
import dev.sheaf.bundle.ContentId;
import dev.sheaf.bundle.FileContent;
import dev.sheaf.bundle.Seeds;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.bundle.Vectors;
import dev.sheaf.bundle.history.History;
import dev.sheaf.bundle.history.IdDialect;
import dev.sheaf.bundle.history.Ids;
import dev.sheaf.bundle.msgpack.Msgpack;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A bundle inside a zstd stream. */
final class WrappedBundleTest {
  @TempDir Path directory;

  @Test
  void anyFramesWillDo() throws IOException {
    byte[] plain = Vectors.bundle("v2-small");
    ByteArrayOutputStream frames = new ByteArrayOutputStream();
    int third = plain.length / 3;
    frames.writeBytes(Zstd.compress(Arrays.copyOfRange(plain, 0, third)));
    frames.writeBytes(Zstd.compress(Arrays.copyOfRange(plain, third, third), 1));
    frames.writeBytes(Zstd.compress(Arrays.copyOfRange(plain, third, plain.length), 19));

    Collected wrapped = new Collected();
    BundleSummary summary = read(frames.toByteArray(), wrapped);

    assertThat(wrapped.known()).isEqualTo(Collected.read(plain, directory).known());
    assertThat(summary.sha256()).isEqualTo(Ids.object(frames.toByteArray()));
    assertThat(summary.sizeBytes()).isEqualTo(frames.size());
  }

  @Test
  void historyIsMuchSmallerAndContentIsNotLarger() throws IOException {
    History history = Collected.read(Vectors.bundle("v2-small-mwp"), directory).known();
    byte[] noise = new byte[1_000_000];
    Seeds.random(1).nextBytes(noise);
    ByteArrayOutputStream plain = new ByteArrayOutputStream();
    ByteArrayOutputStream wrapped = new ByteArrayOutputStream();
    for (BundleWriter writer :
        List.of(
            BundleWriter.plain(plain, IdDialect.BARE),
            BundleWriter.compressing(wrapped, IdDialect.BARE, 6))) {
      writer.history(history, 1);
      writer.object(WireObject.raw(Ids.object(noise), Content.of(noise)));
      writer.finish();
    }
    int plainHistory = plain.size() - noise.length;
    int wrappedHistory = wrapped.size() - noise.length;
    assertThat(wrappedHistory).isLessThan(plainHistory / 4);
    Collected read = new Collected();
    read(wrapped.toByteArray(), read);
    assertThat(read.objects().get(Ids.object(noise))).isEqualTo(noise);
  }

  /** Contents in files, larger than any buffer, between objects that are compressed. */
  @Test
  void largeContentsAreStoredBetweenFrames() throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    BundleWriter writer = BundleWriter.compressing(out, IdDialect.PREFIXED, 3);
    List<Integer> sizes = List.of(0, 10, 65_536, 65_537, 131_072, 131_073, 10_000_000, 5);
    writer.history(History.of(List.of(), List.of(), Map.of()), sizes.size());
    for (int size : sizes) {
      byte[] content = new byte[size];
      Path file = Files.write(directory.resolve("content"), content);
      ContentId id = Ids.object(content);
      writer.object(WireObject.raw(id, new FileContent(file, size)));
    }
    writer.finish();
    Files.delete(directory.resolve("content"));
    Collected read = Collected.read(out.toByteArray(), directory);
    assertThat(read.objects().values().stream().map(content -> content.length))
        .containsExactlyElementsOf(sizes);
  }

  @Test
  void bombIsRefused() {
    byte[] bomb = Zstd.compress(Msgpack.encode(Map.of("x", new byte[200 << 20])));
    assertThatThrownBy(() -> read(bomb, new BundleSink() {}))
        .isInstanceOf(SheafException.class)
        .hasMessageContaining("inflates beyond the limits inflatedRatio and streamSlackBytes");
  }

  @Test
  void damageIsRefused() {
    byte[] sound = Zstd.compress(Vectors.bundle("v1-tiny"));
    for (int cut = 1; cut < sound.length - 4; cut += 97) {
      byte[] shorter = Arrays.copyOf(sound, sound.length - cut);
      assertThatThrownBy(() -> read(shorter, new BundleSink() {}))
          .isInstanceOf(SheafException.class)
          .hasMessageContaining("cut short");
    }
    byte[] longer = Arrays.copyOf(sound, sound.length + 1);
    assertThatThrownBy(() -> read(longer, new BundleSink() {}))
        .isInstanceOf(SheafException.class)
        .hasMessageContaining("the zstd stream around the bundle is corrupt");
    byte[] twice = Arrays.copyOf(sound, 2 * sound.length);
    System.arraycopy(sound, 0, twice, sound.length, sound.length);
    assertThatThrownBy(() -> read(twice, new BundleSink() {}))
        .isInstanceOf(SheafException.class)
        .hasMessageContaining("more bytes follow");
  }

  /** A connection that breaks is not the bundle's fault: it must not look permanent. */
  @Test
  void brokenConnectionIsToldFromABrokenBundle() {
    for (byte[] wire :
        List.of(Vectors.bundle("v1-tiny"), Zstd.compress(Vectors.bundle("v1-tiny")))) {
      InputStream sound = new ByteArrayInputStream(wire, 0, wire.length - 1000);
      InputStream breaking = new SequenceInputStream(sound, new Broken());
      assertThatThrownBy(
              () -> BundleReader.spoolingTo(directory).read(breaking, new BundleSink() {}))
          .isInstanceOf(EOFException.class)
          .hasMessage("connection reset");
    }
  }

  /** Fails as HTTP clients do when the other side goes away. */
  private static final class Broken extends InputStream {
    @Override
    public int read() throws IOException {
      throw new EOFException("connection reset");
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
      throw new EOFException("connection reset");
    }
  }

  private BundleSummary read(byte[] wire, BundleSink sink) throws IOException {
    return BundleReader.spoolingTo(directory).read(new ByteArrayInputStream(wire), sink);
  }
}
